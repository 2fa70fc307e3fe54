"""Phones and people of one camera, looked for when there is reason to: the dearest look of all."""

from dataclasses import replace

from proctor.answers import UNKNOWN, Answer
from proctor.attention import Box, Change
from proctor.detector import Face
from proctor.kinds import Kind
from proctor.objects import PERSON, PHONE, SIDE, Thing, find_things
from proctor.planes import Cut, Planes

_EVERY, _PEOPLE_EVERY, _DOUBT = 6.0, 2.0, 0.7
_AFTER_NOVELTY = 1.0
_STILL_FOR = 10.0
_PHONE_SCORE = 0.5
_PERSON_SCORE = 0.4


class ThingSeeker:
    """Looks again soon while anything is in doubt or new, and now and then in any case."""

    def __init__(self, kinds: frozenset[Kind], expected: int | None) -> None:
        """Take the kinds to answer for (phone, person_entered) and how many people may be there."""
        self._kinds = kinds & {Kind.PHONE, Kind.PERSON_ENTERED}
        self._expected = expected or 0
        self._every = _PEOPLE_EVERY if Kind.PERSON_ENTERED in kinds else _EVERY
        self._answers: dict[Kind, Answer] = {}
        self._at = 0.0
        self._seen: Change | None = None

    def look(
        self, planes: Planes, faces: list[Face], change: Change, time: float
    ) -> dict[Kind, Answer]:
        """Return the answers at `time`, those of the last look where none is due."""
        if self._kinds and self._is_due(change, time):
            self._answers = self._dated(self._found(planes, faces), time)
            self._at, self._seen = time, change
        return self._answers

    def _is_due(self, change: Change, time: float) -> bool:
        passed = time - self._at
        if self._seen is None:
            return True
        if any(answer.yes for answer in self._answers.values()):
            return passed >= _DOUBT
        if change.still_since(self._seen):
            return passed >= _STILL_FOR
        return passed >= self._every or (passed >= _AFTER_NOVELTY and change.new_since(self._seen))

    def _dated(self, found: dict[Kind, Answer], time: float) -> dict[Kind, Answer]:
        """Date a yes back to between two looks, unless something new just called for this one."""
        half = min((time - self._at) / 2, _AFTER_NOVELTY)
        for kind, answer in found.items():
            if answer.yes and self._answers.get(kind, UNKNOWN).yes is False:
                found[kind] = replace(answer, onset=time - half)
        return found

    def _found(self, planes: Planes, faces: list[Face]) -> dict[Kind, Answer]:
        answers: dict[Kind, Answer] = {}
        if Kind.PERSON_ENTERED in self._kinds:
            cut = planes.cut(longest=SIDE)
            things = find_things(cut.picture, kinds=(PERSON, PHONE))
            people = [x for x in things if x.kind == PERSON and x.score >= _PERSON_SCORE]
            answers[Kind.PERSON_ENTERED] = Answer(
                len(people) > self._expected,
                facts={"people": len(people), "expected": self._expected},
                boxes=_boxes(cut, people),
            )
        else:
            cut = planes.cut(_upper_body(faces), longest=SIDE)
            things = find_things(cut.picture, kinds=(PHONE,))
        if Kind.PHONE in self._kinds:
            answers[Kind.PHONE] = _phone(cut, things)
        return answers


def _phone(cut: Cut, things: list[Thing]) -> Answer:
    phones = [thing for thing in things if thing.kind == PHONE]
    score = max((thing.score for thing in phones), default=0.0)
    facts = {"phone_score_pm": round(1000 * score)}
    return Answer(score >= _PHONE_SCORE, facts=facts, boxes=_boxes(cut, phones))


def _boxes(cut: Cut, things: list[Thing]) -> tuple[Box, ...]:
    """Return where things found in a cut stand in the frame."""
    return tuple(
        (cut.left + x / cut.across, cut.top + y / cut.down, width / cut.across, height / cut.down)
        for x, y, width, height in (thing.box for thing in things)
    )


def _upper_body(faces: list[Face]) -> Box | None:
    """Return the box around the largest face where hands would hold a phone."""
    if not faces:
        return None
    face = faces[0]
    middle, reach = face.x + face.width / 2, 2.2 * face.width
    return (middle - reach, face.y - 0.5 * face.height, 2 * reach, 5 * face.height)
