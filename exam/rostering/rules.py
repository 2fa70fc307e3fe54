"""What a roster needs, and what its engine is told. Pure: plain values in, plain values out."""

import hashlib
import json
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, timedelta

THEORY_ROOM, ROAD = "S1", "S3R"
EXAMINER, SAFETY, INVIGILATOR, AID = "examiner", "safety_officer", "invigilator", "first_aider"


@dataclass(frozen=True)
class Demands:
    """What the planner demands of a roster; kept with it as JSON."""

    invigilators: int
    """For each room of a subject 1 session."""
    cars_per_examiner: Mapping[str, int]
    """By subject; theory sessions have one examiner each."""
    cars_per_safety_officer: int
    """On the road; 0 where the examiner sits in the car."""
    weekly_hours: int
    rest_hours: int
    most_days_at_site: int
    """Of one person in the period; 0 for no limit."""
    days_a_week: int = 7
    """On which one person works at most."""


@dataclass(frozen=True)
class Pooled:
    """A pool of a session: kind of place, and how many vehicles."""

    kind: str
    vehicles: int


@dataclass(frozen=True)
class Held:
    """A session that takes place: times are aware, on the site's own clock."""

    site: str
    subject: str
    start: datetime
    end: datetime
    pools: tuple[Pooled, ...]


@dataclass(frozen=True, order=True)
class Need:
    """People of one role for one stretch of time."""

    start: datetime
    end: datetime
    site: str
    role: str
    subject: str = ""
    kind: str = ""
    room: str = ""
    count: int = 1

    @property
    def day(self) -> date:
        """The date on the site's clock."""
        return self.start.date()

    @property
    def token(self) -> str:
        """What an examiner must be qualified for; empty for everybody else."""
        return f"{self.subject}.{self.kind}" if self.role == EXAMINER else ""

    @property
    def minutes(self) -> int:
        """How long it is."""
        return round((self.end - self.start).total_seconds() / 60)


@dataclass(frozen=True)
class Person:
    """Somebody who can be put on the roster; ids and codes only."""

    key: str
    roles: frozenset[str]
    tokens: frozenset[str]
    avoids: frozenset[str] = frozenset()
    away: frozenset[str] = frozenset()
    most_minutes: int = 40 * 60
    most_days: int = 7


