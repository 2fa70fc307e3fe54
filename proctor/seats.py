"""Seats as polygons on a room camera, and the phones and people of each."""

from dataclasses import dataclass, replace
from typing import Any

from proctor.answers import UNKNOWN, Answer
from proctor.attention import Change
from proctor.errors import BadInputError
from proctor.health import Box
from proctor.kinds import Kind, Place
from proctor.objects import PERSON, PHONE, SIDE, Thing, find_things
from proctor.planes import Planes

Corner = tuple[float, float]
SEATED = frozenset({Kind.PHONE, Kind.PERSON_ENTERED})
"""What is claimed of single seats."""

_BETWEEN_LOOKS = 0.4
_DOUBT, _AFTER_NOVELTY, _STILL_FOR = 0.7, 1.0, 10.0
_LONGEST_DATING = 1.0
_NOVEL_LEVEL = 6.0
_PERSON_SCORE, _PHONE_SCORE = 0.4, 0.5
_AROUND = 0.1


@dataclass(frozen=True)
class SeatArea:
    """A seat: its opaque name, corners as shares (0 to 1) of width and height, people expected."""

    seat: str
    corners: tuple[Corner, ...]
    people: int = 1

    def holds(self, x: float, y: float) -> bool:
        """Tell whether a point (shares of width and height) lies inside (even-odd rule)."""
        inside = False
        for (x0, y0), (x1, y1) in zip(
            self.corners, (*self.corners[1:], self.corners[0]), strict=True
        ):
            if (y0 > y) != (y1 > y) and x < x0 + (y - y0) * (x1 - x0) / (y1 - y0):
                inside = not inside
        return inside

    def box(self, size: tuple[int, int]) -> Box:
        """Return the box around it and a little more, in pixels of a frame of `size` (h, w)."""
        height, width = size
        xs, ys = zip(*self.corners, strict=True)
        wide, tall = max(xs) - min(xs), max(ys) - min(ys)
        left, top = min(xs) - _AROUND * wide, min(ys) - _AROUND * tall
        across, down = (1 + 2 * _AROUND) * wide, (1 + 2 * _AROUND) * tall
        return (left * width, top * height, across * width, down * height)

    def holds_thing(self, thing: Thing, size: tuple[int, int]) -> bool:
        """Tell whether the middle of an object (pixels of a frame of `size`) lies inside."""
        x, y, width, height = thing.box
        return self.holds((x + width / 2) / size[1], (y + height / 2) / size[0])


def seat_areas(told: list[Any]) -> tuple[SeatArea, ...]:
    """Return the seats of a profile's `[[seats]]`; raises BadInputError naming seat and field."""
    areas = tuple(_area(index, one) for index, one in enumerate(told, 1))
    names = [area.seat for area in areas]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise BadInputError(f"seats: {', '.join(twice)} stands there twice; give each seat once")
    return areas


def _area(index: int, told: Any) -> SeatArea:
    where = f"seats, entry {index}"
    if not isinstance(told, dict) or set(told) - {"seat", "corners", "people"}:
        raise BadInputError(f"{where}: give seat, corners and, if not one, people")
    seat, people = told.get("seat"), told.get("people", 1)
    corners: Any = told.get("corners")
    if not isinstance(seat, str) or not 1 <= len(seat) <= 32:
        raise BadInputError(f"{where}: seat is a name of 1 to 32 characters")
    if not isinstance(people, int) or isinstance(people, bool) or not 0 <= people <= 10:
        raise BadInputError(f"{where} ({seat}): people is a number from 0 to 10")
    try:
        points = tuple((float(x), float(y)) for x, y in corners)
    except (TypeError, ValueError):
        points = ()
    if len(points) < 3 or not all(0 <= share <= 1 for point in points for share in point):
        raise BadInputError(
            f"{where} ({seat}): corners are at least three pairs of shares of the picture's width "
            "and height, each from 0 to 1"
        )
    return SeatArea(seat, points, people)


@dataclass
class _Looked:
    """What is remembered of one seat."""

    at: float = float("-inf")
    change: Change | None = None
    answers: dict[Kind, Answer] | None = None


class SeatedThings:
    """Looks at one seat at a time: in doubt soon, where something moved next, else in turn."""

    def __init__(self, areas: tuple[SeatArea, ...], kinds: frozenset[Kind]) -> None:
        """Take the seats, and the kinds to answer for, as far as they are claimed of seats."""
        self._areas = areas
        self._kinds = kinds & SEATED
        self._seats = {area.seat: _Looked() for area in areas}
        self._looked_at = float("-inf")

    def look(
        self, planes: Planes, change: Change, time: float, *, patience: float
    ) -> dict[Place, Answer]:
        """Return each seat's answers, of the last look where none is due.

        patience: how many times longer than usual a seat may be left alone.
        """
        if self._kinds and time - self._looked_at >= _BETWEEN_LOOKS * patience:
            due = [
                (self._urgency(area, planes, change, time, patience), area) for area in self._areas
            ]
            urgency, area = max(due, key=lambda one: one[0], default=(0.0, None))
            if area is not None and urgency >= 1.0:
                self._look(area, planes, change, time)
        return {
            (kind, seat): answer
            for seat, looked in self._seats.items()
            for kind, answer in (looked.answers or {}).items()
        }

    def _urgency(
        self, area: SeatArea, planes: Planes, change: Change, time: float, patience: float
    ) -> float:
        """Return how far a seat's waiting time is used up, 1 where it is due."""
        looked = self._seats[area.seat]
        passed = time - looked.at
        if looked.change is None:
            return float("inf")
        if any(answer.yes for answer in (looked.answers or {}).values()):
            return passed / _DOUBT
        stirred = change.near(looked.change, area.box(planes.size), planes.size) > _NOVEL_LEVEL
        return passed / (patience * (_AFTER_NOVELTY if stirred else _STILL_FOR))

    def _look(self, area: SeatArea, planes: Planes, change: Change, time: float) -> None:
        looked = self._seats[area.seat]
        cut = planes.cut(area.box(planes.size), longest=SIDE)
        found = find_things(cut.picture, kinds=(PERSON, PHONE))
        things = [cut.placed(thing) for thing in found]
        inside = [thing for thing in things if area.holds_thing(thing, planes.size)]
        answers = {
            kind: answer for kind, answer in _answers(area, inside).items() if kind in self._kinds
        }
        since = max(time - _LONGEST_DATING, (max(looked.at, 0.0) + time) / 2)
        for kind, answer in answers.items():
            if answer.yes and (looked.answers or {}).get(kind, UNKNOWN).yes is False:
                answers[kind] = replace(answer, onset=since)
        looked.at, looked.change, looked.answers = time, change, answers
        self._looked_at = time


def _answers(area: SeatArea, things: list[Thing]) -> dict[Kind, Answer]:
    people = [x for x in things if x.kind == PERSON and x.score >= _PERSON_SCORE]
    phones = [x for x in things if x.kind == PHONE]
    score = max((x.score for x in phones), default=0.0)
    return {
        Kind.PERSON_ENTERED: Answer(
            len(people) > area.people,
            facts={"people": len(people), "expected": area.people},
            boxes=tuple(x.box for x in people),
        ),
        Kind.PHONE: Answer(
            score >= _PHONE_SCORE,
            facts={"phone_score_pm": round(1000 * score)},
            boxes=tuple(x.box for x in phones),
        ),
    }
