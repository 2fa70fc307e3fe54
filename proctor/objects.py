"""Finds people and phones with NanoDet-m 416 (COCO). One look costs about 50 ms.

Output layout: per stride (8, 16, 32) class scores (n, 80) and four side distances, each a
distribution over 11 bins (n, 44). Method: Li et al., Generalized Focal Loss, 2020; NanoDet, 2020.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from proctor.detector import Picture
from proctor.models import store

PERSON, PHONE = 0, 67
SIDE = 416
_CELLS = (52, 26, 13)
_BINS = np.arange(11, dtype=np.float32)
_MEAN = np.array([103.53, 116.28, 123.675], np.float32)
_SPREAD = np.array([57.375, 57.12, 58.395], np.float32)
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
    tensor, scale = _tensor(picture)
    outputs = store.run(store.OBJECTS, tensor)
    shapes = {output.shape[1:]: output[0] for output in outputs}
    found: list[Thing] = []
    for kind in kinds:
        scores, boxes = [], []
        for cells in _CELLS:
            score = shapes[cells * cells, 80][:, kind]
            kept = np.flatnonzero(score > least_score)
            boxes.append(_boxes(shapes[cells * cells, 44][kept], kept, cells) / scale)
            scores.append(score[kept])
        found += _distinct(kind, np.concatenate(scores), np.concatenate(boxes))
    return sorted(found, key=lambda thing: -thing.score)


def _tensor(picture: Picture) -> tuple[NDArray[np.float32], float]:
    height, width = picture.shape[:2]
    scale = SIDE / max(height, width)
    size = (max(1, round(height * scale)), max(1, round(width * scale)))
    small = np.asarray(cv2.resize(picture, size[::-1]), np.uint8)
    edges = (0, SIDE - size[0], 0, SIDE - size[1])
    padded = cv2.copyMakeBorder(small, *edges, cv2.BORDER_CONSTANT, value=(0, 0, 0))
    tensor = cv2.dnn.blobFromImage(padded, mean=_MEAN.tolist())
    return np.asarray(tensor / _SPREAD[:, None, None], np.float32), scale


def _boxes(
    distances: NDArray[np.float32], kept: NDArray[np.intp], cells: int
) -> NDArray[np.float32]:
    """Return (n, 4) boxes as x, y, width, height in the network's pixels."""
    stride = SIDE / cells
    logits = distances.reshape(-1, 4, len(_BINS))
    weights = np.exp(logits - logits.max(axis=2, keepdims=True))
    sides = (weights / weights.sum(axis=2, keepdims=True)) @ _BINS * stride
    centre = np.stack([kept % cells + 0.5, kept // cells + 0.5], axis=1) * stride
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
