"""Rosters of people who are alike: whom the same rules bind counts as one of many.

A week of 400 people who may each do the same has as many variables as a week of one. What each of
them keeps, all together keep in sum: where the sums contradict each other, there is no roster. The
other way round sums have to be given names, which `named` tries.
"""

from __future__ import annotations

import math
from collections import defaultdict
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

from scheduler.roster_programme import FREE, Programme
from scheduler.roster_rules import days_by_week, hindrances, minutes, minutes_by_week

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence
    from datetime import date, datetime

    from scheduler.roster import Duty, Worker
    from scheduler.roster_question import Question


class Kind(NamedTuple):
    """What makes people alike: duties by number, seniority, limits of a week (-1: none binds)."""

    able: tuple[int, ...]
    senior: bool
    most_minutes: int
    most_days: int


def kinds_of(question: Question) -> dict[Kind, list[Worker]]:
    """Return the people who can take anything at all, by what they can."""
    found: dict[Kind, list[Worker]] = defaultdict(list)
    # Whoever has only duties of four hours works 28 of 30.
    step = math.gcd(*map(minutes, question.duties))
    seniors = any(duty.seniors for duty in question.duties)
    known: dict[Hashable, _Able] = {}
    for worker in question.workers:
        facts = (worker.roles, worker.classes, worker.avoids, worker.away)
        if facts not in known:
            known[facts] = _able(worker, question.duties)
        able, hours, days = known[facts]
        if able:
            kind = Kind(
                able,
                seniors and worker.senior,
                worker.most_minutes // step * step if hours > worker.most_minutes else -1,
                worker.most_days if days > worker.most_days else -1,
            )
            found[kind].append(worker)
    return found


class _Able(NamedTuple):
    """Duties that somebody may take by number, minutes and days of their fullest week."""

    duties: tuple[int, ...]
    minutes: int
    days: int


def _able(worker: Worker, duties: Sequence[Duty]) -> _Able:
    able = tuple(at for at, duty in enumerate(duties) if _may(worker, duty))
    mine = [duties[at] for at in able]
    hours = max(minutes_by_week(mine).values(), default=0)
    return _Able(able, hours, max(map(len, days_by_week(mine).values()), default=0))


def _may(worker: Worker, duty: Duty) -> bool:
    return duty.role in worker.roles and not hindrances(worker, duty)


class Groups(Programme):
    """Variables are numbers of people of a kind at a duty, at a site, at work on a day.

    Attributes:
        people: Everybody of each kind.
        x: Kind and number of a duty → variable.
    """

    def __init__(self, question: Question, people: dict[Kind, list[Worker]]) -> None:
        super().__init__()
        self.question, self.people = question, people
        self.x: dict[tuple[Kind, int], int] = {}
        for kind, some in people.items():
            for at in kind.able:
                self.x[kind, at] = self.variable(len(some))
        self._staffing()
        for kind, some in people.items():
            self._of_kind(kind, len(some))

    def _staffing(self) -> None:
        takers: dict[int, list[tuple[int, int]]] = defaultdict(list)
        seniors: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for (kind, at), number in self.x.items():
            takers[at].append((number, 1))
            if kind.senior:
                seniors[at].append((number, 1))
        for at, duty in enumerate(self.question.duties):
            self.row(takers[at], duty.count, duty.count)
            if duty.seniors:
                self.row(seniors[at], duty.seniors, FREE)

    def _of_kind(self, kind: Kind, size: int) -> None:
        mine = [(self.question.duties[at], self.x[kind, at]) for at in kind.able]
        weeks: dict[tuple[int, int], list[tuple[Duty, int]]] = defaultdict(list)
        days: dict[date, list[tuple[Duty, int]]] = defaultdict(list)
        for duty, number in mine:
            year, week, _ = duty.start.isocalendar()
            weeks[year, week].append((duty, number))
            days[duty.start.date()].append((duty, number))
        for some in weeks.values():
            if kind.most_minutes >= 0:
                terms = [(number, minutes(duty)) for duty, number in some]
                self.row(terms, 0, size * kind.most_minutes)
            if kind.most_days >= 0:
                self._days_off(some, size, kind.most_days)
        if self.question.once:
            for at_once in _overlapping(mine):
                self.row([(number, 1) for number in at_once], 0, size)
        self._rest(mine, size)
        self._places(days, size)

    def _days_off(self, some: Sequence[tuple[Duty, int]], size: int, most: int) -> None:
        days: dict[date, list[tuple[Duty, int]]] = defaultdict(list)
        for duty, number in some:
            days[duty.start.date()].append((duty, number))
        worked = [(self._there(of_day, size), 1) for of_day in days.values()]
        self.row(worked, 0, size * most)

    def _there(self, some: Sequence[tuple[Duty, int]], size: int) -> int:
        """Return a variable for as many people as some duties of a day want at once, or more."""
        there = self.variable(size)
        for numbers in _overlapping(some) if self.question.once else ([n] for _, n in some):
            self.row([(there, 1), *((number, -1) for number in numbers)], 0, FREE)
        return there

    def _rest(self, mine: Sequence[tuple[Duty, int]], size: int) -> None:
        slots: dict[tuple[datetime, datetime], list[int]] = defaultdict(list)
        for duty, number in mine:
            slots[duty.start, duty.end].append(number)
        for one, two in combinations(sorted(slots), 2):
            gap = (two[0] - one[1]).total_seconds() / 60
            if one[0].date() != two[0].date() and 0 <= gap < self.question.rules.rest_minutes:
                self.row([(number, 1) for number in (*slots[one], *slots[two])], 0, size)

    def _places(self, days: dict[date, list[tuple[Duty, int]]], size: int) -> None:
        rules = self.question.rules
        if not rules.one_site_a_day and not rules.most_days_at_site:
            return
        at_site: dict[str, list[int]] = defaultdict(list)
        for some in days.values():
            sites: dict[str, list[tuple[Duty, int]]] = defaultdict(list)
            for duty, number in some:
                sites[duty.site].append((duty, number))
            there = {site: self._there(of_site, size) for site, of_site in sites.items()}
            for site, number in there.items():
                at_site[site].append(number)
            if rules.one_site_a_day and len(there) > 1:
                self.row([(number, 1) for number in there.values()], 0, size)
        most = rules.most_days_at_site
        for numbers in at_site.values():
            if most and len(numbers) > most:
                self.row([(number, 1) for number in numbers], 0, size * most)


def _overlapping(some: Iterable[tuple[Duty, int]]) -> list[list[int]]:
    """Return the variables of duties that run at one moment, for every begin of a duty."""
    by_begin = sorted(some, key=lambda one: one[0].start)
    found: list[list[int]] = []
    running: list[tuple[Duty, int]] = []
    for at, (duty, number) in enumerate(by_begin):
        running = [one for one in running if one[0].end > duty.start]
        running.append((duty, number))
        last = at + 1 == len(by_begin)
        # Only before something ends is the moment as full as it gets.
        if last or any(one.end <= by_begin[at + 1][0].start for one, _ in running):
            found.append([one for _, one in running])
    return found
