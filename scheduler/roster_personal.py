"""What binds one person's days together, and what is shared fairly, for programmes of choices."""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

from scheduler.roster_form import SHORT, STEP, Spread
from scheduler.roster_programme import FREE, Programme

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from scheduler.roster import Duty, Rules, Worker
    from scheduler.roster_patterns import Need

    #: Role, class, begin and end of each duty, in the order of begin.
    Shape = tuple[tuple[str, str, datetime, datetime], ...]


class Item(NamedTuple):
    """A variable that says whether somebody's day looks like this."""

    number: int
    day: date
    shape: Shape


class People(Programme):
    """Rows that need to know of a day its hours and roles alone."""

    def __init__(self, workers: Sequence[Worker], duties: Sequence[Duty], rules: Rules) -> None:
        super().__init__()
        self.workers, self.duties, self.rules = workers, duties, rules
        self.spreads: list[Spread] = []

    def shortage(self, needs: Sequence[Need]) -> list[int]:
        """Return a variable for the people missing of each need; 0 where nobody may be."""
        allowed = self.rules.may_be_short
        return [self.variable(need.people if allowed else 0, SHORT) for need in needs]

    def personal(self, worker: int, mine: Sequence[Item]) -> None:
        """One choice a day, hours and days of the week, rest between days."""
        days: dict[date, list[Item]] = defaultdict(list)
        for item in mine:
            days[item.day].append(item)
        for items in days.values():
            self.row([(item.number, 1) for item in items], 0, 1)
        self._hours(worker, days)
        begin = {day: min(item.shape[0][2] for item in items) for day, items in days.items()}
        end = {day: max(last_of(item.shape) for item in items) for day, items in days.items()}
        for one, two in combinations(sorted(days), 2):
            if (begin[two] - end[one]).total_seconds() < self.rules.rest_minutes * 60:
                self._rest(days[one], days[two])

    def _hours(self, worker: int, days: Mapping[date, Sequence[Item]]) -> None:
        weeks: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
        possible: dict[tuple[int, int], int] = defaultdict(int)
        days_of: dict[tuple[int, int], int] = defaultdict(int)
        for day, items in days.items():
            year, week, _ = day.isocalendar()
            terms = [(item.number, minutes_of(item.shape)) for item in items]
            weeks[year, week] += terms
            possible[year, week] += max(minutes for _, minutes in terms)
            days_of[year, week] += 1
        for week_at, terms in weeks.items():
            if possible[week_at] > self.workers[worker].most_minutes:
                self.row(terms, 0, self.workers[worker].most_minutes)
            if days_of[week_at] > self.workers[worker].most_days:
                worked = [(number, 1) for number, _ in terms]
                self.row(worked, 0, self.workers[worker].most_days)

    def _rest(self, before: Sequence[Item], after: Sequence[Item]) -> None:
        """Whoever ends late does not begin early on a later day."""
        rest = self.rules.rest_minutes * 60
        begins = sorted((item.shape[0][2], item.number) for item in after)
        for end in sorted({last_of(item.shape) for item in before}):
            early = [number for begin, number in begins if (begin - end).total_seconds() < rest]
            if early:
                late = [item.number for item in before if last_of(item.shape) >= end]
                self.row([(number, 1) for number in (*late, *early)], 0, 1)

    def spreads_of(self, mine: Mapping[int, Sequence[Item]]) -> None:
        """Within a role nobody has many more weekend days, or duties, than another."""
        for role in sorted({duty.role for duty in self.duties}):
            people = [at for at, worker in enumerate(self.workers) if role in worker.roles]
            if len(people) < 2:
                continue
            weekend = {
                duty.start.date()
                for duty in self.duties
                if duty.role == role and duty.start.weekday() >= 5
            }
            if weekend:
                rows = [
                    [
                        (item.number, 1)
                        for item in mine[at]
                        if item.day in weekend and counts(item, role)
                    ]
                    for at in people
                ]
                self._spread(role, "weekend days", rows, len(weekend))
            if self.rules.spread_load:
                rows = [
                    [(item.number, counts(item, role)) for item in mine[at] if counts(item, role)]
                    for at in people
                ]
                most = sum(duty.role == role for duty in self.duties)
                self._spread(role, "duties", rows, most)

    def _spread(
        self, role: str, counted: str, rows: list[list[tuple[int, int]]], upper: int
    ) -> None:
        most, least = self.variable(upper, STEP), self.variable(upper)
        self.cost[least] = -STEP
        self.spreads.append(Spread(role, counted, most, least))
        for terms in rows:
            minus = [(number, -times) for number, times in terms]
            self.row([(most, 1), *minus], 0, FREE)
            self.row([(least, 1), *minus], -FREE, 0)


def counts(item: Item, role: str) -> int:
    """Return how many duties of a role a day has."""
    return sum(part[0] == role for part in item.shape)


def minutes_of(shape: Shape) -> int:
    """Return the minutes of work of a day."""
    return sum(round((end - start).total_seconds() / 60) for _, _, start, end in shape)


def last_of(shape: Shape) -> datetime:
    """Return when a day ends."""
    return max(end for _, _, _, end in shape)
