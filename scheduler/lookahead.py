"""Permits that end soon: which subjects can still be sat, who is too late, and what is missing.

What must lie between two subjects, and when a permit ends, comes from the caller; here it is only
counted. Everybody is taken to pass at once, so whoever is too late here is too late for certain.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any

from scheduler.errors import SolveError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Interval:
    """Days that must pass between passing one subject and sitting another.

    Attributes:
        before: The subject passed first, such as S2.
        subject: The subject sat later, such as S3R.
        days: Days between the two; 0 allows the same day.
    """

    before: str
    subject: str
    days: int


@dataclass(frozen=True, slots=True)
class Permit:
    """A case whose permit ends.

    Attributes:
        case: Id of the case.
        group: What its seats are counted under (office and class); as in `Capacity`.
        last_day: The last day on which a subject may be sat.
        remaining: Subjects still to be passed.
        passed: Subject → day it was passed.
        not_before: Subject → first lawful day, for example after a failed attempt.
    """

    case: str
    group: str
    last_day: date
    remaining: tuple[str, ...]
    passed: dict[str, date] = field(default_factory=dict)
    not_before: dict[str, date] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Capacity:
    """Seats of one group, subject and day that may be given to these cases."""

    group: str
    subject: str
    day: date
    seats: int


@dataclass(frozen=True, slots=True)
class Window:
    """When a case must sit a subject: first and last lawful day, both inclusive."""

    subject: str
    earliest: date
    latest: date


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is left to one case.

    Attributes:
        case: Its id.
        windows: Window of each remaining subject, in the order of sitting.
        too_late: The first subject whose window is empty; empty if the chain is still lawful.
    """

    case: str
    windows: tuple[Window, ...]
    too_late: str


@dataclass(frozen=True, slots=True)
class Shortage:
    """Seats that are missing in one group and subject.

    Attributes:
        group: The group.
        subject: The subject.
        at_least: No plan manages with fewer additional seats.
        enough: With so many more, on the days named, everybody still in time is seated.
        first_day: First day of the stretch in which most is missing.
        last_day: Its last day.
        wanted: Cases that must sit inside the stretch: they have no other days.
        seats: Seats there are inside it.
        add: Day → additional seats, which sum up to `enough`.
    """

    group: str
    subject: str
    at_least: int
    enough: int
    first_day: date
    last_day: date
    wanted: int
    seats: int
    add: dict[date, int]


def outlook(
    permits: Iterable[Permit], intervals: Sequence[Interval], today: date, horizon: date
) -> list[Outlook]:
    """Work out the chain of subjects of every permit that ends within the horizon.

    Args:
        permits: The cases; those that end after the horizon or have nothing left are passed over.
        intervals: What must lie between subjects; subjects of a case without an interval between
            them may be sat in any order.
        today: The first day on which anything can be sat.
        horizon: The last end of a permit that is looked at.

    Returns:
        The outlooks, by last day of the permit and case.

    Raises:
        SolveError: The intervals go round in a circle, or a number of days is negative.
    """
    order = _in_order(intervals)
    looked = [one for one in permits if one.remaining and one.last_day <= horizon]
    looked.sort(key=lambda one: (one.last_day, one.case))
    return [_chain(one, intervals, order, today) for one in looked]


def _in_order(intervals: Sequence[Interval]) -> dict[str, int]:
    """Number the subjects so that each comes after those before it."""
    before: dict[str, set[str]] = defaultdict(set)
    for rule in intervals:
        if rule.days < 0:
            raise SolveError(f"interval {rule.before} to {rule.subject}: days must not be negative")
        before[rule.subject].add(rule.before)
        before.setdefault(rule.before, set())
    order: dict[str, int] = {}
    while len(order) < len(before):
        free = sorted(name for name, needed in before.items() if needed <= order.keys())
        free = [name for name in free if name not in order]
        if not free:
            raise SolveError(f"the intervals go in a circle: {' '.join(sorted(before))}")
        order |= {name: len(order) + place for place, name in enumerate(free)}
    return order


def _chain(
    permit: Permit, intervals: Sequence[Interval], order: Mapping[str, int], today: date
) -> Outlook:
    subjects = sorted(permit.remaining, key=lambda name: (order.get(name, len(order)), name))
    earliest: dict[str, date] = {}
    for name in subjects:
        done = permit.passed | earliest
        waits = [
            done[rule.before] + timedelta(rule.days)
            for rule in intervals
            if rule.subject == name and rule.before in done
        ]
        earliest[name] = max(today, permit.not_before.get(name, today), *waits)
    latest = dict.fromkeys(subjects, permit.last_day)
    for name in reversed(subjects):
        ends = [
            latest[rule.subject] - timedelta(rule.days)
            for rule in intervals
            if rule.before == name and rule.subject in latest
        ]
        latest[name] = min([permit.last_day, *ends])
    windows = tuple(Window(name, earliest[name], latest[name]) for name in subjects)
    late = (one.subject for one in windows if one.earliest > one.latest)
    return Outlook(permit.case, windows, next(late, ""))


