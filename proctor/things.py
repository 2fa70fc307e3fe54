"""Phones and people of one camera, looked for when there is reason to: the dearest look of all."""

from dataclasses import replace

from proctor.answers import UNKNOWN, Answer
from proctor.attention import Change
from proctor.closeup import View
from proctor.detector import Face, open_up
from proctor.health import HEIGHT, WIDTH
from proctor.kinds import Kind
from proctor.objects import PERSON, PHONE, SIDE, Thing, find_things
from proctor.phones import FAINTEST, PhoneSeeker
from proctor.planes import Planes
from proctor.seats import SeatArea

_EVERY, _PEOPLE_EVERY, _DOUBT = 3.5, 2.0, 0.7
_AFTER_NOVELTY = 1.0
_STILL_FOR = 10.0
_LEAST = 0.2
"""The least score worth knowing in a whole picture."""
_PERSON_SCORE, _STRANGER_SCORE, _STAYS_SCORE = 0.4, 0.25, 0.2
"""The least score of a person, of one where the picture is not as it usually is, and of one where
somebody was at the last look and the picture still is not: who stands still under dim light."""


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
        self._phones = PhoneSeeker(told_apart=Kind.WRONG_PERSON in kinds)
        self._at = 0.0
        self._seen: Change | None = None
        self._people: list[Thing] = []

    def look(
        self,
        planes: Planes,
        faces: list[Face],
        change: Change,
        time: float,
        *,
        alone: bool,
        patience: float,
    ) -> dict[Kind, Answer]:
        """Return the answers at `time`, those of the last look where none is due.

        alone: the one face is that of whom is expected, as far as anybody knows. patience: how many
        times longer than usual things may be left alone.
        """
        if Kind.PHONE in self._kinds:
            small = planes.luma(WIDTH, HEIGHT)
            self._phones.passes(small, time, body=alone, cut=change.cut)
        if self._kinds and self._is_due(change, time, patience, alone=alone):
            found = self._found(planes, faces, change, time, alone=alone)
            self._answers = self._dated(found, time)
            self._at, self._seen = time, change
        return self._answers

    def _is_due(self, change: Change, time: float, patience: float, *, alone: bool) -> bool:
        passed = time - self._at
        if self._seen is None:
            return True
        if self._phones.doubted or any(answer.yes for answer in self._answers.values()):
            return passed >= _DOUBT
        if alone and patience <= 1 and self._phones.learns(time):
            return True
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

    def _found(
        self, planes: Planes, faces: list[Face], change: Change, time: float, *, alone: bool
    ) -> dict[Kind, Answer]:
        late = self._between(time)
        seated = bool(faces) and Kind.PERSON_ENTERED not in self._kinds

        def find(view: View | None) -> list[Thing]:
            cut = planes.cut(None if view is None else view.box(faces[0]), longest=SIDE)
            kinds, least = ((PHONE,), FAINTEST) if seated else ((PERSON, PHONE), _LEAST)
            picture = open_up(cut.picture) if seated else cut.picture
            found = find_things(picture, kinds=kinds, least_score=least)
            return [cut.placed(thing) for thing in found]

        if seated and alone:
            phone = self._phones.before_body(find, faces[0], planes.size, time, late=late)
            return {Kind.PHONE: phone}
        things = find(View.WHOLE if seated else None)
        free = [x for x in things if not any(s.holds_thing(x, planes.size) for s in self._seats)]
        answers = {
            Kind.PERSON_ENTERED: self._entered(things, change, planes),
            Kind.PHONE: self._phones.anywhere(free, planes.size, late=late),
        }
        return {kind: answer for kind, answer in answers.items() if kind in self._kinds}

    def _entered(self, things: list[Thing], change: Change, planes: Planes) -> Answer:
        self._people = [x for x in things if self._is_person(x, change, planes)]
        return Answer(
            len(self._people) > self._expected,
            facts={"people": len(self._people), "expected": self._expected},
            boxes=tuple(person.box for person in self._people),
        )

    def _is_person(self, thing: Thing, change: Change, planes: Planes) -> bool:
        """Whether it is surely a person, or likely one where the picture is not as usual."""
        least = _PERSON_SCORE
        if change.unusual(thing.box, planes.size):
            stays = any(_same_place(thing, person) for person in self._people)
            least = _STAYS_SCORE if stays else _STRANGER_SCORE
        return thing.kind == PERSON and thing.score >= least


def _same_place(one: Thing, two: Thing) -> bool:
    """Whether the middles of two things lie within half of a side of each other."""
    return all(
        abs(one.box[at] - two.box[at] + (one.box[at + 2] - two.box[at + 2]) / 2)
        < max(one.box[at + 2], two.box[at + 2]) / 2
        for at in (0, 1)
    )
