"""Adds up what several looks say of a phone at one place, and dates it by the pictures between.

One look of the network says little: of a phone that lies dark on a dark sleeve it is a third sure,
look after look, and of a printed shirt it is so now and then. So the scores of one place are added
up, as far as they exceed what this seat usually gives, until they are enough (Page, Continuous
inspection schemes, 1954), and a look that sees nothing there takes a little away.
"""

from collections import deque
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from proctor.health import Box
from proctor.objects import Thing

FAINTEST = 0.12
_SURE, _STAYS = 0.5, 0.2
"""The least score worth knowing; one that is enough alone; the least where a phone was seen."""
_ENOUGH, _MISSED = 0.24, 0.1
"""How much must add up, and what a look without it takes away."""
_NOTHING, _AT_FIRST, _GIVEN, _LEARNING = 0.1, 0.18, 8, 0.025
"""What an empty place scores; what it is taken to score at first, worth so many looks; a rate."""
_ABOVE, _LEAST_USUAL = 0.08, 0.22
"""By how much, and from what score on, a sighting exceeds what its place usually gives."""
_MOST = 0.5
_EDGE, _IN_PART = 0.01, 0.5
"""How near the edge of the picture, as a share of its height, a thing counts as cut by it; and what
a sighting of a part is worth: the lower half of a badge on its ribbon looks like a phone, too."""
_MISSES = 3
_SAME_HAND = 0.6
_PASSING = 60
"""Pictures remembered: twelve seconds of the usual rate."""
_ACROSS, _DOWN = 32, 18
_CHANGED, _STEP, _LATER_STEP, _LASTS = 4.0, 2.0, 0.4, 5
"""Levels that a place must have changed by, and by at least in a step; how large a later step is
against the one before it, and how many pictures it must have lasted."""

Small = NDArray[np.uint8]


class Sightings:
    """What was seen of one phone, from the first hint of it until it is gone."""

    def __init__(self) -> None:
        """Start without any hint."""
        self.place: Thing | None = None
        self.began = self.first = 0.0
        self.held = self._dated = False
        self._evidence = 0.0
        self._looks = self._misses = 0
        self._usual = np.full((_DOWN, _ACROSS), _AT_FIRST, np.float32)
        self._learnt = 0
        self._passing: deque[tuple[float, Small]] = deque(maxlen=_PASSING)

    def passes(self, luma: Small, time: float) -> None:
        """Remember one picture, small, so that what is found later can be dated."""
        small = cv2.resize(luma, (_ACROSS, _DOWN), interpolation=cv2.INTER_AREA)
        self._passing.append((time, np.asarray(small, np.uint8)))

    @property
    def here(self) -> bool:
        """Whether enough has added up, and the last look at the place did not fail to see it."""
        return self.held and self._misses == 0

    def take(
        self, phones: list[Thing], seen: Box, size: tuple[int, int], time: float, *, late: float
    ) -> None:
        """Take one look: the phones in it, surest first, and which part of the frame it saw.

        seen: x, y, width, height in pixels of a frame of `size` (height, width). late: when it
        began, in seconds, where the pictures do not tell.
        """
        if not self.held:
            self._learn(phones, seen, size)
        if self.place is not None:
            near = next((x for x in phones if _same_hand(self.place, x)), None)
            if near is not None and near.score > _STAYS:
                self._agree(near, size)
            elif _within(self.place.box, seen):
                self._miss()
        if self.place is None:
            best = max(phones, key=lambda x: self._exceeds(x, size), default=None)
            if best is not None and self._exceeds(best, size) > 0:
                self._agree(best, size)
        self._date(time, size, late)

    def _date(self, time: float, size: tuple[int, int], late: float) -> None:
        """Date what has just added up by the pictures before: a first faint hint may be nothing."""
        if self.place is None or self._misses or self._looks == 1:
            self.first = time
        if not self.held:
            self._dated = False
        elif not self._dated and self.place is not None:
            came = came_at(self._passing, _touched(self.place.box, size))
            self.began = min(self.first, late if came is None else came)
            self._dated = True

    def _exceeds(self, phone: Thing, size: tuple[int, int]) -> float:
        """Return how far a score exceeds what its place usually gives: a print may look like it."""
        usual = float(self._usual[_touched(phone.box, size)].max(initial=0.0))
        above = phone.score - max(_LEAST_USUAL, usual + _ABOVE)
        return _IN_PART * above if _is_cut(phone.box, size) else above

    def _learn(self, phones: list[Thing], seen: Box, size: tuple[int, int]) -> None:
        """Learn slowly, so that a phone of ten seconds does not become usual itself."""
        shown = np.full_like(self._usual, _NOTHING)
        for phone in reversed(phones):
            place = _touched(phone.box, size)
            shown[place] = np.maximum(shown[place], phone.score)
        part = _touched(seen, size)
        self._learnt += 1
        rate = max(_LEARNING, 1.0 / (_GIVEN + self._learnt))
        self._usual[part] += rate * (shown[part] - self._usual[part])

    def _agree(self, phone: Thing, size: tuple[int, int]) -> None:
        self.place = phone
        self._looks += 1
        self._misses = 0
        self._evidence = min(_MOST, self._evidence + self._exceeds(phone, size))
        added_up = self._looks > 1 and self._evidence >= _ENOUGH
        sure = phone.score >= _SURE and not _is_cut(phone.box, size)
        self.held = self.held or sure or added_up
        self._forget_if_spent()

    def _miss(self) -> None:
        self._misses += 1
        self._evidence -= _MISSED
        self._forget_if_spent()

    def _forget_if_spent(self) -> None:
        spent = self._misses >= _MISSES if self.held else self._evidence <= 0
        if spent:
            self.place, self.held = None, False
            self._evidence, self._looks, self._misses = 0.0, 0, 0


