"""Gives names to numbers of people alike: who of a kind has which duties of the day."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from scheduler.roster_rules import minutes

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

    from scheduler.roster import Duty, Rules, Worker
    from scheduler.roster_groups import Groups
    from scheduler.roster_programme import Numbers


def named(groups: Groups, values: Numbers) -> dict[str, list[str]] | None:
    """Return people for every duty, or nothing where giving names one by one does not succeed.

    Of one day it always does, unless a week's hours bind within it: who of a site is free first
    takes the next duty, as many people as the fullest moment wants. Over several days the longest
    days go to whoever of those still able has worked least.
    """
    question = groups.question
    found: dict[str, list[str]] = {duty.duty: [] for duty in question.duties}
    for kind, people in groups.people.items():
        wanted: dict[date, list[Duty]] = defaultdict(list)
        for at in kind.able:
            duty = question.duties[at]
            wanted[duty.start.date()] += [duty] * int(values[groups.x[kind, at]])
        books = [_Book(worker, question.rules) for worker in people]
        for day in sorted(wanted):
            if not _give_day(books, wanted[day], question.rules):
                return None
        for book in books:
            for duty in book.duties:
                found[duty.duty].append(book.worker.worker)
    return found


def _give_day(books: Sequence[_Book], duties: Sequence[Duty], rules: Rules) -> bool:
    of_site: dict[str, list[Duty]] = defaultdict(list)
    for duty in duties:
        of_site[duty.site if rules.one_site_a_day else ""].append(duty)
    days = [one for some in of_site.values() for one in _days_of(some)]
    days.sort(key=lambda one: -sum(map(minutes, one)))
    free = sorted(books, key=lambda one: one.load)
    while days:
        mine = days.pop(0)
        at = next((at for at, book in enumerate(free) if book.may(mine)), None)
        if at is not None:
            free.pop(at).take(mine)
        elif len(mine) > 1:
            days += [mine[:-1], mine[-1:]]
        else:
            return False
    return True


def _days_of(duties: Iterable[Duty]) -> list[list[Duty]]:
    """Put duties of a day one after another, for as few people as the fullest moment wants."""
    found: list[list[Duty]] = []
    for duty in sorted(duties, key=lambda one: (one.start, one.end)):
        free = [one for one in found if one[-1].end <= duty.start]
        if free:
            max(free, key=lambda one: one[-1].end).append(duty)
        else:
            found.append([duty])
    return found


class _Book:
    """What somebody has so far."""

    def __init__(self, worker: Worker, rules: Rules) -> None:
        self.worker, self.rules = worker, rules
        self.duties: list[Duty] = []
        self.minutes: dict[tuple[int, int], int] = defaultdict(int)
        self.days: dict[tuple[int, int], int] = defaultdict(int)
        self.at_site: dict[str, int] = defaultdict(int)
        self.until: datetime | None = None

    @property
    def load(self) -> int:
        """Minutes in all."""
        return sum(self.minutes.values())

    def may(self, some: Sequence[Duty]) -> bool:
        """Say whether a later day with these duties breaks no limit."""
        year, week, _ = some[0].start.isocalendar()
        most = self.rules.most_days_at_site
        if self.until is not None:
            rest = (some[0].start - self.until).total_seconds() / 60
            if rest < self.rules.rest_minutes:
                return False
        return (
            self.minutes[year, week] + sum(map(minutes, some)) <= self.worker.most_minutes
            and self.days[year, week] < self.worker.most_days
            and not (most and any(self.at_site[one.site] >= most for one in some))
        )

    def take(self, some: Sequence[Duty]) -> None:
        """Write a day down."""
        year, week, _ = some[0].start.isocalendar()
        self.minutes[year, week] += sum(map(minutes, some))
        self.days[year, week] += 1
        for site in {one.site for one in some}:
            self.at_site[site] += 1
        self.until = max(one.end for one in some)
        self.duties += some
