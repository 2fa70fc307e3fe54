"""Finds people and phones with NanoDet-m 416 (COCO). One look costs 8 to 18 ms.

Output layout: per stride (8, 16, 32) scores of two classes (n, 2) and four side distances, each a
distribution over 11 bins (n, 44). Method: Li et al., Generalized Focal Loss, 2020; NanoDet, 2020.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from proctor.detector import Picture
from proctor.models import store

PERSON, PHONE = 0, 67
KINDS = (PERSON, PHONE)
"""The COCO classes that the network tells, in the order of its scores."""
SIDE = 416
_SHAPES = ((256, 416), (416, 320), (416, 352), (416, 416))
"""Heights and widths that the network is loaded for, cheapest first: padding costs as much as
picture does."""
_SHRINKS = 0.92
"""What a picture may be made smaller by, at most, to fit a cheaper shape."""
_STRIDES = (8, 16, 32)
_BINS = np.arange(11, dtype=np.float32)
_MEAN = np.array([103.53, 116.28, 123.675], np.float32)
_SPREAD = np.array([57.375, 57.12, 58.395], np.float32)
_LEVELS = (np.arange(256, dtype=np.float32)[None] - _MEAN[:, None]) / _SPREAD[:, None]
"""What the network takes for each level of blue, green and red."""
_OVERLAP = 0.5


@dataclass(frozen=True)
class Thing:
    """A found object: COCO class, score, box (x, y, width, height) in pixels."""

    kind: int
    score: float
    box: tuple[float, float, float, float]


def find_things(
    picture: Picture, *, kinds: tuple[int, ...], least_score: float = 0.35
) -> list[Thing]:
    """Return the objects of the wanted COCO classes in a BGR picture, surest first."""
    shape, scale = _fitted(picture)
    with store.turn():
        outputs = store.run_sized(store.OBJECTS, tensor_of(picture, shape, scale)[None])
    by_shape = {output.shape[1:]: output[0] for output in outputs}
    grids = [(shape[0] // stride, shape[1] // stride, stride) for stride in _STRIDES]
    found: list[Thing] = []
    for kind in kinds:
        scores, boxes = [], []
        for rows, columns, stride in grids:
            score = by_shape[rows * columns, len(KINDS)][:, KINDS.index(kind)]
            kept = np.flatnonzero(score > least_score)
            distances = by_shape[rows * columns, 4 * len(_BINS)][kept]
            boxes.append(_boxes(distances, kept, columns, stride) / scale)
            scores.append(score[kept])
        found += _distinct(kind, np.concatenate(scores), np.concatenate(boxes))
    return sorted(found, key=lambda thing: -thing.score)


def _fitted(picture: Picture) -> tuple[tuple[int, int], float]:
    """Return the cheapest shape that shows the picture large enough, and by what it is scaled."""
    height, width = picture.shape[:2]
    scales = [min(rows / height, columns / width) for rows, columns in _SHAPES]
    wanted = _SHRINKS * SIDE / max(height, width)
    return next((x, scale) for x, scale in zip(_SHAPES, scales, strict=True) if scale >= wanted)


def tensor_of(
    picture: Picture, shape: tuple[int, int], scale: float | None = None
) -> NDArray[np.float32]:
    """Return the network's input (3, height, width) for a BGR picture, padded to `shape`.

    scale: pixels of the input to one of the picture; None: as large as fits, never enlarged.
    """
    height, width = picture.shape[:2]
    if scale is None:
        scale = min(1.0, shape[0] / height, shape[1] / width)
    size = (max(1, round(height * scale)), max(1, round(width * scale)))
    small = picture if size == (height, width) else cv2.resize(picture, size[::-1])
    edges = (0, shape[0] - size[0], 0, shape[1] - size[1])
    padded = cv2.copyMakeBorder(small, *edges, cv2.BORDER_CONSTANT, value=(0, 0, 0))
    tensor = np.empty((3, *shape), np.float32)
    for plane, levels, out in zip(cv2.split(padded), _LEVELS, tensor, strict=True):
        cv2.LUT(plane, levels, dst=out)
    return tensor


def _boxes(
    distances: NDArray[np.float32], kept: NDArray[np.intp], columns: int, stride: int
) -> NDArray[np.float32]:
    """Return (n, 4) boxes as x, y, width, height in the network's pixels."""
    logits = distances.reshape(-1, 4, len(_BINS))
    weights = np.exp(logits - logits.max(axis=2, keepdims=True))
    sides = (weights / weights.sum(axis=2, keepdims=True)) @ _BINS * stride
    centre = np.stack([kept % columns + 0.5, kept // columns + 0.5], axis=1) * stride
    return np.concatenate(
        [centre - sides[:, :2], sides[:, :2] + sides[:, 2:]], axis=1, dtype=np.float32
    )


def _distinct(kind: int, scores: NDArray[np.float32], boxes: NDArray[np.float32]) -> list[Thing]:
    if not len(scores):
        return []
    kept = np.asarray(cv2.dnn.NMSBoxes(boxes.tolist(), scores.tolist(), 0.0, _OVERLAP)).ravel()
    return [
        Thing(kind, float(scores[index]), (x, y, width, height))
        for index in kept
        for x, y, width, height in (map(float, boxes[index]),)
    ]