@dataclass(frozen=True)
class Problem:
    """All that a roster stands on; a need's number is its place in the list, from 1."""

    needs: tuple[Need, ...]
    people: tuple[Person, ...]
    demands: Demands
    prior: Mapping[int, frozenset[str]] = field(default_factory=dict)
    """Who had which need in the roster that this one takes the place of."""

    def fingerprint(self) -> str:
        """SHA-256 over all of it: another one means that a draft no longer stands."""
        people = [
            {k: sorted(v) if isinstance(v, frozenset) else v for k, v in asdict(x).items()}
            for x in sorted(self.people, key=lambda x: x.key)
        ]
        told = {
            "needs": [asdict(x) for x in self.needs],
            "people": people,
            "demands": asdict(self.demands),
            "prior": [[k, sorted(v)] for k, v in sorted(self.prior.items())],
        }
        text = json.dumps(told, default=str, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


def needs_of(
    sessions: Iterable[Held], rooms: Mapping[str, Sequence[str]], demands: Demands
) -> tuple[Need, ...]:
    """Everybody whom these sessions need, by time.

    Args:
        sessions: what takes place.
        rooms: the theory rooms of each site, by code.
        demands: how many of whom.
    """
    held = list(sessions)
    found: list[Need] = []
    for one in held:
        found += _examiners(one, demands)
        found += _safety(one, demands)
        if one.subject == THEORY_ROOM and demands.invigilators:
            found += [
                _need(one, INVIGILATOR, room=room, count=demands.invigilators)
                for room in rooms.get(one.site, ())
            ]
    return tuple(sorted([*found, *_aid(held)]))


def _need(one: Held, role: str, *, kind: str = "", room: str = "", count: int = 1) -> Need:
    return Need(one.start, one.end, one.site, role, one.subject, kind, room, count)


def _examiners(one: Held, demands: Demands) -> list[Need]:
    """One for a theory session; on field and road by the vehicles of each kind."""
    each = demands.cars_per_examiner.get(one.subject)
    if not each:
        return [_need(one, EXAMINER, kind="terminal")]
    return [
        _need(one, EXAMINER, kind=x.kind, count=math.ceil(x.vehicles / each))
        for x in one.pools
        if x.vehicles
    ]


def _safety(one: Held, demands: Demands) -> list[Need]:
    cars = sum(x.vehicles for x in one.pools)
    each = demands.cars_per_safety_officer
    if one.subject != ROAD or not each or not cars:
        return []
    return [_need(one, SAFETY, count=math.ceil(cars / each))]


def _aid(sessions: Sequence[Held]) -> list[Need]:
    """One first-aider at every site and day that runs, from its first session to its last."""
    spans: dict[tuple[str, date], list[Held]] = defaultdict(list)
    for one in sessions:
        spans[one.site, one.start.date()].append(one)
    return [
        Need(min(x.start for x in span), max(x.end for x in span), site, AID)
        for (site, _), span in spans.items()
    ]


def blocked(
    taken: Iterable[tuple[datetime, datetime]], needs: Iterable[Need], rest: timedelta
) -> frozenset[str]:
    """Dates on which somebody with these duties elsewhere cannot take another.

    The same day counts as taken, and a neighbouring one if any need of it leaves too little rest.
    """
    spans = list(taken)
    return frozenset(
        begin.date().isoformat()
        for begin, until in {(x.start, x.end) for x in needs}
        for start, end in spans
        if start.astimezone(begin.tzinfo).date() == begin.date()
        or (begin < end + rest and start < until + rest)
    )


def minutes_by_week(spans: Iterable[tuple[datetime, datetime]]) -> dict[tuple[int, int], int]:
    """Minutes in each calendar week."""
    found: dict[tuple[int, int], int] = defaultdict(int)
    for start, end in spans:
        year, week, _ = start.isocalendar()
        found[year, week] += round((end - start).total_seconds() / 60)
    return found


def days_by_week(spans: Iterable[tuple[datetime, datetime]]) -> dict[tuple[int, int], int]:
    """Days of work by ISO year and week."""
    found: dict[tuple[int, int], int] = defaultdict(int)
    for day in {start.date() for start, _ in spans}:
        year, week, _ = day.isocalendar()
        found[year, week] += 1
    return found


def burdened(
    person: Person,
    taken: Sequence[tuple[datetime, datetime]],
    needs: Sequence[Need],
    demands: Demands,
) -> Person:
    """The person as she can be asked with duties that she has already, rather less than too much.

    The week that is fullest counts for all weeks, since a person has one limit.
    """
    if not taken:
        return person
    rest = timedelta(hours=demands.rest_hours)
    most = max(minutes_by_week(taken).values())
    days = max(days_by_week(taken).values())
    return replace(
        person,
        away=person.away | blocked(taken, needs, rest),
        most_minutes=max(0, person.most_minutes - most),
        most_days=max(0, person.most_days - days),
    )


def able(person: Person, need: Need) -> bool:
    """Whether somebody may take a need at all, other duties aside."""
    return (
        need.role in person.roles
        and (not need.token or need.token in person.tokens)
        and need.site not in person.avoids
        and need.day.isoformat() not in person.away
    )


def kept(problem: Problem) -> dict[int, frozenset[str]]:
    """Who stays in which need of the roster before: those who are still able."""
    people = {x.key: x for x in problem.people}
    return {
        number: frozenset(
            sorted(k for k in had if k in people and able(people[k], problem.needs[number - 1]))[
                : problem.needs[number - 1].count
            ]
        )
        for number, had in problem.prior.items()
    }


def gaps(problem: Problem, stays: Mapping[int, frozenset[str]]) -> Problem | None:
    """What is left to fill when nobody else's duty is touched; None where that breaks a limit."""
    numbers = range(1, len(problem.needs) + 1)
    missing = {n: problem.needs[n - 1].count - len(stays.get(n, ())) for n in numbers}
    taken: dict[str, list[Need]] = defaultdict(list)
    for number, keys in stays.items():
        for key in keys:
            taken[key].append(problem.needs[number - 1])
    left = tuple(replace(problem.needs[n - 1], count=missing[n]) for n in numbers if missing[n] > 0)
    people = [_beside(x, taken[x.key], left, problem.demands) for x in problem.people]
    if any(x is None for x in people):
        return None
    return Problem(left, tuple(x for x in people if x is not None), problem.demands)


def _beside(
    person: Person, mine: Sequence[Need], left: Sequence[Need], demands: Demands
) -> Person | None:
    spans = [(x.start, x.end) for x in mine]
    if mine and max(minutes_by_week(spans).values()) > person.most_minutes:
        return None
    if mine and max(days_by_week(spans).values()) > person.most_days:
        return None
    found = burdened(person, spans, left, demands)
    most = demands.most_days_at_site
    if not most:
        return found
    days = {(x.site, x.day) for x in (*mine, *left)}
    full = {site for site, _ in days if sum(1 for s, _ in days if s == site) > most}
    return replace(found, avoids=found.avoids | full)
