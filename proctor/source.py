"""Where packets come from, placed on the stream's timeline.

The timeline is source time since the first packet. It never runs backwards: where the source's
own time jumps it is bridged and the jump is reported; a hole in which nothing was sent is kept.
"""

import time
from collections.abc import Iterator
from io import BytesIO, RawIOBase
from pathlib import Path
from threading import Event as Signal
from typing import NamedTuple, Protocol

import av
from av.video.stream import VideoStream

from proctor.errors import BadInputError, SourceFailedError
from proctor.link import Shape
from proctor.packets import VideoPacket

_HOLE = 2.0
_JUMP = 60.0
_BACKWARDS = 0.1
_DEFAULT_PERIOD = 0.04


class Piece(NamedTuple):
    """One packet at `time` seconds, to be shifted by `shift` seconds.

    packet: None when nothing came, an empty one at the end of a file.
    lost: seconds without any packet before this one, 0 below two. jumped: source time did not
    continue here. late: seconds that a played or live stream is behind. fresh: a new connection,
    whose packets do not continue the ones before. note: what did not come before it.
    """

    packet: VideoPacket | None
    time: float
    shift: float = 0.0
    lost: float = 0.0
    jumped: bool = False
    late: float = 0.0
    fresh: bool = False
    note: str = ""


class Source(Protocol):
    """Anything that yields pieces in order of time."""

    def pieces(self) -> Iterator[Piece]:
        """Yield until the source ends; raises SourceFailedError if it breaks after its start."""

    def shape(self) -> Shape:
        """Return the size of its pictures and how many come a second."""

    def close(self) -> None:
        """Let the source go."""


class Timeline:
    """Places source times (seconds, any origin) on a timeline that only grows."""

    def __init__(self, origin: float = 0.0) -> None:
        """Start at `origin` seconds."""
        self._origin = origin
        self._shift: float | None = None
        self._last: float | None = None
        self._period = _DEFAULT_PERIOD
        self.bridged = 0.0

    def place(self, packet: VideoPacket, seconds: float) -> Piece:
        """Return the packet placed, with what happened since the one before."""
        if self._shift is None or self._last is None:
            shown = packet.pts if packet.pts is not None else packet.dts
            self._shift = self._origin - float((shown or 0) * (packet.time_base or 0))
            self._last = self._origin
            return Piece(packet, self._last, self._shift)
        step = seconds + self._shift - self._last
        jumped = step < -_BACKWARDS or step > _JUMP
        if jumped:
            self._shift -= step - self._period
            self.bridged += step - self._period
        elif 0 < step < _HOLE:
            self._period = step
        now = max(self._last, seconds + self._shift)
        lost = now - self._last
        self._last = now
        return Piece(packet, now, self._shift, lost if lost >= _HOLE else 0.0, jumped)

    def flush(self, packet: VideoPacket) -> Piece:
        """Return the empty packet that makes a decoder give out what it holds back."""
        return Piece(packet, self._last or self._origin, self._shift or 0.0)

    def join(self) -> None:
        """Let the next packet follow the last at one period: a seam that is our own."""
        if self._last is not None:
            self._origin = self._last + self._period
            self._shift = None


class FileSource:
    """A file, read as fast as wanted or at its own speed, once or for ever."""

    def __init__(self, path: Path, *, realtime: bool, loop: bool, stop: Signal) -> None:
        """Open the file; raises BadInputError if it holds no video that can be read."""
        self._path = path
        self._realtime, self._loop, self._stop = realtime, loop, stop
        self.begin_at(0.0)
        self._container = open_container(str(path))
        self._stream = video_stream(self._container, str(path))

    def begin_at(self, origin: float) -> None:
        """Let the first packet stand at `origin` seconds of the timeline."""
        self._origin = origin
        self._timeline = Timeline(origin)

    def shape(self) -> Shape:
        """Return the size of its pictures and how many come a second."""
        return shape_of(self._stream)

    def close(self) -> None:
        """Close the file."""
        self._container.close()

    def pieces(self) -> Iterator[Piece]:
        """Yield every packet; between rounds of a loop the seam is joined without a jump."""
        began = time.monotonic()
        while True:
            last = 0.0
            for piece in self._round():
                last = piece.time
                late = self._pace(began + piece.time - self._origin)
                if self._stop.is_set():
                    return
                yield piece._replace(late=late) if late else piece
            if not self._loop:
                self._refuse_early_end(last - self._origin + self._timeline.bridged)
                return
            self._timeline.join()
            self._container.seek(0)
            self._stream.codec_context.flush_buffers()

    def _round(self) -> Iterator[Piece]:
        base = float(self._stream.time_base or 0)
        try:
            for packet in self._container.demux(self._stream):
                ticks = packet.dts if packet.dts is not None else packet.pts
                if packet.size == 0:
                    yield self._timeline.flush(packet)
                elif ticks is not None:
                    yield self._timeline.place(packet, ticks * base)
        except (av.FFmpegError, OSError) as error:
            raise SourceFailedError(f"{self._path}: broke off while reading ({error})") from error

    def _pace(self, due: float) -> float:
        if not self._realtime:
            return 0.0
        wait = due - time.monotonic()
        if wait > 0:
            self._stop.wait(wait)
        return max(0.0, -wait)

    def _refuse_early_end(self, last: float) -> None:
        """A file that ends well before the length it declares was cut off."""
        declared = self._declared_seconds()
        if declared - last > max(1.0, 0.02 * declared):
            raise SourceFailedError(
                f"{self._path}: ends at {last:.1f} s of {declared:.1f} s declared, it was cut off"
            )

    def _declared_seconds(self) -> float:
        stream = self._stream
        if stream.duration is not None and stream.time_base is not None:
            return float(stream.duration * stream.time_base)
        alone = len(self._container.streams) == 1
        return (self._container.duration or 0) / av.time_base if alone else 0.0


def open_container(
    source: str | RawIOBase | BytesIO,
    options: dict[str, str] | None = None,
    *,
    form: str | None = None,
) -> av.container.InputContainer:
    """Open anything PyAV reads, in the format named; raises BadInputError in plain words."""
    name = source if isinstance(source, str) else "of what was pushed"
    try:
        return av.open(source, "r", format=form, options=options or {}, timeout=(10.0, 10.0))
    except FileNotFoundError as error:
        raise BadInputError(f"SOURCE {name}: no such file") from error
    except (av.FFmpegError, OSError, ValueError) as error:
        raise BadInputError(
            f"SOURCE {name}: cannot be read as video; it is cut off, empty or of another kind"
        ) from error


def shape_of(stream: VideoStream) -> Shape:
    """Return the size of a stream's pictures and how many it says come a second."""
    context = stream.codec_context
    return Shape(context.width, context.height, float(stream.average_rate or 0))


def video_stream(container: av.container.InputContainer, url: str) -> VideoStream:
    """Return the first video stream, set to decode in this thread; raises BadInputError."""
    if not container.streams.video:
        container.close()
        raise BadInputError(f"SOURCE {url}: holds no video stream")
    stream = container.streams.video[0]
    if stream.codec_context is None:
        container.close()
        raise BadInputError(f"SOURCE {url}: its video is of a kind that nothing here decodes")
    if stream.codec_context.width <= 0 or stream.codec_context.height <= 0:
        container.close()
        raise BadInputError(f"SOURCE {url}: its video has no size, the file is damaged")
    stream.thread_type = "NONE"
    stream.codec_context.thread_count = 1
    return stream
