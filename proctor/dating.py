"""Dates what a dear network finds late by the cheap pictures in between."""

import math
from bisect import bisect_right
from collections import deque
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from proctor.health import Box

_PASSING = 60
"""Pictures remembered: twelve seconds of the usual rate."""
_ACROSS, _DOWN = 32, 18
_CHANGED, _STEP, _LATER_STEP, _LASTS = 4.0, 2.0, 0.4, 5
"""Levels that a place must have changed by, and by at least in a step; how large a later step is
against the one before it, and how many pictures it must have lasted."""

Small = NDArray[np.uint8]


class Passing:
    """The last pictures of a camera, small."""

    def __init__(self) -> None:
        """Start without any picture."""
        self._pictures: deque[tuple[float, Small]] = deque(maxlen=_PASSING)

    def add(self, luma: Small, time: float) -> None:
        """Remember the luma of one picture."""
        small = cv2.resize(luma, (_ACROSS, _DOWN), interpolation=cv2.INTER_AREA)
        self._pictures.append((time, np.asarray(small, np.uint8)))

    def came_at(
        self,
        box: Box,
        size: tuple[int, int],
        *,
        after: float = -math.inf,
        until: float = math.inf,
    ) -> float | None:
        """Return since when a box (x, y, width, height) in a frame of `size` looks as it does now.

        size: height, width. after, until: between which moments it came, where that is known. None:
        it changed too little for a moment to be told.
        """
        return came_at(self._pictures, _touched(box, size), after=after, until=until)


def came_at(
    passing: Sequence[tuple[float, Small]],
    place: tuple[slice, slice],
    *,
    after: float = -math.inf,
    until: float = math.inf,
) -> float | None:
    """Return since when a place has looked as it does now.

    passing: time in seconds and levels of pictures, oldest first, the present one last. place: rows
    and columns. How far each picture is from the present one falls in a step when what is there now
    came; of several, as when somebody also sat down before, the last large one counts.
    after, until: what happened before and later is left out of account; but where nothing did in
    between and something before, it was there at `after` already.
    Returns None where it has changed too little for a moment to be told.
    """
    if not passing:
        return None
    now = passing[-1][1][place].astype(np.float32)
    apart = np.array([np.abs(levels[place] - now).mean() for _, levels in passing])
    if apart.max() < _CHANGED:
        return None
    times = [time for time, _ in passing]
    begin, end = max(0, bisect_right(times, after) - 1), bisect_right(times, until)
    came, height = _step(apart[begin:], end - begin)
    if begin and height < _STEP:
        return after if _step(apart, begin + 1)[1] >= _STEP else None
    if came == 0:
        return None
    came += begin
    while len(apart) - came > _LASTS:
        later, rise = _step(apart[came:], end - came)
        too_late = len(apart) - came - later < _LASTS
        if later == 0 or rise < max(_STEP, _LATER_STEP * height) or too_late:
            break
        came += later
    return times[came]


def _step(apart: NDArray[np.float64], end: int) -> tuple[int, float]:
    """Return where two means fit best, the first one larger, and by how much; 0 where none do.

    end: the second mean begins before it.
    """
    count = len(apart)
    before = np.arange(1, count)
    sums = np.cumsum(apart)
    fall = sums[:-1] / before - (sums[-1] - sums[:-1]) / (count - before)
    gain = np.where(fall > 0, before * (count - before) * fall**2, 0.0)[: max(0, end - 1)]
    best = int(gain.argmax()) if gain.size else 0
    return (best + 1, float(fall[best])) if gain.size and gain[best] > 0 else (0, 0.0)


def _touched(box: Box, size: tuple[int, int]) -> tuple[slice, slice]:
    """Return rows and columns of the small picture that a box in a frame of `size` touches."""
    rows, columns = (
        slice(
            min(count - 1, max(0, int(start / side * count))),
            max(1, int(np.ceil((start + length) / side * count))),
        )
        for start, length, side, count in (
            (box[1], box[3], size[0], _DOWN),
            (box[0], box[2], size[1], _ACROSS),
        )
    )
    return rows, columns
