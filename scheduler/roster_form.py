"""The rules of a roster as whole numbers and linear rows, for whichever engine solves them."""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

from scheduler.roster_programme import FREE, Programme
from scheduler.roster_rules import (
    Code,
    RosterRule,
    days_of,
    hindrances,
    hours_of,
    needs_people,
    needs_seniors,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from scheduler.roster import Duty, Rules, Worker
    from scheduler.roster_programme import Numbers

#: What a missing person costs, and a step of either spread.
SHORT, STEP = 1000, 10


class Spread(NamedTuple):
    """Variables of the busiest and the idlest of a role, in `weekend days` or in `duties`."""

    role: str
    counted: str
    most: int
    least: int


class Form(Programme):
    """Variables are numbers from 0; all are whole.

    Args:
        workers: Who can work.
        duties: What must be filled.
        rules: What the caller demands.
        explain: Keep what is forbidden as rows with a rule; else it is left out at once.
    """

    def __init__(
        self,
        workers: Sequence[Worker],
        duties: Sequence[Duty],
        rules: Rules,
        *,
        explain: bool = False,
    ) -> None:
        super().__init__()
        self.workers, self.duties, self.rules, self.explain = workers, duties, rules, explain
        self.x: dict[tuple[str, str], int] = {}
        self.short: dict[str, int] = {}
        self.spreads: list[Spread] = []
        self.mine: dict[str, list[Duty]] = {}
        for worker in workers:
            self._candidate(worker)
        self._staffing()
        for worker in workers:
            self._personal(worker)
        if not explain:
            self._fair()

    def assigned(self, values: Numbers) -> dict[str, list[str]]:
        """Return who is at each duty."""
        at: dict[str, list[str]] = {duty.duty: [] for duty in self.duties}
        for (worker, duty), number in self.x.items():
            if values[number]:
                at[duty].append(worker)
        return at

    def _candidate(self, worker: Worker) -> None:
        self.mine[worker.worker] = []
        for duty in self.duties:
            if duty.role not in worker.roles:
                continue
            barred = hindrances(worker, duty)
            if barred and not self.explain:
                continue
            number = self.variable()
            self.x[worker.worker, duty.duty] = number
            self.mine[worker.worker].append(duty)
            for rule in barred:
                self.row([(number, 1)], 0, 0, rule)

    def _staffing(self) -> None:
        takers: dict[str, list[int]] = {duty.duty: [] for duty in self.duties}
        senior: dict[str, list[int]] = {duty.duty: [] for duty in self.duties}
        older = {worker.worker for worker in self.workers if worker.senior}
        for (worker, name), number in self.x.items():
            takers[name].append(number)
            if worker in older:
                senior[name].append(number)
        for duty in self.duties:
            missing = []
            if self.rules.may_be_short:
                self.short[duty.duty] = self.variable(duty.count, SHORT)
                missing = [(self.short[duty.duty], 1)]
            terms = [(number, 1) for number in takers[duty.duty]] + missing
            self.row(terms, duty.count, duty.count, needs_people(duty))
            if duty.seniors:
                terms = [(number, 1) for number in senior[duty.duty]] + missing
                self.row(terms, duty.seniors, FREE, needs_seniors(duty))

    def _personal(self, worker: Worker) -> None:
        name, mine = worker.worker, self.mine[worker.worker]
        weeks: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
        for duty in mine:
            year, week, _ = duty.start.isocalendar()
            length = round((duty.end - duty.start).total_seconds() / 60)
            weeks[year, week].append((self.x[name, duty.duty], length))
        for minutes in weeks.values():
            self.row(minutes, 0, worker.most_minutes, hours_of(worker))
        self._days_off(worker)
        slots: dict[tuple[datetime, datetime], list[int]] = defaultdict(list)
        places: dict[tuple[str, str], list[int]] = defaultdict(list)
        for duty in mine:
            slots[duty.start, duty.end].append(self.x[name, duty.duty])
            day = duty.start.date().isoformat()
            places[duty.site, day].append(self.x[name, duty.duty])
        self._apart(slots)
        if self.rules.one_site_a_day or self.rules.most_days_at_site:
            self._places(places)

    def _days_off(self, worker: Worker) -> None:
        """Nobody works on more days of a week than she may."""
        weeks: dict[tuple[int, int], dict[date, list[int]]] = defaultdict(lambda: defaultdict(list))
        for duty in self.mine[worker.worker]:
            day = duty.start.date()
            year, week, _ = day.isocalendar()
            weeks[year, week][day].append(self.x[worker.worker, duty.duty])
        for days in weeks.values():
            if len(days) <= worker.most_days:
                continue
            worked = []
            for x in days.values():
                day_worked = self.variable()
                for number in x:
                    self.row([(day_worked, 1), (number, -1)], 0, FREE)
                worked.append((day_worked, 1))
            self.row(worked, 0, worker.most_days, days_of(worker))

    def _apart(self, slots: dict[tuple[datetime, datetime], list[int]]) -> None:
        """Nobody is in two places, and between two days there is rest.

        Duties of the same hours share one variable, so that only hours are compared in pairs.
        """
        once = RosterRule(Code.ONCE)
        for x in slots.values():
            self.row([(number, 1) for number in x], 0, 1, once)
        for one, two in combinations(sorted(slots), 2):
            gap = (two[0] - one[1]).total_seconds() / 60
            minutes = self.rules.rest_minutes
            rule = once
            if gap >= 0:
                if one[0].date() == two[0].date() or gap >= minutes:
                    continue
                rule = RosterRule(Code.REST, number=minutes)
            self.row([(number, 1) for number in (*slots[one], *slots[two])], 0, 1, rule)

    def _places(self, places: dict[tuple[str, str], list[int]]) -> None:
        """Count the days at each site, and the sites of each day."""
        by_site: dict[str, list[int]] = defaultdict(list)
        by_day: dict[str, list[int]] = defaultdict(list)
        for (site, day), x in places.items():
            there = self.variable()
            for number in x:
                self.row([(there, 1), (number, -1)], 0, FREE)
            by_site[site].append(there)
            by_day[day].append(there)
        most = self.rules.most_days_at_site
        for days in by_site.values():
            if most and len(days) > most:
                rule = RosterRule(Code.DAYS, number=most)
                self.row([(number, 1) for number in days], 0, most, rule)
        for sites in by_day.values():
            if self.rules.one_site_a_day and len(sites) > 1:
                rule = RosterRule(Code.SITES)
                self.row([(number, 1) for number in sites], 0, 1, rule)

    def _fair(self) -> None:
        """Within a role nobody has many more weekend days, or duties, than another."""
        for role in sorted({duty.role for duty in self.duties}):
            weekends, loads = [], []
            for worker in self.workers:
                if role not in worker.roles:
                    continue
                mine = [duty for duty in self.mine[worker.worker] if duty.role == role]
                loads.append([self.x[worker.worker, duty.duty] for duty in mine])
                weekends.append(self._weekend_days(worker, mine))
            days = {duty.start.date() for duty in self.duties if duty.start.weekday() >= 5}
            if days and len(weekends) > 1:
                self.spreads.append(
                    Spread(role, "weekend days", *self._spread(weekends, len(days)))
                )
            if self.rules.spread_load and len(loads) > 1:
                most = max(len(load) for load in loads)
                self.spreads.append(Spread(role, "duties", *self._spread(loads, most)))

    def _weekend_days(self, worker: Worker, mine: Sequence[Duty]) -> list[int]:
        by_day: dict[str, list[int]] = defaultdict(list)
        for duty in mine:
            if duty.start.weekday() >= 5:
                by_day[duty.start.date().isoformat()].append(self.x[worker.worker, duty.duty])
        found = []
        for x in by_day.values():
            day = self.variable()
            for number in x:
                self.row([(day, 1), (number, -1)], 0, FREE)
            self.row([(day, 1), *((number, -1) for number in x)], -FREE, 0)
            found.append(day)
        return found

    def _spread(self, totals: list[list[int]], upper: int) -> tuple[int, int]:
        most, least = self.variable(upper, STEP), self.variable(upper)
        self.cost[least] = -STEP
        for total in totals:
            terms = [(number, -1) for number in total]
            self.row([(most, 1), *terms], 0, FREE)
            self.row([(least, 1), *terms], -FREE, 0)
        return most, least
