"""Evidence clips: the camera's own packets put into a file, nothing re-encoded.

The file is fragmented, so that what is there plays while it still grows. H.264, H.265, AV1 and
VP9 go into mp4, VP8 into WebM, anything else into Matroska, which browsers may not play.
"""

from fractions import Fraction
from pathlib import Path

import av
from av.video.stream import VideoStream

from proctor.ring import Slice
from proctor.shelf import Shelf, Writer

_FRAGMENTED = {
    "movflags": "frag_keyframe+empty_moov+default_base_moof",
    "frag_duration": "2000000",
    "flush_packets": "1",
}
_MP4 = frozenset({"h264", "hevc", "av1", "vp9"})


def extension(codec: str) -> str:
    """Return the file name extension that fits a codec."""
    if codec in _MP4:
        return "mp4"
    return "webm" if codec == "vp8" else "mkv"


class Clip:
    """One growing file. Raises av.FFmpegError or OSError when it cannot be written."""

    def __init__(self, shelf: Shelf, event: int, template: VideoStream) -> None:
        """Open the file and take the stream's parameters over as they are."""
        kind = extension(template.codec_context.name)
        name = f"{event:04}.{kind}"
        self.path: Path = shelf.path(name)
        options = _FRAGMENTED if kind == "mp4" else {"flush_packets": "1"}
        self._file = shelf.open(name)
        container = "matroska" if kind == "mkv" else kind
        target = self._file if kind != "mp4" and shelf.key_id is None else _Forward(self._file)
        self._output = av.open(target, "w", format=container, options=options)
        self._stream = self._output.add_stream_from_template(template)
        self._base = template.time_base or Fraction(1, 90000)
        self._first: int | None = None
        self._last = -1
        self.start: float | None = None

    @property
    def zero(self) -> float:
        """Where on the timeline the file's time 0 stands, in seconds."""
        return float((self._first or 0) * self._base)

    def write(self, entry: Slice) -> None:
        """Add one packet; the first one, a keyframe, is the file's zero."""
        if self._first is None:
            self._first, self.start = entry.dts, entry.time
        dts = entry.dts - self._first
        if dts <= self._last:
            return
        self._last = dts
        packet = av.Packet(entry.data)
        packet.stream = self._stream
        packet.time_base = self._base
        packet.dts, packet.pts = dts, max(dts, entry.pts - self._first)
        packet.duration = entry.duration
        packet.is_keyframe = entry.key
        self._output.mux(packet)

    def close(self) -> None:
        """Finish the file; it is closed even where its end cannot be written."""
        try:
            self._output.close()
        finally:
            self._file.close()


class _Forward:
    """Lets the muxer write and never go back: what is in a file stays as it is.

    A WebM or Matroska file that is plain may have its index put at the end, and is not wrapped.
    """

    def __init__(self, file: Writer) -> None:
        self._file = file

    def write(self, data: bytes) -> int:
        return self._file.write(data)
