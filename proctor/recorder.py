"""Writes one camera's folder: ledger, events.jsonl, evidence. The ledger comes first."""

import time
from collections.abc import Callable
from datetime import datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from av.video.stream import VideoStream
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from proctor.erasure import Holds, beyond, receipt, remove
from proctor.events import EventBook, no_evidence
from proctor.fusion import Change, Turn
from proctor.keeper import ClipKeeper, Kept
from proctor.kinds import RULES, Kind, Place, Severity
from proctor.ledger.lines import FORMAT, PROFILES, LineType, Payload
from proctor.ledger.writer import LedgerWriter
from proctor.models import store
from proctor.orphans import left_behind
from proctor.packets import VideoPacket
from proctor.seal import EvidenceKey
from proctor.settings import Settings
from proctor.source import Piece
from proctor.stills import Seen
from proctor.trace import Tracer

EVENTS_FORMAT = "kaochang-events/1"
_CHECKPOINT_EVERY = 60.0
_LINES = {
    Change.OPENED: LineType.OPENED,
    Change.UPDATED: LineType.UPDATED,
    Change.CLOSED: LineType.CLOSED,
}
OnEvent = Callable[[dict[str, Any]], None]


class Recorder:
    """The one writer of a folder. `origin` is where its timeline goes on, in seconds."""

    def __init__(
        self,
        folder: Path,
        settings: Settings,
        *,
        clock: Callable[[], datetime],
        key: Ed25519PrivateKey | None,
        on_event: OnEvent | None,
        seal: Callable[[], EvidenceKey] | None = None,
    ) -> None:
        """Open or continue the folder; raises as LedgerWriter does.

        seal: asked for each event for the key that seals its files; None leaves them plain.
        """
        self._folder, self._settings, self._on_event = folder, settings, on_event
        self._clock = clock
        self._ledger = LedgerWriter(folder, clock=clock, key=key)
        self._book = EventBook()
        for line in self._ledger.lines:
            self._book.take(line)
        self._ledger.lines.clear()
        self._open: dict[Place, int] = {}
        self._signed = time.monotonic()
        self.origin = self._begin()
        self._keeper = ClipKeeper(
            folder,
            origin=self.origin,
            limit=settings.clip_limit,
            seal=seal,
            done=self._kept,
            failed=self._not_kept,
        )

    def _begin(self) -> float:
        """Write what the last worker left unsaid, and the start; returns the origin in seconds.

        The timeline of a continued folder goes on by the wall clock, and where that was set back
        from the last known millisecond.
        """
        origin_ms = self._book.last_ms
        known = self._book.wall_origin()
        if known is not None:
            passed = self._clock() - known[1]
            origin_ms = max(origin_ms, known[0] + round(passed.total_seconds() * 1000))
            self._gap(self._book.last_ms, origin_ms, "not running")
        self._keep_profile()
        self._append(
            LineType.START,
            {
                "formats": {"ledger": FORMAT, "events": EVENTS_FORMAT},
                "versions": dict(_versions()),
                "stream": self._settings.stream,
                "profile_sha256": self._settings.sha256(),
                "weights_sha256": store.weights_sha256(),
                "origin_ms": origin_ms,
            },
        )
        if known is not None:
            self._settle_orphans()
        self._ledger.checkpoint()
        self._write_events()
        return origin_ms / 1000

    def _keep_profile(self) -> None:
        """Put the profile that the start line names by its hash beside the ledger."""
        path = self._folder / PROFILES / f"{self._settings.sha256()}.json"
        if not path.exists():
            path.parent.mkdir(exist_ok=True)
            draft = path.with_suffix(".draft")
            draft.write_bytes(self._settings.profile())
            draft.replace(path)

    def _settle_orphans(self) -> None:
        """Close events and record clips that a killed worker left open."""
        for event in self._book.open_events():
            payload = {name: event[name] for name in _EVENT_FIELDS}
            self._append(LineType.CLOSED, payload)
        remove(self._folder, self._book.erased)
        for left in left_behind(self._folder, self._book):
            if not left.clip:
                self._not_kept(left.event, "its worker was killed before the clip held a picture")
            if left.kept is not None:
                self._evidence(left.kept)

    @property
    def tracer(self) -> Tracer:
        """Where what was measured is noted."""
        return self._keeper.tracer

    def seen(self, seen: Seen) -> None:
        """Take an analysed picture for the stills."""
        self._keeper.look(seen)

    def remember(self, time: float, packed: bytes) -> None:
        """Take what the watch remembers just before the look at `time`."""
        self._keeper.remember(time, packed)

    def packet(self, piece: Piece, packet: VideoPacket, template: VideoStream) -> None:
        """Take a packet for the ring and the running clips."""
        self._keeper.take(piece, packet, template)

    def turn(self, turn: Turn, facts: dict[str, int]) -> None:
        """Write what happened to a stretch, and start or end its clip."""
        place = (turn.kind, turn.seat)
        if turn.change is Change.OPENED:
            self._open[place] = self._book.next_number()
        number = self._open[place]
        self._append(_LINES[turn.change], self._payload(number, turn, facts))
        if turn.change is Change.OPENED:
            self._keeper.begin(number, place, turn.start)
        if turn.change is Change.CLOSED:
            del self._open[place]
            self._keeper.closing(number, turn.end)
            self._write_events()

    def instant(self, kind: Kind, start: float, end: float, facts: dict[str, int]) -> None:
        """Write an event that is over when it is known."""
        severity = Severity.NOTICE if RULES[kind].only_notice else Severity.ALERT
        for change in (Change.OPENED, Change.CLOSED):
            self.turn(Turn(change, kind, start, end, 1.0, severity), facts)

    def gap(self, start: float, end: float, reason: str) -> None:
        """Write that nothing can be said about a stretch (seconds)."""
        self._gap(round(start * 1000), round(end * 1000), reason)

    def breathe(self) -> None:
        """Sign the head when a minute has passed."""
        if time.monotonic() - self._signed >= _CHECKPOINT_EVERY:
            self._signed = time.monotonic()
            self._ledger.checkpoint()

    def end(self, frames: int, analysed: int, skipped: int) -> None:
        """Finish clips, write the end and its signature."""
        self._keeper.finish()
        self._ledger.end({"frames": frames, "analysed": analysed, "skipped": skipped})
        self._write_events()

    def _write_events(self) -> None:
        self._book.write(self._folder)
        self._book.settle(with_evidence=self._settings.keep_bytes is None)

    def close(self) -> None:
        """Let the folder go."""
        self._ledger.close()

    def _payload(self, number: int, turn: Turn, facts: dict[str, int]) -> Payload:
        return {
            "event": number,
            "kind": str(turn.kind),
            "group": str(RULES[turn.kind].group),
            "seat": turn.seat or self._settings.seat,
            "start_ms": round(turn.start * 1000),
            "end_ms": round(turn.end * 1000),
            "severity": str(turn.severity),
            "confidence_pm": round(turn.confidence * 1000),
            "facts": dict(facts),
        }

    def _kept(self, kept: Kept) -> None:
        if kept.missing is not None:
            self.gap(*kept.missing, "evidence begins late: no keyframe before")
        self._evidence(kept)
        self._keep_to_budget()

    def _keep_to_budget(self) -> None:
        """Erase the oldest finished clips that the settings have no room for."""
        budget = self._settings.keep_bytes
        if budget is None:
            return
        holds = Holds.of(self._folder, self._settings.held)
        paths = beyond(self._book, self._folder, keep_bytes=budget, holds=holds)
        if paths:
            said = receipt(paths, rule=f"keep_bytes {budget}", authorised="settings")
            self._append(LineType.ERASED, said)
            remove(self._folder, paths)
            self._write_events()

    def _evidence(self, kept: Kept) -> None:
        payload: Payload = {
            "event": kept.event,
            "path": kept.path,
            "bytes": kept.bytes,
            "sha256": kept.sha256,
        }
        if kept.start is not None:
            payload["start_ms"] = round(kept.start * 1000)
        if kept.attached:
            payload["attached"] = dict(kept.attached)
        if kept.key_id is not None:
            payload["key_id"] = kept.key_id
        self._append(LineType.EVIDENCE, payload)
        self._write_events()

    def _not_kept(self, event: int, reason: str) -> None:
        started = (x["start_ms"] for x in self._book.all_events() if x["event"] == event)
        start = next(started, self._book.last_ms)
        self._gap(start, self._book.last_ms, f"{no_evidence(event)}: {reason}")

    def _gap(self, start_ms: int, end_ms: int, reason: str) -> None:
        self._append(LineType.GAP, {"start_ms": start_ms, "end_ms": end_ms, "reason": reason})

    def _append(self, kind: LineType, payload: Payload) -> None:
        line = self._ledger.append(kind, payload)
        self._book.take(line)
        if kind in _TOLD and self._on_event is not None:
            self._on_event(line)


_EVENT_FIELDS = (
    "event",
    "kind",
    "group",
    "seat",
    "start_ms",
    "end_ms",
    "severity",
    "confidence_pm",
    "facts",
)
_TOLD = frozenset({LineType.OPENED, LineType.UPDATED, LineType.CLOSED, LineType.EVIDENCE})


@cache
def _versions() -> dict[str, int | str]:
    packages = ("av", "opencv-python-headless", "onnxruntime", "numpy")
    return {name: version(name) for name in packages}