def _is_cut(box: Box, size: tuple[int, int]) -> bool:
    """Say whether a thing is cut by the edge of the picture."""
    left, top, width, height = box
    near = _EDGE * size[0]
    inside = left > near and top > near
    return not (inside and left + width < size[1] - near and top + height < size[0] - near)


def came_at(passing: Sequence[tuple[float, Small]], place: tuple[slice, slice]) -> float | None:
    """Return since when a place has looked as it does now.

    passing: time in seconds and levels of pictures, oldest first, the present one last. place: rows
    and columns. How far each picture is from the present one falls in a step when what is there now
    came; of several, as when somebody also sat down before, the last large one counts.
    Returns None where it has changed too little for a moment to be told.
    """
    if not passing:
        return None
    now = passing[-1][1][place].astype(np.float32)
    apart = np.array([np.abs(levels[place] - now).mean() for _, levels in passing])
    if apart.max() < _CHANGED:
        return None
    came, height = _step(apart)
    if came == 0:
        return None
    while len(apart) - came > _LASTS:
        later, rise = _step(apart[came:])
        too_late = len(apart) - came - later < _LASTS
        if later == 0 or rise < max(_STEP, _LATER_STEP * height) or too_late:
            break
        came += later
    return passing[came][0]


def _step(apart: NDArray[np.float64]) -> tuple[int, float]:
    """Return where two means fit best, the first one larger, and by how much; 0 where none do."""
    count = len(apart)
    before = np.arange(1, count)
    sums = np.cumsum(apart)
    fall = sums[:-1] / before - (sums[-1] - sums[:-1]) / (count - before)
    gain = np.where(fall > 0, before * (count - before) * fall**2, 0.0)
    best = int(gain.argmax()) if count > 1 else 0
    return (best + 1, float(fall[best])) if count > 1 and gain[best] > 0 else (0, 0.0)


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


def _same_hand(one: Thing, two: Thing) -> bool:
    """Whether two sightings are so near to each other that one hand may hold both."""
    apart = max(
        abs(one.box[at] + one.box[at + 2] / 2 - two.box[at] - two.box[at + 2] / 2) for at in (0, 1)
    )
    return apart < _SAME_HAND * max(*one.box[2:], *two.box[2:])


def _within(inner: Box, outer: Box) -> bool:
    """Whether the middle of a box lies in another."""
    return all(
        outer[at] <= inner[at] + inner[at + 2] / 2 <= outer[at] + outer[at + 2] for at in (0, 1)
    )
