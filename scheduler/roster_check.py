"""Checks a roster from the duties alone: no engine, no programme, nothing but dates and names."""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

from scheduler.roster_bounds import SATURDAY, floor_of
from scheduler.roster_form import SHORT, STEP
from scheduler.roster_rules import hindrances

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from scheduler.roster import Duty, Roster, Rules, Worker

    Assigned = Mapping[str, Sequence[str]]


class Tally(NamedTuple):
    """What a roster costs, counted: duty → missing, steps of both spreads, and their price."""

    short: dict[str, int]
    unfairness: int
    load_spread: int
    cost: int


def tally(
    workers: Sequence[Worker], duties: Sequence[Duty], rules: Rules, assigned: Assigned
) -> Tally:
    """Count what a roster costs."""
    short = {
        duty.duty: duty.count - len(assigned[duty.duty])
        for duty in duties
        if len(assigned[duty.duty]) < duty.count
    }
    unfairness = load_spread = 0
    for role in sorted({duty.role for duty in duties}):
        days: dict[str, set[date]] = {one.worker: set() for one in workers if role in one.roles}
        loads = dict.fromkeys(days, 0)
        for duty in duties:
            for who in assigned[duty.duty] if duty.role == role else ():
                loads[who] += 1
                days[who] |= {duty.start.date()} if duty.start.weekday() >= SATURDAY else set()
        if days:
            weekends = [len(some) for some in days.values()]
            unfairness += max(weekends) - min(weekends)
            load_spread += max(loads.values()) - min(loads.values()) if rules.spread_load else 0
    cost = SHORT * sum(short.values()) + STEP * (unfairness + load_spread)
    return Tally(short, unfairness, load_spread, cost)


def faults(
    workers: Sequence[Worker], duties: Sequence[Duty], rules: Rules, roster: Roster
) -> list[str]:
    """Return everything that is wrong with a roster, in words; nothing if it keeps its promises.

    That no roster is cheaper is confirmed only as far as counting goes (`Roster.counted`); beyond
    that the bound is the engines' word.
    """
    if roster.conflict:
        return []
    found = list(broken(workers, duties, rules, roster.duties))
    if found:
        return found
    counted = tally(workers, duties, rules, roster.duties)
    said = Tally(roster.short, roster.unfairness, roster.load_spread, roster.cost)
    if counted != said:
        found.append(f"the roster says {said}, and counting says {counted}")
    floor = floor_of(workers, duties, rules).cost
    if roster.counted != floor or not floor <= roster.bound <= roster.cost:
        found.append(f"counted {roster.counted}, bound {roster.bound}, cost {roster.cost}: {floor}")
    if roster.proven != (roster.bound == roster.cost):
        found.append("proven is what costs no more than its bound, and nothing else")
    return found


def broken(
    workers: Sequence[Worker], duties: Sequence[Duty], rules: Rules, assigned: Assigned
) -> Iterator[str]:
    """Yield each rule that somebody or some duty breaks, in words."""
    if {*assigned} != {duty.duty for duty in duties}:
        yield "the duties are not those of the question"
        return
    known = {worker.worker: worker for worker in workers}
    mine: dict[str, list[Duty]] = defaultdict(list)
    for duty in duties:
        people = assigned[duty.duty]
        if not {*people} <= {*known} or len({*people}) < len(people):
            yield f"at {duty.duty} is somebody unknown, or twice"
            return
        yield from _staffed(duty, [known[who] for who in people], rules)
        for who in people:
            mine[who].append(duty)
    for who, some in mine.items():
        yield from _personal(known[who], sorted(some, key=lambda duty: duty.start), rules)


def _staffed(duty: Duty, people: Sequence[Worker], rules: Rules) -> Iterator[str]:
    missing = duty.count - len(people)
    if missing < 0 or (missing and not rules.may_be_short):
        yield f"{duty.duty} has {len(people)} people and needs {duty.count}"
    if sum(worker.senior for worker in people) + missing < duty.seniors:
        yield f"{duty.duty} needs {duty.seniors} senior"


def _personal(worker: Worker, mine: Sequence[Duty], rules: Rules) -> Iterator[str]:
    name = worker.worker
    weeks: dict[tuple[int, int], float] = defaultdict(float)
    days_of: dict[tuple[int, int], set[date]] = defaultdict(set)
    days_at: dict[str, set[date]] = defaultdict(set)
    sites_on: dict[date, set[str]] = defaultdict(set)
    for duty in mine:
        yield from map(str, hindrances(worker, duty))
        if duty.role not in worker.roles:
            yield f"{name} is no {duty.role}"
        year, week, _ = duty.start.isocalendar()
        weeks[year, week] += (duty.end - duty.start).total_seconds() / 60
        days_of[year, week].add(duty.start.date())
        days_at[duty.site].add(duty.start.date())
        sites_on[duty.start.date()].add(duty.site)
    if any(minutes > worker.most_minutes for minutes in weeks.values()):
        yield f"{name} works more than {worker.most_minutes} minutes a week"
    if any(len(days) > worker.most_days for days in days_of.values()):
        yield f"{name} works on more than {worker.most_days} days a week"
    if rules.most_days_at_site and any(
        len(days) > rules.most_days_at_site for days in days_at.values()
    ):
        yield f"{name} is at one site on more than {rules.most_days_at_site} days"
    if rules.one_site_a_day and any(len(sites) > 1 for sites in sites_on.values()):
        yield f"{name} works at two sites on one day"
    for one, two in combinations(mine, 2):
        gap = (two.start - one.end).total_seconds() / 60
        if gap < 0:
            yield f"{name} has {one.duty} and {two.duty} at once"
        elif one.start.date() != two.start.date() and gap < rules.rest_minutes:
            yield f"{name} has too little rest between {one.duty} and {two.duty}"
