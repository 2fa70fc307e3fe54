"""Keeps the ring and writes one clip for each event, from 10 s before to 5 s after."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
from av.video.stream import VideoStream

from proctor import recall
from proctor.evidence import Clip
from proctor.exhibits import Exhibits
from proctor.kinds import Place
from proctor.lookback import picture_at
from proctor.observe import Look
from proctor.packets import VideoPacket
from proctor.ring import PacketRing, Slice
from proctor.seal import EvidenceKey
from proctor.shelf import Shelf, file_facts
from proctor.source import Piece
from proctor.stills import Seen
from proctor.trace import Tracer, micros

BEFORE, AFTER = 10.0, 5.0
_LATE = 0.5
_MEMORIES = 5
_AGAIN = 5.0
"""Seconds behind a keyframe up to which a picture is decoded once more when it is needed. Further
behind it is held: a minute without a keyframe takes seconds to decode."""


@dataclass(frozen=True)
class Kept:
    """A finished clip, or what was kept without one.

    start: seconds on the timeline of the clip's first picture, None without a clip. missing: the
    seconds (from, to) that it should hold but does not. attached: the files beside it, by path
    their SHA-256.
    """

    event: int
    path: str
    bytes: int
    sha256: str
    start: float | None = None
    missing: tuple[float, float] | None = None
    attached: dict[str, str] = field(default_factory=dict)
    key_id: str | None = None


@dataclass
class _Running:
    event: int
    wanted: float
    latest: float
    shelf: Shelf
    exhibits: Exhibits
    clip: Clip | None = None
    until: float | None = None
    failed: bool = False

    def over(self, time: float) -> bool:
        return self.failed or time > min(self.latest, self.until or self.latest)


class ClipKeeper:
    """All clips of one camera's folder; finished ones go to `done`, failures to `failed`."""

    def __init__(
        self,
        folder: Path,
        *,
        origin: float,
        limit: float,
        seal: Callable[[], EvidenceKey] | None,
        done: Callable[[Kept], None],
        failed: Callable[[int, str], None],
    ) -> None:
        """`origin` is where the timeline begins, `limit` the longest clip, both in seconds."""
        self._folder = folder
        self._origin = origin
        self._limit = limit
        self._seal = seal
        self._done, self._failed = done, failed
        self._ring = PacketRing()
        self._running: list[_Running] = []
        self._template: VideoStream | None = None
        self._now = origin
        # The last picture that was judged, where it is held, and what was found in it.
        self._seen: Seen | None = None
        self._looked: Look | None = None
        self._memories: deque[tuple[float, recall.Packed]] = deque(maxlen=_MEMORIES)
        self.tracer = Tracer(self._moment)

    def take(self, piece: Piece, packet: VideoPacket, template: VideoStream) -> None:
        """Take the next packet of the stream that `template` describes."""
        if piece.fresh:
            self.finish()
            self._ring.clear()
        self._template, self._now = template, piece.time
        if self._seen is not None and 0 <= self._ring.since_key(self._seen.time) <= _AGAIN:
            self._seen = None
        entry = self._ring.add(piece.time, piece.shift, packet)
        if entry is None:
            return
        for running in list(self._running):
            if running.over(piece.time):
                self._close(running)
            else:
                self._write(running, [entry])

    def look(self, seen: Seen) -> None:
        """Take the next analysed picture, for the stills."""
        self._seen, self._looked = seen, seen.look
        for running in self._running:
            running.exhibits.look(seen)

    def remember(self, time: float, packed: recall.Packed) -> None:
        """Take what is remembered just before the look at `time`."""
        self._memories.append((time, packed))
        for running in self._running:
            self._recall(running)

    def begin(self, event: int, place: Place, onset: float) -> None:
        """Start an event's clip with what the ring holds."""
        wanted = max(self._origin, onset - BEFORE)
        shelf = Shelf(self._folder, None if self._seal is None else self._seal())
        exhibits = Exhibits(shelf, event, place, self._seen or self._seen_last())
        running = _Running(event, wanted, wanted + self._limit, shelf, exhibits)
        self._running.append(running)
        self._write(running, list(self._ring.since(wanted)))
        began = None if running.clip is None else running.clip.start
        exhibits.moments(self.tracer.since(wanted if began is None else min(wanted, began)))
        self._recall(running)

    def closing(self, event: int, end: float) -> None:
        """Let an event's clip run on for 5 s after its end."""
        for running in self._running:
            if running.event == event:
                running.until = max(end, self._now - AFTER) + AFTER

    def finish(self) -> None:
        """Finish all clips where they are."""
        self.tracer.complete()
        for running in list(self._running):
            self._close(running)

    def _seen_last(self) -> Seen | None:
        """Return the last picture that was judged, decoded once more from the ring."""
        look, template = self._looked, self._template
        if look is None or template is None:
            return None
        ring = self._ring
        frame = picture_at(look.time, ring.since(look.time), ring.base, template)
        return None if frame is None else Seen(frame, look)

    def _moment(self, us: int, line: bytes) -> None:
        for running in self._running:
            if us <= micros(running.until or running.latest):
                running.exhibits.moments([line])

    def _recall(self, running: _Running) -> None:
        """Keep the first memory that was made when the clip had begun."""
        clip = running.clip
        if running.exhibits.has_baseline or clip is None or clip.start is None:
            return
        for time, packed in self._memories:
            if time >= clip.start - 1e-6:
                header: dict[str, Any] = {"us": micros(time), "zero_us": micros(clip.zero)}
                running.exhibits.baseline(header, packed)
                return

    def _write(self, running: _Running, entries: list[Slice]) -> None:
        begins = bool(entries) and (running.clip is not None or entries[0].key)
        if self._template is None or running.failed or not begins:
            return
        try:
            if running.clip is None:
                running.clip = Clip(running.shelf, running.event, self._template)
            for entry in entries:
                running.clip.write(entry)
        except (av.FFmpegError, OSError, ValueError) as error:
            running.failed = True
            self._failed(running.event, type(error).__name__)

    def _close(self, running: _Running) -> None:
        """Record what there is of an event: its clip, and beside it everything else."""
        self._running.remove(running)
        clip, exhibits = running.clip, running.exhibits
        try:
            if clip is not None:
                clip.close()
        except (av.FFmpegError, OSError) as error:
            self._failed(running.event, type(error).__name__)
        files = exhibits.finish()
        if exhibits.failure is not None:
            self._failed(running.event, f"{exhibits.failure} beside the clip")
        if clip is not None and clip.start is not None:
            late = clip.start > running.wanted + _LATE
            missing = (running.wanted, clip.start) if late else None
            self._record(running, clip.path, files, clip.start, missing)
            return
        self._failed(running.event, "nothing to keep")
        if files:
            self._record(running, next(iter(files)), files, None, None)

    def _record(
        self,
        running: _Running,
        path: Path,
        files: list[Path],
        start: float | None,
        missing: tuple[float, float] | None,
    ) -> None:
        shelf = running.shelf
        try:
            size, sha256 = file_facts(path)
            beside = {shelf.relative(x): file_facts(x)[1] for x in files if x != path}
        except OSError as error:
            self._failed(running.event, type(error).__name__)
            return
        name = shelf.relative(path)
        kept = Kept(running.event, name, size, sha256, start, missing, beside, shelf.key_id)
        self._done(kept)
