"""Finds faces with YuNet and judges how much a found face can carry.

Boxes and points are in pixels of the picture given, whatever size the network saw.
Method: Wu et al., YuNet: A Tiny Millisecond-level Face Detector, 2023; output layout as in the
OpenCV zoo's 2023mar release.
"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from proctor.models import store

Picture = NDArray[np.uint8]
Points = NDArray[np.float32]

_STRIDES = (8, 16, 32)
_OVERLAP = 0.3
_OFTEN = frozenset({(96, 96), (192, 320), (256, 320), (384, 640), (480, 640)})
"""Heights and widths of nearly all looks: near, and at 320 and 640 pixels the usual cameras."""
_NOTHING = (
    np.empty(0, np.float32),
    np.empty((0, 4), np.float32),
    np.empty((0, 5, 2), np.float32),
)
LEAST_SCORE = 0.6
DARK_MEAN = 70.0
_DIM_MEAN, _DARKEST_MEAN = 95.0, 4.0
_LIFTED_MEAN = 110.0


@dataclass(frozen=True)
class Face:
    """A face: box (x, y, width, height) and five points, 5x2: eyes, nose, mouth corners."""

    x: float
    y: float
    width: float
    height: float
    score: float
    points: Points

    @property
    def box(self) -> tuple[float, float, float, float]:
        """The box as x, y, width, height in pixels."""
        return (self.x, self.y, self.width, self.height)

    @property
    def area(self) -> float:
        """Box area in square pixels."""
        return self.width * self.height


def find_faces(
    picture: Picture, *, longest: int = 320, least_score: float = LEAST_SCORE
) -> list[Face]:
    """Return the faces of a BGR picture, largest first.

    `longest` is the longer side in pixels at which the network looks: 320 costs about 2 ms and
    sees faces from a tenth of the picture's height, 640 four times that and half the size.
    """
    scale = min(1.0, longest / max(picture.shape[:2]))
    height, width = (max(1, round(side * scale)) for side in picture.shape[:2])
    if scale < 1.0:
        picture = np.asarray(
            cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), np.uint8
        )
    edges = (0, -height % 32, 0, -width % 32)
    if any(edges):
        padded = cv2.copyMakeBorder(picture, *edges, cv2.BORDER_CONSTANT, value=(0, 0, 0))
        picture = np.asarray(padded, np.uint8)
    run = store.run_sized if picture.shape[:2] in _OFTEN else store.run
    with store.turn():
        (table,) = run(store.FACES, cv2.dnn.blobFromImage(picture))
    scores, boxes, points = _decode(table[0], picture.shape[:2], least_score)
    return _distinct(scores, boxes / scale, points / scale)


def _decode(
    table: NDArray[np.float32], size: tuple[int, ...], least_score: float
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Return scores (n), boxes (n, 4) and points (n, 5, 2) above the least score.

    table: a row for each cell, of what is a face, what is anything, four of the box and ten of the
    points. size: height and width of what the network saw.
    """
    score = np.sqrt(np.clip(table[:, 0] * table[:, 1], 0.0, 1.0))
    kept = np.flatnonzero(score >= least_score)
    if not kept.size:
        return _NOTHING
    every_cell, every_stride = _cells(*size)
    cells, strides = every_cell[kept], every_stride[kept]
    found = table[kept]
    sides = np.exp(found[:, 4:6]) * strides
    corners = (cells + found[:, 2:4]) * strides - sides / 2
    points = (found[:, 6:].reshape(-1, 5, 2) + cells[:, None]) * strides[:, None]
    boxes = np.concatenate([corners, sides], axis=1)
    return score[kept], boxes.astype(np.float32), points.astype(np.float32)


@lru_cache(maxsize=16)
def _cells(height: int, width: int) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    """Return column and row (n, 2) of each row of the table, and its stride in pixels (n, 1)."""
    counts = [(height // stride, width // stride) for stride in _STRIDES]
    cells = [np.mgrid[:rows, :columns][::-1].reshape(2, -1).T for rows, columns in counts]
    strides = np.repeat(_STRIDES, [len(one) for one in cells])
    return np.concatenate(cells).astype(np.float64), strides.astype(np.float32)[:, None]


def _distinct(
    scores: NDArray[np.float32], boxes: NDArray[np.float32], points: NDArray[np.float32]
) -> list[Face]:
    if not len(scores):
        return []
    kept = cv2.dnn.NMSBoxes(boxes.tolist(), scores.tolist(), 0.0, _OVERLAP)
    faces = [
        Face(x, y, width, height, float(scores[index]), points[index])
        for index in np.asarray(kept).ravel()
        for x, y, width, height in (map(float, boxes[index]),)
    ]
    return sorted(faces, key=lambda face: -face.area)


def lift(picture: Picture) -> Picture:
    """Return a dark picture brightened by gain and gamma, others unchanged.

    Before a face is called absent: at an eighth of the light this finds 98 of 100 faces where the
    dark picture gives 88.
    """
    mean = _mean(picture)
    if mean >= DARK_MEAN:
        return picture
    gain = min(8.0, _LIFTED_MEAN / max(mean, 1.0))
    levels = np.clip(np.arange(256) * gain, 0, 255) / 255.0
    curve: Picture = (255.0 * levels**0.8).astype(np.uint8)
    return np.asarray(cv2.LUT(picture, curve), np.uint8)


def open_up(picture: Picture) -> Picture:
    """Return a picture of little light without its grain and with its middle levels raised.

    Others are unchanged. Before phones are looked for: in the dark a fold of a shirt is taken for
    one more often, a phone is not. A power of the levels keeps what is bright apart, which a gain
    would cut off; grain, which it would strengthen, hides the edges of a small dark phone.
    """
    mean = max(_mean(picture), _DARKEST_MEAN)
    if mean >= _DIM_MEAN:
        return picture
    power = np.log(_LIFTED_MEAN / 255.0) / np.log(mean / 255.0)
    curve: Picture = (255.0 * (np.arange(256) / 255.0) ** power).astype(np.uint8)
    return np.asarray(cv2.LUT(cv2.medianBlur(picture, 3), curve), np.uint8)


def _mean(picture: Picture) -> float:
    """Return the mean level of a BGR picture."""
    return sum(cv2.mean(picture)[:3]) / 3.0


def is_frontal(face: Face) -> bool:
    """Tell whether both eyes and the nose stand as in a face that looks roughly this way."""
    eyes = face.points[:2, 0]
    nose = float(face.points[2, 0])
    left, right = sorted(float(eye) for eye in eyes)
    return left < nose < right and _is_ordered(face)


def _is_ordered(face: Face) -> bool:
    heights = (face.points[:2, 1].mean(), face.points[2, 1], face.points[3:, 1].mean())
    return all(upper < lower for upper, lower in pairwise(float(value) for value in heights))
