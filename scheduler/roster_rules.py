"""The rules of a roster one by one, as codes with named fields, and in words."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict, dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from scheduler.roster import Duty, Rules, Worker


class Code(IntEnum):
    """What kind of rule; in this order a conflict is told."""

    NEEDS = 0
    SENIORS = 1
    HOURS = 2
    WEEK = 3
    ONCE = 4
    REST = 5
    DAYS = 6
    SITES = 7
    CLASS = 8
    AVOIDS = 9
    AWAY = 10


WORDS = {
    Code.NEEDS: "duty {duty} at {site} needs {number} of role {role}",
    Code.SENIORS: "duty {duty} at {site} needs {number} senior",
    Code.HOURS: "{worker} works at most {number} minutes a week",
    Code.WEEK: "{worker} works on at most {number} days a week",
    Code.ONCE: "nobody has two duties at once",
    Code.REST: "between two days there are {number} minutes of rest",
    Code.DAYS: "nobody is at one site on more than {number} days",
    Code.SITES: "nobody works at two sites on one day",
    Code.CLASS: "{worker} is not qualified for class {licence_class}",
    Code.AVOIDS: "{worker} must not be sent to {site}",
    Code.AWAY: "{worker} is away on {day}",
}


@dataclass(frozen=True, slots=True, order=True)
class RosterRule:
    """One rule that a roster keeps; a field that a kind of rule does not know is empty.

    Attributes:
        code: What kind of rule.
        duty: Id, for what a duty needs.
        site: Where, for what a duty needs and for a site to be avoided.
        role: Role of a duty.
        worker: Whom it binds; empty if everybody.
        day: ISO date of a duty or an absence.
        licence_class: Class that somebody is not qualified for.
        number: People, minutes or days, as the kind has it.
    """

    code: Code
    duty: str = ""
    site: str = ""
    role: str = ""
    worker: str = ""
    day: str = ""
    licence_class: str = ""
    number: int = 0

    def __str__(self) -> str:
        """Return the rule in words."""
        return WORDS[self.code].format(**asdict(self))


def needs_people(duty: Duty) -> RosterRule:
    """Return the rule that a duty has its people."""
    day = duty.start.date().isoformat()
    return RosterRule(Code.NEEDS, duty.duty, duty.site, duty.role, day=day, number=duty.count)


def needs_seniors(duty: Duty) -> RosterRule:
    """Return the rule that a duty has its seniors."""
    day = duty.start.date().isoformat()
    return RosterRule(Code.SENIORS, duty.duty, duty.site, duty.role, day=day, number=duty.seniors)


def hours_of(worker: Worker) -> RosterRule:
    """Return the limit of somebody's hours in a week."""
    return RosterRule(Code.HOURS, worker=worker.worker, number=worker.most_minutes)


def days_of(worker: Worker) -> RosterRule:
    """Return the limit of somebody's days in a week."""
    return RosterRule(Code.WEEK, worker=worker.worker, number=worker.most_days)


def hindrances(worker: Worker, duty: Duty) -> list[RosterRule]:
    """Return the rules by which somebody may not take a duty."""
    found = []
    if not worker.classes & {"*", duty.licence_class} and duty.licence_class:
        found.append(RosterRule(Code.CLASS, worker=worker.worker, licence_class=duty.licence_class))
    if duty.site in worker.avoids:
        found.append(RosterRule(Code.AVOIDS, site=duty.site, worker=worker.worker))
    day = duty.start.date().isoformat()
    if day in worker.away:
        found.append(RosterRule(Code.AWAY, worker=worker.worker, day=day))
    return found


def shared_rules(rules: Rules) -> list[RosterRule]:
    """Return the rules that bind everybody."""
    found = [RosterRule(Code.ONCE), RosterRule(Code.REST, number=rules.rest_minutes)]
    if rules.most_days_at_site:
        found.append(RosterRule(Code.DAYS, number=rules.most_days_at_site))
    return [*found, *([RosterRule(Code.SITES)] if rules.one_site_a_day else [])]


def rules_of(workers: Sequence[Worker], duties: Sequence[Duty], rules: Rules) -> set[RosterRule]:
    """Return every rule that could stand in the way of some duties."""
    found = {needs_people(duty) for duty in duties} | {*shared_rules(rules)}
    found |= {needs_seniors(duty) for duty in duties if duty.seniors}
    for worker in workers:
        mine = [duty for duty in duties if duty.role in worker.roles]
        found.update(rule for duty in mine for rule in hindrances(worker, duty))
        if any(minutes > worker.most_minutes for minutes in minutes_by_week(mine).values()):
            found.add(hours_of(worker))
        if any(len(days) > worker.most_days for days in days_by_week(mine).values()):
            found.add(days_of(worker))
    return found


def minutes_by_week(duties: Iterable[Duty]) -> dict[tuple[int, int], int]:
    """Return the minutes of some duties by ISO year and week."""
    found: dict[tuple[int, int], int] = defaultdict(int)
    for duty in duties:
        year, week, _ = duty.start.isocalendar()
        found[year, week] += minutes(duty)
    return found


def days_by_week(duties: Iterable[Duty]) -> dict[tuple[int, int], set[date]]:
    """Return the days of some duties by ISO year and week."""
    found: dict[tuple[int, int], set[date]] = defaultdict(set)
    for duty in duties:
        year, week, _ = duty.start.isocalendar()
        found[year, week].add(duty.start.date())
    return found


def minutes(duty: Duty) -> int:
    """Return how long a duty is."""
    return round((duty.end - duty.start).total_seconds() / 60)
