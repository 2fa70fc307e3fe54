"""Evidence clips: the camera's own packets put into a file, nothing re-encoded.

The file is fragmented, so that what is there plays while it still grows. H.264, H.265, AV1 and
VP9 go into mp4, VP8 into WebM, anything else into Matroska, which browsers may not play.
"""

import hashlib
from fractions import Fraction
from pathlib import Path

import av
from av.video.stream import VideoStream

from proctor.ring import Slice

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

    def __init__(self, path: Path, template: VideoStream) -> None:
        """Open the file and take the stream's parameters over as they are."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        kind = {".mp4": "mp4", ".webm": "webm", ".mkv": "matroska"}[path.suffix]
        options = _FRAGMENTED if kind == "mp4" else {"flush_packets": "1"}
        self._output = av.open(str(path), "w", format=kind, options=options)
        self._stream = self._output.add_stream_from_template(template)
        self._base = template.time_base or Fraction(1, 90000)
        self._first: int | None = None
        self._last = -1
        self.start: float | None = None

    def write(self, entry: Slice) -> None:
        """Add one packet; the first one is the file's zero."""
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
        """Finish the file."""
        self._output.close()


def file_facts(path: Path) -> tuple[int, str]:
    """Return a file's size in bytes and its SHA-256."""
    with path.open("rb") as file:
        return path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest()
