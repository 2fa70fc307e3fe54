"""Phones and people of one camera, looked for when there is reason to: the dearest look of all."""

from dataclasses import replace

from proctor.answers import UNKNOWN, Answer
from proctor.attention import Change
from proctor.detector import Face
from proctor.health import HEIGHT, WIDTH, Box
from proctor.kinds import Kind
from proctor.objects import PERSON, PHONE, SIDE, Thing, find_things
from proctor.planes import Planes
from proctor.seats import SeatArea
from proctor.sightings import FAINTEST, Sightings

_EVERY, _PEOPLE_EVERY, _DOUBT = 3.5, 2.0, 0.7
_AFTER_NOVELTY, _CHASED = 1.0, 3
"""Seconds after a look in which nothing new calls for another, and how many looks it is worth."""
_STILL_FOR = 10.0
_REACH, _ABOVE, _BELOW = 2.2, 0.5, 4.5
"""Face widths to each side and face heights above and below its top where hands hold a phone."""
_CLOSE_ACROSS, _CLOSE_DOWN = 2.6, 3.4
"""A close look, in face heights: a phone is a third of its width and not a tenth of a picture."""
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
        self._sightings = Sightings()
        self._at = 0.0
        self._seen: Change | None = None
        self._chased, self._close = 0, True

    def look(
        self, planes: Planes, faces: list[Face], change: Change, time: float, *, patience: float
    ) -> dict[Kind, Answer]:
        """Return the answers at `time`, those of the last look where none is due.

        patience: how many times longer than usual things may be left alone.
        """
        if Kind.PHONE in self._kinds:
            self._sightings.passes(planes.luma(WIDTH, HEIGHT), time)
        if self._kinds and self._is_due(change, time, patience):
            self._answers = self._dated(self._found(planes, faces, change, time), time)
            self._at, self._seen = time, change
            self._chased = max(0, self._chased - 1)
        return self._answers

    def _is_due(self, change: Change, time: float, patience: float) -> bool:
        passed = time - self._at
        if self._seen is None:
            return True
        if passed >= _AFTER_NOVELTY * patience and change.new_since(self._seen):
            self._chased = _CHASED
            return True
        doubted = self._sightings.place or any(answer.yes for answer in self._answers.values())
        if doubted or (self._chased and patience <= 1):
            return passed >= _DOUBT
        if change.still_since(self._seen):
            return passed >= _STILL_FOR * patience
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
        self, planes: Planes, faces: list[Face], change: Change, time: float
    ) -> dict[Kind, Answer]:
        answers: dict[Kind, Answer] = {}
        if Kind.PERSON_ENTERED in self._kinds:
            cut = planes.cut(longest=SIDE)
            found = find_things(cut.picture, kinds=(PERSON, PHONE), least_score=FAINTEST)
            things = [cut.placed(thing) for thing in found]
            people = [x for x in things if _is_person(x, change, planes)]
            answers[Kind.PERSON_ENTERED] = Answer(
                len(people) > self._expected,
                facts={"people": len(people), "expected": self._expected},
                boxes=tuple(person.box for person in people),
            )
        else:
            box = self._part(faces, change, planes.size)
            cut = planes.cut(box, longest=SIDE)
            found = find_things(cut.picture, kinds=(PHONE,), least_score=FAINTEST)
            things = [cut.placed(thing) for thing in found]
        if Kind.PHONE in self._kinds:
            free = [
                x for x in things if not any(s.holds_thing(x, planes.size) for s in self._seats)
            ]
            answers[Kind.PHONE] = self._phone(free, cut.box, planes.size, time)
        return answers

    def _part(self, faces: list[Face], change: Change, size: tuple[int, int]) -> Box | None:
        """Return where to look: at all that hands reach, and in turn closely at a part of it.

        The part is where a phone may have been seen, or else where the picture is least as usual.
        From close by, the network sees what is too small or too dark for it from afar, and is
        taken in by other things: a badge seen from near is a phone again and again, and from afar
        never. So both take turns.
        """
        if not faces:
            return None
        face = faces[0]
        middle, reach = face.x + face.width / 2, _REACH * face.width
        above = _ABOVE * face.height
        box = (middle - reach, face.y - above, 2 * reach, above + _BELOW * face.height)
        self._close = not self._close
        if not self._close:
            return box
        place = self._sightings.place
        x, y = _middle(place.box) if place is not None else change.strangest(box, size)
        across, down = _CLOSE_ACROSS * face.height, _CLOSE_DOWN * face.height
        return (x - across / 2, y - down / 2, across, down)

    def _phone(self, phones: list[Thing], seen: Box, size: tuple[int, int], time: float) -> Answer:
        """Say yes to a sure sighting, and to less sure ones that looks before saw there too."""
        phones = [thing for thing in phones if thing.kind == PHONE]
        sightings = self._sightings
        sightings.take(phones, seen, size, time, late=self._between(time))
        score = phones[0].score if phones else 0.0
        facts = {"phone_score_pm": round(1000 * score)}
        if not sightings.here or sightings.place is None:
            return Answer(yes=False, facts=facts)
        return Answer(
            yes=True,
            onset=sightings.began,
            lasted=time - sightings.first,
            facts=facts,
            boxes=(sightings.place.box,),
        )


def _is_person(thing: Thing, change: Change, planes: Planes) -> bool:
    """Whether it is surely a person, or likely one where the picture is not as it usually is."""
    least = _STRANGER_SCORE if change.unusual(thing.box, planes.size) else _PERSON_SCORE
    return thing.kind == PERSON and thing.score >= least


def _middle(box: Box) -> tuple[float, float]:
    return box[0] + box[2] / 2, box[1] + box[3] / 2