def shortages(
    permits: Sequence[Permit],
    intervals: Sequence[Interval],
    capacity: Sequence[Capacity],
    today: date,
    horizon: date,
) -> list[Shortage]:
    """Say how many seats are missing so that nobody who is still in time comes too late.

    `at_least` looks at each subject alone and is exact for it: seats of one day are alike and
    windows are stretches of days, so that serving the earliest end first serves the most. `enough`
    follows the cases through their subjects, each sitting at the day it was given before; what
    could not be seated is added on its last day. Where both agree the number is the smallest.

    Args:
        permits: As in `outlook`.
        intervals: As in `outlook`.
        capacity: Seats by group, subject and day; several rows add up.
        today: As in `outlook`.
        horizon: As in `outlook`.

    Returns:
        One entry for each group and subject in which something is missing.
    """
    group_of = {one.case: one.group for one in permits}
    chains = [one for one in outlook(permits, intervals, today, horizon) if not one.too_late]
    seats: dict[tuple[str, str], dict[date, int]] = defaultdict(lambda: defaultdict(int))
    for row in capacity:
        if row.seats < 0:
            raise SolveError(f"capacity of {row.group} {row.subject} {row.day}: seats are negative")
        seats[row.group, row.subject][row.day] += row.seats
    wanted: dict[tuple[str, str], list[tuple[str, Window]]] = defaultdict(list)
    for chain in chains:
        for window in chain.windows:
            wanted[group_of[chain.case], window.subject].append((chain.case, window))
    order = _in_order(intervals)
    given: dict[str, dict[str, date]] = defaultdict(dict)
    found = []
    for key in sorted(wanted, key=lambda key: (order.get(key[1], len(order)), key)):
        alone = [window for _, window in wanted[key]]
        _, missing = _earliest_end_first(alone, seats[key])
        moved = [_after(window, intervals, given[case]) for case, window in wanted[key]]
        days, added = _earliest_end_first(moved, seats[key])
        for (case, _), day in zip(wanted[key], days, strict=True):
            given[case][key[1]] = day
        if added:
            found.append(_shortage(key, alone, seats[key], len(missing), added))
    return found


def _after(window: Window, intervals: Sequence[Interval], given: Mapping[str, date]) -> Window:
    """Return the window once the subjects before have been given their days."""
    starts = [
        given[rule.before] + timedelta(rule.days)
        for rule in intervals
        if rule.subject == window.subject and rule.before in given
    ]
    return Window(window.subject, max([window.earliest, *starts]), window.latest)


def _earliest_end_first(
    windows: Sequence[Window], seats: Mapping[date, int]
) -> tuple[list[date], list[date]]:
    """Give every window a day; return the days, and the days on which a seat had to be added."""
    given = [window.latest for window in windows]
    starts = sorted(range(len(windows)), key=lambda at: windows[at].earliest)
    waiting: list[tuple[date, int]] = []
    seated, place = set(), 0
    for day in sorted(seats):
        while place < len(starts) and windows[starts[place]].earliest <= day:
            heappush(waiting, (windows[starts[place]].latest, starts[place]))
            place += 1
        for _ in range(seats[day]):
            while waiting and waiting[0][0] < day:
                heappop(waiting)
            if not waiting:
                break
            at = heappop(waiting)[1]
            given[at] = day
            seated.add(at)
    return given, [window.latest for at, window in enumerate(windows) if at not in seated]


def _shortage(
    key: tuple[str, str],
    windows: Sequence[Window],
    seats: Mapping[date, int],
    missing: int,
    added: Sequence[date],
) -> Shortage:
    starts = sorted({window.earliest for window in windows})
    ends = sorted({window.latest for window in windows})
    worst: tuple[int, Any] = (0, (starts[0], ends[-1], len(windows), sum(seats.values())))
    for first in starts:
        inside = sorted(one.latest for one in windows if one.earliest >= first)
        there = sorted((day, count) for day, count in seats.items() if day >= first)
        held, place = 0, 0
        for number, last in enumerate(inside, start=1):
            while place < len(there) and there[place][0] <= last:
                held += there[place][1]
                place += 1
            if number - held > worst[0]:
                worst = (number - held, (first, last, number, held))
    add: dict[date, int] = defaultdict(int)
    for day in added:
        add[day] += 1
    first, last, number, held = worst[1]
    return Shortage(*key, missing, len(added), first, last, number, held, dict(sorted(add.items())))
