"""Who works where: examiners, safety officers, invigilators, first-aiders.

A roster is a covering problem with rules between shifts. It is planned from the whole to the part
(docs/allocation-planning.md) and checked from the duties alone before it is given out. What the law
or the office wants (how many invigilators a room needs, how many hours a week has) comes from the
caller. Where no roster exists, the answer is a smallest set of rules that contradict each other,
each as a code with its facts, and in words.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scheduler.errors import SolveError
from scheduler.roster_bounds import floor_of
from scheduler.roster_check import faults, tally
from scheduler.roster_conflict import conflict_of
from scheduler.roster_engines import Limits
from scheduler.roster_solvers import ENGINES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from scheduler.roster_rules import RosterRule
    from scheduler.roster_solvers import Found

#: Said beside a conflict that may be larger than need be.
NOT_SMALLEST = (
    "these rules contradict each other, but the work was limited before each of them was shown to"
    " be needed: some may have no part in it"
)


@dataclass(frozen=True, slots=True)
class Worker:
    """Somebody who can be put on a roster.

    Attributes:
        worker: Id.
        roles: Roles the worker may take.
        classes: Licence classes the worker is qualified for; `*` all.
        avoids: Sites not to be sent to (own school, relatives).
        away: Dates of absence, ISO.
        most_minutes: Most minutes of work in a calendar week.
        most_days: Most days of work in a calendar week.
        senior: Counts where a duty wants somebody experienced.
    """

    worker: str
    roles: frozenset[str]
    classes: frozenset[str] = frozenset({"*"})
    avoids: frozenset[str] = frozenset()
    away: frozenset[str] = frozenset()
    most_minutes: int = 40 * 60
    most_days: int = 7
    senior: bool = False


@dataclass(frozen=True, slots=True)
class Duty:
    """People of one role that one shift needs.

    Attributes:
        duty: Id.
        site: Where.
        role: Which role, such as examiner, safety_officer, invigilator, first_aider.
        count: How many people.
        start: Begin, with a zone or without, but all alike.
        end: End, after the start.
        licence_class: Class the people must be qualified for; empty for any.
        seniors: How many of the people must be senior.
    """

    duty: str
    site: str
    role: str
    count: int
    start: datetime
    end: datetime
    licence_class: str = ""
    seniors: int = 0


@dataclass(frozen=True, slots=True)
class Rules:
    """What the caller demands of every roster.

    Attributes:
        rest_minutes: Rest between two duties of a worker on different days.
        most_days_at_site: Most days of a worker at one site; 0 for no limit.
        one_site_a_day: Nobody works at two sites on one day.
        spread_load: Within a role the numbers of duties are kept close too.
        may_be_short: People may be missing, as few as possible; else that is a conflict.
    """

    rest_minutes: int = 11 * 60
    most_days_at_site: int = 0
    one_site_a_day: bool = True
    spread_load: bool = False
    may_be_short: bool = False


@dataclass(frozen=True, slots=True)
class Roster:
    """The answer.

    Attributes:
        duties: Duty → workers, sorted; empty if there is no roster.
        unfairness: Weekend days of the busiest worker less those of the idlest, per role summed.
        proven: Whether nothing better exists, or that nothing exists at all.
        conflict: Rules that contradict each other, as codes and facts; `str` says one in words.
        smallest: Whether none of them can be left out; else only that they contradict is proven.
        load_spread: The same as `unfairness` of numbers of duties, where loads are spread.
        short: Duty → people missing, where that is allowed.
        cost: What was minimised: 1000 for each missing person, 10 for each step of either spread.
        bound: No roster costs less.
        counted: The part of the bound that counting alone shows, which `faults` repeats.
    """

    duties: dict[str, tuple[str, ...]]
    unfairness: int
    proven: bool
    conflict: tuple[RosterRule, ...] = field(default=())
    smallest: bool = True
    load_spread: int = 0
    short: dict[str, int] = field(default_factory=dict)
    cost: int = 0
    bound: int = 0
    counted: int = 0

    def words(self) -> list[str]:
        """Return the conflict in words, and what of it is not proven."""
        said = [str(rule) for rule in self.conflict]
        return said if self.smallest else [*said, NOT_SMALLEST]


def first_aiders(duties: Iterable[Duty]) -> list[Duty]:
    """Return a duty for one first-aider at every site and day that runs, from first to last."""
    spans: dict[tuple[str, str], list[Duty]] = defaultdict(list)
    for duty in duties:
        spans[duty.site, duty.start.date().isoformat()].append(duty)
    return [
        Duty(
            duty=f"{site}:{day}:first_aider",
            site=site,
            role="first_aider",
            count=1,
            start=min(duty.start for duty in span),
            end=max(duty.end for duty in span),
        )
        for (site, day), span in sorted(spans.items())
    ]


def invigilators(rooms: Iterable[tuple[str, str, datetime, datetime]], each: int = 3) -> list[Duty]:
    """Return the invigilators' duties of theory rooms.

    Args:
        rooms: Site, room, begin and end of each time that a room is used.
        each: How many a room needs.
    """
    return [
        Duty(
            f"{site}:{room}:{start.isoformat()}:invigilator", site, "invigilator", each, start, end
        )
        for site, room, start, end in sorted(rooms)
    ]


def make_roster(
    workers: Sequence[Worker],
    duties: Sequence[Duty],
    rules: Rules,
    *,
    engine: str = "both",
    work_limit: float = 60.0,
    gap: float = 0.0,
) -> Roster:
    """Fill every duty, sharing weekends fairly.

    Args:
        workers: Who can work.
        duties: What must be filled.
        rules: Rest, rotation and what is to be fair.
        engine: `cp-sat`, `highs`, each alone on a form of its own, or `both`: counting and an
            outline bound, sites are given day by day, and what is not met is mended and proven.
        work_limit: Limit in CP-SAT's deterministic units, and of nodes in HiGHS by hundreds, so
            that the answer never depends on the speed of the machine.
        gap: Stop where the roster is within this share of the bound.

    Raises:
        SolveError: An id stands twice, a duty ends before it starts, an unknown engine, or the
            limit was met before anything was found, or a roster found has a fault.
    """
    _validate(workers, duties)
    if engine not in ENGINES:
        raise SolveError(f"there is no engine {engine!r}; there are: {', '.join(ENGINES)}")
    found = ENGINES[engine](workers, duties, rules, Limits(work_limit, gap))
    if found.duties is not None:
        return _checked(workers, duties, rules, found)
    if not found.impossible:
        raise SolveError("no roster was found within the limit of work, nor that there is none")
    conflict = conflict_of(workers, duties, rules, work_limit)
    return Roster({}, 0, proven=True, conflict=conflict.rules, smallest=conflict.smallest)


def _checked(
    workers: Sequence[Worker], duties: Sequence[Duty], rules: Rules, found: Found
) -> Roster:
    """Return the roster with what it costs, counted from the duties; refuse one with a fault."""
    people = {name: tuple(sorted(some)) for name, some in (found.duties or {}).items()}
    counted = tally(workers, duties, rules, people)
    floor = floor_of(workers, duties, rules).cost
    bound = max(found.bound, floor)
    roster = Roster(
        people,
        counted.unfairness,
        proven=counted.cost <= bound,
        load_spread=counted.load_spread,
        short=counted.short,
        cost=counted.cost,
        bound=bound,
        counted=floor,
    )
    if wrong := faults(workers, duties, rules, roster):
        raise SolveError(f"the roster found does not keep its promises: {'; '.join(wrong)}")
    return roster


def _validate(workers: Sequence[Worker], duties: Sequence[Duty]) -> None:
    for kind, ids in (
        ("worker", [worker.worker for worker in workers]),
        ("duty", [duty.duty for duty in duties]),
    ):
        if len(set(ids)) != len(ids):
            raise SolveError(f"a {kind} id stands twice")
    for duty in duties:
        if duty.end <= duty.start or duty.count < 0:
            raise SolveError(f"duty {duty.duty} must end after it starts and need 0 or more people")
