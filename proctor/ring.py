"""The last seconds of a stream as the camera sent them, cut at keyframes only."""

import math
from collections import deque
from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from proctor.packets import VideoPacket

_SECONDS = 20.0
_BYTES = 48 * 1024 * 1024


class Slice(NamedTuple):
    """One packet: seconds on the timeline, ticks of the stream's time base, its bytes."""

    time: float
    pts: int
    dts: int
    duration: int
    key: bool
    data: bytes


class PacketRing:
    """Holds whole groups of pictures for about 20 s, 48 MiB at most."""

    def __init__(self) -> None:
        """Start empty."""
        self._slices: deque[Slice] = deque()
        self._bytes = 0
        self._keys: deque[float] = deque()
        self._stream: object = None
        self.base, self._tick = Fraction(1), 1.0

    def add(self, piece_time: float, shift: float, packet: VideoPacket) -> Slice | None:
        """Return a packet's slice, None without a time; it is held from the first keyframe on.

        Afterwards `base` is how many seconds a tick takes.
        """
        if packet.stream is not self._stream or not self._slices:
            self._stream, self.base = packet.stream, packet.time_base or Fraction(1)
            self._tick = float(self.base)
        ticks = round(shift / self._tick)
        pts = packet.pts if packet.pts is not None else packet.dts
        dts = packet.dts if packet.dts is not None else packet.pts
        if pts is None or dts is None:
            return None
        entry = Slice(
            piece_time,
            pts + ticks,
            dts + ticks,
            packet.duration or 0,
            bool(packet.is_keyframe),
            bytes(packet),
        )
        if not (self._slices or entry.key):
            return entry
        self._slices.append(entry)
        self._bytes += len(entry.data)
        if entry.key:
            self._keys.append(piece_time)
        self._trim(piece_time)
        return entry

    def clear(self) -> None:
        """Forget everything: what follows does not continue it."""
        self._slices.clear()
        self._keys.clear()
        self._bytes = 0

    def since_key(self, time: float) -> float:
        """Return the seconds from the newest keyframe to `time`, infinite where none is held."""
        return time - self._keys[-1] if self._keys else math.inf

    def since(self, start: float) -> Iterator[Slice]:
        """Yield from the last keyframe at or before `start`, or else from the first one held."""
        first = 0
        for index, entry in enumerate(self._slices):
            if entry.key and entry.time <= start:
                first = index
        yield from list(self._slices)[first:]

    def _trim(self, now: float) -> None:
        """Drop leading groups that are too old, or that would take too much memory."""
        while self._slices and (
            (len(self._keys) > 1 and self._keys[1] <= now - _SECONDS) or self._bytes > _BYTES
        ):
            self._drop_group()

    def _drop_group(self) -> None:
        self._keys.popleft()
        self._bytes -= len(self._slices.popleft().data)
        while self._slices and not self._slices[0].key:
            self._bytes -= len(self._slices.popleft().data)
