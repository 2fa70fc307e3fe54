"""What every roster costs at least, by counting people and hours; no programme is solved.

Anybody can repeat it from the duties, which is why it stands apart from the engines' bounds.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from scheduler.roster_form import SHORT, STEP
from scheduler.roster_rules import hindrances

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from scheduler.roster import Duty, Rules, Worker

SATURDAY = 5


class Floor(NamedTuple):
    """No roster costs less.

    Attributes:
        cost: The bound on the whole cost.
        short: People missing at least.
        ends: For each role, of weekend days and of duties if loads are spread: the busiest has at
            least, and the idlest at most, this much, unless more than `short` people are missing.
    """

    cost: int
    short: int
    ends: tuple[tuple[int, int], ...]


class _Role(NamedTuple):
    """Duties of a role, who has the role, and which of the duties each of them may take."""

    duties: list[Duty]
    mine: list[list[Duty]]
    hours: list[int]


def floor_of(workers: Sequence[Worker], duties: Sequence[Duty], rules: Rules) -> Floor:
    """Count what a roster costs at least.

    Who works two hours of a day at one site is one person, and nobody is at two sites on one day:
    so each person on duty saves one site the duties of at most as many hours as want one more, and
    what the best use of everybody does not save is missing. Nobody can have more duties than fit
    his hours; whatever these leave to the others raises the busiest.
    """
    roles = [_role(workers, duties, role) for role in sorted({duty.role for duty in duties})]
    missing = [_missing(role, rules) if rules.may_be_short else 0 for role in roles]
    ends = tuple(
        end for role, short in zip(roles, missing, strict=True) for end in _ends(role, rules, short)
    )
    short, steps = sum(missing), sum(max(0, most - least) for most, least in ends)
    if not rules.may_be_short:
        return Floor(STEP * steps, 0, ends)
    # One more missing person is a roster too, whose spreads nothing is known of.
    return Floor(min(SHORT * short + STEP * steps, SHORT * (short + 1)), short, ends)


def _role(workers: Sequence[Worker], duties: Sequence[Duty], role: str) -> _Role:
    some = [duty for duty in duties if duty.role == role]
    people = [worker for worker in workers if role in worker.roles]
    needed = [duty for duty in some if duty.count]
    mine = [[duty for duty in needed if not hindrances(one, duty)] for one in people]
    return _Role(some, mine, [worker.most_minutes for worker in people])


def _wanted(
    role: _Role, rules: Rules
) -> dict[date, dict[str, dict[tuple[datetime, datetime], int]]]:
    """Return people of a role by day, site and hours."""
    wanted: dict[date, dict[str, dict[tuple[datetime, datetime], int]]] = {}
    for duty in role.duties:
        site = duty.site if rules.one_site_a_day else ""
        hours = wanted.setdefault(duty.start.date(), {}).setdefault(site, {})
        hours[duty.start, duty.end] = hours.get((duty.start, duty.end), 0) + duty.count
    return wanted


def _missing(role: _Role, rules: Rules) -> int:
    """Return how many of a role are missing at least, day by day, and in all by the hours."""
    able: dict[date, int] = defaultdict(int)
    there: dict[tuple[date, str], int] = defaultdict(int)
    for mine in role.mine:
        for day in {duty.start.date() for duty in mine}:
            able[day] += 1
        for spot in {
            (duty.start.date(), duty.site if rules.one_site_a_day else "") for duty in mine
        }:
            there[spot] += 1
    short = 0
    for day, sites in _wanted(role, rules).items():
        saved = sorted(
            (
                sum(count > more for count in hours.values())
                for site, hours in sites.items()
                for more in range(min(max(hours.values()), there[day, site]))
            ),
            reverse=True,
        )
        short += sum(sum(hours.values()) for hours in sites.values()) - sum(saved[: able[day]])
    most = sum(_most_duties(mine, hours) for mine, hours in zip(role.mine, role.hours, strict=True))
    return max(short, sum(duty.count for duty in role.duties) - most)


def _ends(role: _Role, rules: Rules, short: int) -> list[tuple[int, int]]:
    """Return the ends of weekend days and of duties, as in `Floor`."""
    if not role.mine:
        return []
    days = {
        day: sum(max(hours.values()) for hours in sites.values())
        for day, sites in _wanted(role, rules).items()
        if day.weekday() >= SATURDAY
    }
    can = [len({duty.start.date() for duty in mine} & {*days}) for mine in role.mine]
    total = sum(duty.count for duty in role.duties if duty.start.date() in days)
    found = [_fair(can, sum(days.values()) - short, total)]
    if rules.spread_load:
        can = [_most_duties(mine, hours) for mine, hours in zip(role.mine, role.hours, strict=True)]
        total = sum(duty.count for duty in role.duties)
        found.append(_fair(can, total - short, total - short))
    return found


def _fair(can: Sequence[int], least: int, most: int) -> tuple[int, int]:
    """Share at least `least` among people who can take so much each; the idlest has an average."""
    busiest = 0
    while sum(min(busiest, one) for one in can) < least and busiest < max(can):
        busiest += 1
    return busiest, max(0, min(most // len(can), *can))


def _most_duties(mine: Sequence[Duty], most_minutes: int) -> int:
    """Return a number of duties that somebody's hours let him not exceed."""
    weeks: dict[tuple[int, int], dict[tuple[datetime, datetime], float]] = defaultdict(dict)
    for duty in mine:
        year, week, _ = duty.start.isocalendar()
        length = (duty.end - duty.start).total_seconds() / 60
        weeks[year, week][duty.start, duty.end] = length
    return sum(_fitting(hours, most_minutes) for hours in weeks.values())


def _fitting(hours: Mapping[tuple[datetime, datetime], float], most_minutes: int) -> int:
    """Return how many of the shortest hours fit, and how many lie one after another."""
    count, left = 0, float(most_minutes)
    for length in sorted(hours.values()):
        left -= length
        count += left >= 0
    apart, end = 0, None
    for begin, until in sorted(hours, key=lambda one: one[1]):
        if end is None or begin >= end:
            apart, end = apart + 1, until
    return min(count, apart)
