"""Says whether a phone is held: before one body by adding up, anywhere else by two looks."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from proctor.answers import Answer
from proctor.closeup import View, same_hand
from proctor.dating import Passing
from proctor.detector import Face
from proctor.objects import PHONE, Thing
from proctor.sightings import FAINTEST, Sightings

__all__ = ["FAINTEST", "PhoneSeeker"]

_SURE, _HINT, _STAYS, _TWO_LOOKS = 0.5, 0.3, 0.2, 0.36
"""A sure look, one that may be; where a phone was seen, the least that still is it; and the mean
of two looks in a row at one place that is as good as one sure look."""
_RETURNS_AFTER = 3.0
"""Seconds without a body after which it may sit otherwise, or be another one: it is learnt."""


class PhoneSeeker:
    """Remembers what may have been phones on one camera."""

    def __init__(self, *, told_apart: bool) -> None:
        """Start without any hint.

        told_apart: whether faces are compared, so that a body before the seat is the expected one.
        """
        self._sightings = Sightings()
        self._told_apart = told_apart
        self._passing = Passing()
        # Since when a phone may be there, and where it was last; nothing while none may.
        self._run: tuple[float, Thing] | None = None
        self._yes = False
        self._dated: tuple[float, float] | None = None
        self._body_at: float | None = None

    def passes(self, luma: NDArray[np.uint8], time: float, *, body: bool, cut: bool) -> None:
        """Remember one picture, so that what is found later can be dated by it.

        body: whether the one expected body is there. cut: whether the scene was cut before it.
        """
        self._passing.add(luma, time)
        away = self._body_at is not None and time - self._body_at > _RETURNS_AFTER
        if self._told_apart and body and away:
            self._sightings.learn_on()
        elif not self._told_apart and (cut or (body and away)):
            self._sightings.learn_anew()
        if body:
            self._body_at = time

    @property
    def doubted(self) -> bool:
        """Whether another look is called for soon."""
        return self._run is not None or self._sightings.doubted

    def learns(self, time: float) -> bool:
        """Whether the body is still being learnt, and a look at `time` is due for that."""
        return self._sightings.learns(time)

    def before_body(
        self,
        find: Callable[[View], list[Thing]],
        face: Face,
        size: tuple[int, int],
        time: float,
        *,
        late: float,
    ) -> Answer:
        """Look at the body of the one face in a frame of `size` (height, width).

        find: gives what a cut shows, surest first, in the frame's pixels. late: when what is found
        began, in seconds, where the pictures do not tell.
        """
        self._run = None
        score = self._sightings.look(find, face, time)
        track = self._sightings.held
        facts = {"phone_score_pm": round(1000 * score)}
        if track is None:
            self._yes = False
            return Answer(yes=False, facts=facts)
        if self._dated is None or self._dated[0] != track.first:
            until = time if track.since is None else track.since
            came = self._passing.came_at(track.thing.box, size, after=track.after, until=until)
            began = min(track.first, late) if came is None else came
            self._dated = (track.first, max(track.after, began))
        self._yes = True
        return Answer(
            yes=True,
            onset=self._dated[1],
            lasted=time - track.first,
            facts=facts,
            boxes=(track.thing.box,),
        )

    def anywhere(self, things: list[Thing], size: tuple[int, int], *, late: float) -> Answer:
        """Say yes to a sure sighting, and to less sure ones that looks before saw there too."""
        best = next((thing for thing in things if thing.kind == PHONE), None)
        if best is None or best.score < (_STAYS if self._yes else _HINT):
            self._run, self._yes = None, False
            score = 0 if best is None else round(1000 * best.score)
            return Answer(yes=False, facts={"phone_score_pm": score})
        if self._run and not same_hand(self._run[1], best):
            self._run = None
        began, before = self._run or (self._came(best, size, late), None)
        self._run = (began, best)
        likely = before is not None and before.score + best.score >= 2 * _TWO_LOOKS
        self._yes = best.score >= _SURE or likely or (self._yes and before is not None)
        facts = {"phone_score_pm": round(1000 * best.score)}
        return Answer(self._yes, onset=began, facts=facts, boxes=(best.box,))

    def _came(self, thing: Thing, size: tuple[int, int], late: float) -> float:
        came = self._passing.came_at(thing.box, size)
        return late if came is None else came
