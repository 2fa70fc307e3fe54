"""Phones and people of one camera, looked for when there is reason to: the dearest look of all."""

from collections import deque
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from proctor.answers import UNKNOWN, Answer
from proctor.attention import Change, came_at
from proctor.detector import Face
from proctor.health import Box
from proctor.kinds import Kind
from proctor.objects import PERSON, PHONE, SIDE, Thing, find_things
from proctor.planes import Planes
from proctor.seats import SeatArea

_EVERY, _PEOPLE_EVERY, _DOUBT = 6.0, 2.0, 0.7
_AFTER_NOVELTY = 1.0
_STILL_FOR = 10.0
_PHONE_SCORE, _PHONE_HINT, _PHONE_STAYS, _TWO_LOOKS = 0.5, 0.3, 0.2, 0.36
"""A sure look, one that may be; where a phone was seen, the least that still is it; and the mean
of two looks in a row at one place that is as good as one sure look. Of 40 drawn phones held for
6.4 s, 35 are found so and 27 by single scores; of 60 stretches without one, none is."""
_SAME_HAND = 0.6
_PASSING = 60
"""Pictures remembered between two looks: twelve seconds of the usual rate."""
_PERSON_SCORE, _STRANGER_SCORE = 0.4, 0.25


class ThingSeeker:
    """Looks again soon while anything is in doubt or new, and now and then in any case."""

    def __init__(
        self,
        kinds: frozenset[Kind],
        expected: int | None,
        seats: tuple[SeatArea, ...] = (),
    ) -> None:
        """Take the kinds to answer for (phone, person_entered) and how many people may be there.

        seats: areas whose phones somebody else answers for.
        """
        self._seats = seats
        self._kinds = kinds & {Kind.PHONE, Kind.PERSON_ENTERED}
        self._expected = expected or 0
        self._every = _PEOPLE_EVERY if Kind.PERSON_ENTERED in kinds else _EVERY
        self._answers: dict[Kind, Answer] = {}
        # Since when a phone may be there, and where it was last; nothing while none may.
        self._run: tuple[float, Thing] | None = None
        self._at = 0.0
        self._seen: Change | None = None
        # Time and levels of the pictures since the last look.
        self._passing: deque[tuple[float, NDArray[np.uint8]]] = deque(maxlen=_PASSING)

    def look(
        self, planes: Planes, faces: list[Face], change: Change, time: float, *, patience: float
    ) -> dict[Kind, Answer]:
        """Return the answers at `time`, those of the last look where none is due.

        patience: how many times longer than usual things may be left alone.
        """
        if self._kinds and self._is_due(change, time, patience):
            self._answers = self._dated(self._found(planes, faces, change, time), time)
            self._at, self._seen = time, change
            self._passing.clear()
        self._passing.append((time, np.round(change.tiles).astype(np.uint8)))
        return self._answers

    def _is_due(self, change: Change, time: float, patience: float) -> bool:
        passed = time - self._at
        if self._seen is None:
            return True
        if self._run or any(answer.yes for answer in self._answers.values()):
            return passed >= _DOUBT
        if change.still_since(self._seen):
            return passed >= _STILL_FOR * patience
        if passed >= _AFTER_NOVELTY * patience and change.new_since(self._seen):
            return True
        return passed >= self._every * patience

    def _dated(self, found: dict[Kind, Answer], time: float) -> dict[Kind, Answer]:
        """Date a yes back to between two looks, unless something new just called for this one."""
        for kind, answer in found.items():
            before = self._answers.get(kind, UNKNOWN).yes is False
            if answer.yes and answer.onset is None and before:
                found[kind] = replace(answer, onset=self._between(time))
        return found

    def _between(self, time: float) -> float:
        return time - min((time - self._at) / 2, _AFTER_NOVELTY)

    def _came(self, thing: Thing, change: Change, size: tuple[int, int], time: float) -> float:
        """Return since when its place has looked more as it does now than as at the last look.

        The levels of the tiles that it touches are known of every picture in between, so a look
        that comes late does not date what it finds late. Where they hardly changed nothing can be
        told from them, and a moment between the two looks is given.
        """
        place = change.touched(thing.box, size)
        levels = [(at, tiles[place].astype(np.float32)) for at, tiles in self._passing]
        came = came_at(levels, change.tiles[place])
        return self._between(time) if came is None else min(came, time)

    def _found(
        self, planes: Planes, faces: list[Face], change: Change, time: float
    ) -> dict[Kind, Answer]:
        answers: dict[Kind, Answer] = {}
        if Kind.PERSON_ENTERED in self._kinds:
            cut = planes.cut(longest=SIDE)
            found = find_things(cut.picture, kinds=(PERSON, PHONE), least_score=_STRANGER_SCORE)
            things = [cut.placed(thing) for thing in found]
            people = [x for x in things if _is_person(x, change, planes)]
            answers[Kind.PERSON_ENTERED] = Answer(
                len(people) > self._expected,
                facts={"people": len(people), "expected": self._expected},
                boxes=tuple(person.box for person in people),
            )
        else:
            cut = planes.cut(_upper_body(faces), longest=SIDE)
            found = find_things(cut.picture, kinds=(PHONE,), least_score=_PHONE_STAYS)
            things = [cut.placed(thing) for thing in found]
        if Kind.PHONE in self._kinds:
            free = [
                x for x in things if not any(s.holds_thing(x, planes.size) for s in self._seats)
            ]
            answers[Kind.PHONE] = self._phone(free, change, planes.size, time)
        return answers

    def _phone(
        self, things: list[Thing], change: Change, size: tuple[int, int], time: float
    ) -> Answer:
        """Say yes to a sure sighting, and to less sure ones that looks before saw there too."""
        best = next((thing for thing in things if thing.kind == PHONE), None)
        held = self._answers.get(Kind.PHONE, UNKNOWN).yes is True
        if best is None or best.score < (_PHONE_STAYS if held else _PHONE_HINT):
            self._run = None
            score = 0 if best is None else round(1000 * best.score)
            return Answer(yes=False, facts={"phone_score_pm": score})
        if self._run and not _same_hand(self._run[1], best):
            self._run = None
        began, before = self._run or (self._came(best, change, size, time), None)
        self._run = (began, best)
        likely = before is not None and before.score + best.score >= 2 * _TWO_LOOKS
        yes = best.score >= _PHONE_SCORE or likely or (held and before is not None)
        facts = {"phone_score_pm": round(1000 * best.score)}
        return Answer(yes, onset=began, facts=facts, boxes=(best.box,))


def _is_person(thing: Thing, change: Change, planes: Planes) -> bool:
    """Whether it is surely a person, or likely one where the picture is not as it usually is."""
    least = _STRANGER_SCORE if change.unusual(thing.box, planes.size) else _PERSON_SCORE
    return thing.kind == PERSON and thing.score >= least


def _same_hand(one: Thing, two: Thing) -> bool:
    """Whether two sightings are so near to each other that one hand may hold both."""
    apart = max(
        abs(one.box[at] + one.box[at + 2] / 2 - two.box[at] - two.box[at + 2] / 2) for at in (0, 1)
    )
    return apart < _SAME_HAND * max(*one.box[2:], *two.box[2:])


def _upper_body(faces: list[Face]) -> Box | None:
    """Return the box around the largest face where hands would hold a phone."""
    if not faces:
        return None
    face = faces[0]
    middle, reach = face.x + face.width / 2, 2.2 * face.width
    return (middle - reach, face.y - 0.5 * face.height, 2 * reach, 5 * face.height)
