"""Cuts pictures out of decoded frames at the size a network looks at.

Colour is made for the cut alone: a whole 720p frame costs more to convert than a face to find.
"""

from dataclasses import dataclass

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from proctor.detector import Face, Picture

Plane = NDArray[np.uint8]
Box = tuple[float, float, float, float]

_FULL_RANGE = "yuvj420p"
_LIMITED_RANGE = "yuv420p"
_JPEG_RANGE = 2


@dataclass(frozen=True)
class Cut:
    """A BGR picture of a frame's part, its corner in the frame, its pixels per frame pixel."""

    picture: Picture
    left: int
    top: int
    across: float
    down: float

    def in_frame(self, face: Face) -> Face:
        """Return a face found in the cut, in the frame's pixels."""
        points = face.points / (self.across, self.down) + (self.left, self.top)
        return Face(
            self.left + face.x / self.across,
            self.top + face.y / self.down,
            face.width / self.across,
            face.height / self.down,
            face.score,
            points.astype(np.float32),
        )

    def in_cut(self, face: Face) -> Face:
        """Return a face known in the frame's pixels, in the cut's."""
        points = (face.points - (self.left, self.top)) * (self.across, self.down)
        return Face(
            (face.x - self.left) * self.across,
            (face.y - self.top) * self.down,
            face.width * self.across,
            face.height * self.down,
            face.score,
            points.astype(np.float32),
        )


class Planes:
    """The luma and colour planes of one frame, used where they lie."""

    def __init__(self, frame: av.VideoFrame) -> None:
        """Take a decoded frame of any format; all but 4:2:0 planar is converted once."""
        if frame.format.name not in {_LIMITED_RANGE, _FULL_RANGE}:
            frame = frame.reformat(format=_LIMITED_RANGE)
        full = frame.format.name == _FULL_RANGE or int(frame.color_range) == _JPEG_RANGE
        self._full_range = full
        self._frame = frame
        self._luma, self._blue, self._red = (_plane(frame, index) for index in range(3))
        self.size = (frame.height, frame.width)

    @property
    def luma(self) -> Plane:
        """The whole luma plane, not copied."""
        return self._luma

    def cut(self, box: Box | None = None, *, longest: int | None = None) -> Cut:
        """Return the part in `box` (x, y, width, height; None: all), clipped to the frame.

        `longest`: the longer side of the result at most, in pixels; None keeps the frame's own.
        """
        left, top, width, height = self._clipped(box)
        scale = min(1.0, longest / max(width, height)) if longest else 1.0
        wide, tall = (max(2, 2 * round(side * scale / 2)) for side in (width, height))
        luma = self._luma[top : top + height, left : left + width]
        rows, columns = slice(top // 2, (top + height) // 2), slice(left // 2, (left + width) // 2)
        parts = [_sized(luma, wide, tall)]
        parts += [
            _sized(plane[rows, columns], wide // 2, tall // 2) for plane in (self._blue, self._red)
        ]
        if self._full_range:
            limited = [cv2.LUT(x, curve) for x, curve in zip(parts, _LIMITING, strict=True)]
            parts = [np.asarray(x, np.uint8) for x in limited]
        joined = np.concatenate([part.ravel() for part in parts]).reshape(tall * 3 // 2, wide)
        picture = np.asarray(cv2.cvtColor(joined, cv2.COLOR_YUV2BGR_I420), np.uint8)
        return Cut(picture, left, top, wide / width, tall / height)

    def _clipped(self, box: Box | None) -> tuple[int, int, int, int]:
        """Return even corner and size of the box inside the frame, at least two pixels a side."""
        rows, columns = (side - side % 2 for side in self.size)
        if box is None:
            return 0, 0, columns, rows
        x, y, width, height = box
        left, top = (
            min(max(0, 2 * int(at // 2)), end - 2) for at, end in ((x, columns), (y, rows))
        )
        right, bottom = (
            min(end, max(start + 2, 2 * int(-(-at // 2))))
            for at, start, end in ((x + width, left, columns), (y + height, top, rows))
        )
        return left, top, right - left, bottom - top


def _plane(frame: av.VideoFrame, index: int) -> Plane:
    plane = frame.planes[index]
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
    return np.asarray(rows[: plane.height, : plane.width])


def _sized(plane: Plane, width: int, height: int) -> Plane:
    if plane.shape == (height, width):
        return plane
    return np.asarray(cv2.resize(plane, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _limiting() -> tuple[Plane, Plane, Plane]:
    """Levels 0 to 255 brought to the range that the conversion expects: luma, blue, red."""
    levels = np.arange(256)
    luma = np.round(16 + levels * 219 / 255).astype(np.uint8)
    colour = np.round(128 + (levels - 128) * 224 / 255).astype(np.uint8)
    return luma, colour, colour


_LIMITING = _limiting()
