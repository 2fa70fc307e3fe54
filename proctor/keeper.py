"""Keeps the ring and writes one clip for each event, from 10 s before to 5 s after."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import av
from av.video.stream import VideoStream

from proctor.evidence import Clip, extension, file_facts
from proctor.ledger.verify import EVIDENCE
from proctor.packets import VideoPacket
from proctor.ring import PacketRing, Slice
from proctor.source import Piece

BEFORE, AFTER = 10.0, 5.0
_LATE = 0.5


@dataclass(frozen=True)
class Kept:
    """A finished clip; `missing` are the seconds (from, to) that it should hold but does not."""

    event: int
    path: str
    bytes: int
    sha256: str
    start: float
    missing: tuple[float, float] | None


@dataclass
class _Running:
    event: int
    wanted: float
    latest: float
    clip: Clip | None = None
    until: float | None = None


class ClipKeeper:
    """All clips of one camera's folder; finished ones go to `done`, failures to `failed`."""

    def __init__(
        self,
        folder: Path,
        *,
        origin: float,
        limit: float,
        done: Callable[[Kept], None],
        failed: Callable[[int, str], None],
    ) -> None:
        """`origin` is where the timeline begins, `limit` the longest clip, both in seconds."""
        self._folder = folder
        self._origin = origin
        self._limit = limit
        self._done, self._failed = done, failed
        self._ring = PacketRing()
        self._running: list[_Running] = []
        self._template: VideoStream | None = None
        self._now = origin

    def take(self, piece: Piece, packet: VideoPacket, template: VideoStream) -> None:
        """Take the next packet of the stream that `template` describes."""
        if piece.fresh:
            self.finish()
            self._ring.clear()
        self._template, self._now = template, piece.time
        entry = self._ring.add(piece.time, piece.shift, packet)
        if entry is None:
            return
        for running in list(self._running):
            if piece.time > min(running.latest, running.until or running.latest):
                self._close(running)
            else:
                self._write(running, [entry])

    def begin(self, event: int, onset: float) -> None:
        """Start an event's clip with what the ring holds."""
        wanted = max(self._origin, onset - BEFORE)
        running = _Running(event, wanted, wanted + self._limit)
        self._running.append(running)
        self._write(running, list(self._ring.since(wanted)))

    def closing(self, event: int, end: float) -> None:
        """Let an event's clip run on for 5 s after its end."""
        for running in self._running:
            if running.event == event:
                running.until = max(end, self._now - AFTER) + AFTER

    def finish(self) -> None:
        """Finish all clips where they are."""
        for running in list(self._running):
            self._close(running)

    def _write(self, running: _Running, entries: list[Slice]) -> None:
        if not entries or self._template is None:
            return
        try:
            if running.clip is None:
                name = f"{running.event:04}.{extension(self._template.codec_context.name)}"
                running.clip = Clip(self._folder / EVIDENCE / name, self._template)
            for entry in entries:
                running.clip.write(entry)
        except (av.FFmpegError, OSError, ValueError) as error:
            self._running.remove(running)
            self._failed(running.event, type(error).__name__)

    def _close(self, running: _Running) -> None:
        self._running.remove(running)
        clip = running.clip
        if clip is None or clip.start is None:
            self._failed(running.event, "nothing to keep")
            return
        try:
            clip.close()
            size, sha256 = file_facts(clip.path)
        except (av.FFmpegError, OSError) as error:
            self._failed(running.event, type(error).__name__)
            return
        path = clip.path.relative_to(self._folder).as_posix()
        late = clip.start > running.wanted + _LATE
        missing = (running.wanted, clip.start) if late else None
        self._done(Kept(running.event, path, size, sha256, clip.start, missing))
