"""What every roster costs at least, by counting people and hours; no programme is solved."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scheduler.roster_form import SHORT, STEP

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from scheduler.roster import Duty, Worker
    from scheduler.roster_form import Form, Spread


@dataclass(frozen=True, slots=True)
class Floor:
    """No roster costs less.

    Attributes:
        cost: The bound on the whole cost.
        short: People missing at least.
        ends: Of each spread, in the order of the form: the busiest has at least, and the idlest at
            most, this much, unless more than `short` people are missing.
    """

    cost: int
    short: int
    ends: tuple[tuple[int, int], ...]


def floor_of(form: Form) -> Floor:
    """Count what a roster costs at least.

    Who works two hours of a day at one site is one person, and nobody is at two sites on one day:
    so a day needs as many people as its sites in their busiest hours, and whoever is not there is
    missing. The busiest has at least the average, the idlest at most that, and nobody more than
    the hours he is there.
    """
    roles = sorted({duty.role for duty in form.duties})
    short = 0
    if form.rules.may_be_short:
        for role in roles:
            able = _able(form, role)
            short += sum(max(0, need - able[day]) for day, need in _needs(form, role).items())
    ends = tuple(_ends(form, spread, short) for spread in form.spreads)
    steps = sum(max(0, most - least) for most, least in ends)
    # One more missing person is a roster too, whose spreads nothing is known of.
    cost = min(SHORT * short + STEP * steps, SHORT * (short + 1))
    return Floor(cost if form.rules.may_be_short else STEP * steps, short, ends)


def _needs(form: Form, role: str) -> dict[date, int]:
    """Return how many different people of a role each day needs."""
    hours: dict[tuple[date, str, object], int] = defaultdict(int)
    for duty in form.duties:
        if duty.role == role:
            site = duty.site if form.rules.one_site_a_day else ""
            hours[duty.start.date(), site, (duty.start, duty.end)] += duty.count
    busiest: dict[tuple[date, str], int] = defaultdict(int)
    for (day, site, _), count in hours.items():
        busiest[day, site] = max(busiest[day, site], count)
    needs: dict[date, int] = defaultdict(int)
    for (day, _), count in busiest.items():
        needs[day] += count
    return needs


def _able(form: Form, role: str) -> dict[date, int]:
    """Return how many people could take a duty of a role on each day."""
    able: dict[date, int] = defaultdict(int)
    for worker in form.workers:
        for day in {duty.start.date() for duty in _mine(form, worker, role)}:
            able[day] += 1
    return able


def _mine(form: Form, worker: Worker, role: str) -> list[Duty]:
    return [duty for duty in form.mine[worker.worker] if duty.role == role]


def _ends(form: Form, spread: Spread, short: int) -> tuple[int, int]:
    """Return what the busiest has at least and the idlest at most."""
    people = [worker for worker in form.workers if spread.role in worker.roles]
    duties = [duty for duty in form.duties if duty.role == spread.role]
    if spread.counted == "weekend days":
        days = {day: need for day, need in _needs(form, spread.role).items() if day.weekday() >= 5}
        least, most = (
            sum(days.values()),
            sum(duty.count for duty in duties if duty.start.date() in days),
        )
        can = [
            len({duty.start.date() for duty in _mine(form, worker, spread.role)} & {*days})
            for worker in people
        ]
    else:
        least = most = sum(duty.count for duty in duties)
        can = [_most_duties(worker, _mine(form, worker, spread.role)) for worker in people]
    return -(-max(0, least - short) // len(people)), min(most // len(people), *can)


def _most_duties(worker: Worker, mine: Iterable[Duty]) -> int:
    """Return a number of duties that nobody's hours let him exceed."""
    weeks: dict[tuple[int, int], set[tuple[object, object]]] = defaultdict(set)
    minutes: dict[tuple[int, int], int] = {}
    for duty in mine:
        year, week, _ = duty.start.isocalendar()
        length = round((duty.end - duty.start).total_seconds() / 60)
        weeks[year, week].add((duty.start, duty.end))
        minutes[year, week] = min(length, minutes.get((year, week), length))
    return sum(
        min(len(hours), worker.most_minutes // max(1, minutes[week]))
        for week, hours in weeks.items()
    )
