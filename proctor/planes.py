"""Cuts pictures out of decoded frames at the size a network looks at.

Colour is made for the cut alone: a whole 720p frame costs more to convert than a face to find.
"""

from dataclasses import dataclass, replace

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from proctor.detector import Face, Picture
from proctor.health import Box
from proctor.objects import Thing

Plane = NDArray[np.uint8]

_FULL_RANGE = "yuvj420p"
_LIMITED_RANGE = "yuv420p"
_JPEG_RANGE = 2
_HALVED = 2.0


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

    def placed(self, thing: Thing) -> Thing:
        """Return an object found in the cut, in the frame's pixels."""
        x, y, width, height = thing.box
        left, top = self.left + x / self.across, self.top + y / self.down
        return replace(thing, box=(left, top, width / self.across, height / self.down))

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


class _Pyramid:
    """A plane and its halvings, made when asked for; halving is far cheaper than any other size."""

    def __init__(self, frame: av.VideoFrame, index: int) -> None:
        self._frame, self._index = frame, index
        self._levels: list[Plane] = []

    def level(self, halvings: int) -> Plane:
        """Return all of the plane, halved so often, and keep it for who asks again."""
        if not self._levels:
            self._levels.append(_plane(self._frame, self._index))
        while len(self._levels) <= halvings:
            self._levels.append(_halved(self._levels[-1]))
        return self._levels[halvings]

    def part(self, halvings: int, rows: slice, columns: slice) -> Plane:
        """Return a part, halved so often; nothing but it is halved where the plane is not yet.

        rows, columns: of the plane itself, in multiples of what a halved pixel covers.
        """
        known = min(halvings, max(0, len(self._levels) - 1))
        part = self.level(known)[
            rows.start >> known : rows.stop >> known, columns.start >> known : columns.stop >> known
        ]
        for _ in range(halvings - known):
            part = _halved(part)
        return part


class Planes:
    """The luma and colour planes of one frame, used where they lie."""

    def __init__(self, frame: av.VideoFrame) -> None:
        """Take a decoded frame of any format; all but 4:2:0 planar is converted once."""
        if frame.format.name not in {_LIMITED_RANGE, _FULL_RANGE}:
            frame = frame.reformat(format=_LIMITED_RANGE)
        self._full_range = frame.format.name == _FULL_RANGE or int(frame.color_range) == _JPEG_RANGE
        self._frame = frame
        self._luma, self._blue, self._red = (_Pyramid(frame, at) for at in range(3))
        self.size = (frame.height, frame.width)

    def luma(self, width: int, height: int) -> Plane:
        """Return the whole luma at the smallest halving that is at least so large."""
        fits = min(self.size[0] // height, self.size[1] // width)
        return self._luma.level(max(0, fits.bit_length() - 1))

    def cut(self, box: Box | None = None, *, longest: int | None = None) -> Cut:
        """Return the part in `box` (x, y, width, height; None: all), clipped to the frame.

        `longest`: the longer side of the result at most, in pixels; None keeps the frame's own.
        """
        _, _, width, height = self._clipped(box, 2)
        scale = min(1.0, longest / max(width, height)) if longest else 1.0
        wide, tall = (max(2, 2 * round(side * scale / 2)) for side in (width, height))
        halvings = max(0, min(width // wide, height // tall).bit_length() - 1)
        left, top, width, height = self._clipped(box, 2 << halvings)
        parts: list[Plane] = []
        for pyramid, half in ((self._luma, 0), (self._blue, 1), (self._red, 1)):
            rows = slice(top >> half, (top + height) >> half)
            columns = slice(left >> half, (left + width) >> half)
            part = pyramid.part(halvings, rows, columns)
            parts.append(_sized(part, wide >> half, tall >> half))
        if self._full_range:
            parts = [_limited(part, curve) for part, curve in zip(parts, _LIMITING, strict=True)]
        joined = np.concatenate([part.ravel() for part in parts]).reshape(tall * 3 // 2, wide)
        picture = np.asarray(cv2.cvtColor(joined, cv2.COLOR_YUV2BGR_I420), np.uint8)
        return Cut(picture, left, top, wide / width, tall / height)

    def _clipped(self, box: Box | None, step: int) -> tuple[int, int, int, int]:
        """Return corner and size in multiples of `step` pixels inside the frame, at least one."""
        rows, columns = (side // step * step for side in self.size)
        if box is None:
            return 0, 0, columns, rows
        x, y, width, height = box
        left, top = (
            min(max(0, int(at // step) * step), end - step) for at, end in ((x, columns), (y, rows))
        )
        right, bottom = (
            min(end, max(start + step, int(-(-at // step)) * step))
            for at, start, end in ((x + width, left, columns), (y + height, top, rows))
        )
        return left, top, right - left, bottom - top


def _plane(frame: av.VideoFrame, index: int) -> Plane:
    plane = frame.planes[index]
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
    return np.asarray(rows[: plane.height, : plane.width])


def _halved(plane: Plane) -> Plane:
    height, width = plane.shape[0] // 2, plane.shape[1] // 2
    return _sized(plane[: 2 * height, : 2 * width], width, height)


def _limited(part: Plane, curve: Plane) -> Plane:
    return np.asarray(cv2.LUT(part, curve), np.uint8)


def _sized(plane: Plane, width: int, height: int) -> Plane:
    """Return a plane at another size: by means of areas where each is whole pixels or many.

    Less than halved it is read between pixels, a third of the cost: hardly one is left out.
    """
    if plane.shape == (height, width):
        return plane
    across, down = plane.shape[1] / width, plane.shape[0] / height
    little = max(across, down) < _HALVED
    way = cv2.INTER_LINEAR if little else cv2.INTER_AREA
    return np.asarray(cv2.resize(plane, (width, height), interpolation=way), np.uint8)


def _limiting() -> tuple[Plane, Plane, Plane]:
    """Levels 0 to 255 brought to the range that the conversion expects: luma, blue, red."""
    levels = np.arange(256)
    luma = np.round(16 + levels * 219 / 255).astype(np.uint8)
    colour = np.round(128 + (levels - 128) * 224 / 255).astype(np.uint8)
    return luma, colour, colour


_LIMITING = _limiting()
