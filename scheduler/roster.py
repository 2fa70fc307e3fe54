"""Who works where: examiners, safety officers, invigilators, first-aiders.

A roster is a covering problem with rules between shifts: HiGHS bounds it, CP-SAT fills it. What
the law or the office wants (how many invigilators a room needs, how many hours a week has) comes
from the caller. Where no roster exists, the answer is a smallest set of rules that contradict
each other, in words.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scheduler.errors import SolveError
from scheduler.roster_form import Form
from scheduler.roster_solvers import ENGINES, Limits, smallest_conflict

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from scheduler.roster_solvers import Answer


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
        senior: Counts where a duty wants somebody experienced.
    """

    worker: str
    roles: frozenset[str]
    classes: frozenset[str] = frozenset({"*"})
    avoids: frozenset[str] = frozenset()
    away: frozenset[str] = frozenset()
    most_minutes: int = 40 * 60
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
        conflict: Rules that contradict each other, in words; none of them can be left out.
        load_spread: The same as `unfairness` of numbers of duties, where loads are spread.
        short: Duty → people missing, where that is allowed.
        cost: What was minimised: 1000 for each missing person, 10 for each step of either spread.
        bound: No roster costs less.
    """

    duties: dict[str, tuple[str, ...]]
    unfairness: int
    proven: bool
    conflict: tuple[str, ...] = field(default=())
    load_spread: int = 0
    short: dict[str, int] = field(default_factory=dict)
    cost: int = 0
    bound: int = 0


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
        engine: `cp-sat`, `highs`, or `both`: counting bounds, CP-SAT looks for a roster that costs
            no more, and HiGHS bounds and proves what is left.
        work_limit: Limit in CP-SAT's deterministic units, and of nodes in HiGHS by hundreds, so
            that the answer never depends on the speed of the machine.
        gap: Stop where the roster is within this share of the bound.

    Raises:
        SolveError: An id stands twice, a duty ends before it starts, an unknown engine, or the
            limit was met before anything was found.
    """
    _validate(workers, duties)
    if engine not in ENGINES:
        raise SolveError(f"there is no engine {engine!r}; there are: {', '.join(ENGINES)}")
    form = Form(workers, duties, rules)
    answer = ENGINES[engine](form, Limits(work_limit, gap))
    if answer.values is not None:
        return _read(form, answer)
    if not answer.impossible:
        raise SolveError("no roster was found within the limit of work, nor that there is none")
    conflict = smallest_conflict(Form(workers, duties, rules, explain=True), work_limit)
    return Roster({}, 0, proven=True, conflict=tuple(sorted(conflict)))


def _read(form: Form, answer: Answer) -> Roster:
    """Read a roster off the values, counted again in whole numbers."""
    values = [round(value) for value in answer.values or ()]
    at: dict[str, list[str]] = {duty.duty: [] for duty in form.duties}
    for (worker, duty), number in form.x.items():
        if values[number]:
            at[duty].append(worker)
    short = {
        duty.duty: duty.count - len(at[duty.duty])
        for duty in form.duties
        if len(at[duty.duty]) < duty.count
    }
    cost = sum(price * values[number] for number, price in form.cost.items())
    return Roster(
        {name: tuple(sorted(people)) for name, people in at.items()},
        sum(
            values[at.most] - values[at.least]
            for at in form.spreads
            if at.counted == "weekend days"
        ),
        proven=cost <= answer.bound,
        load_spread=sum(
            values[at.most] - values[at.least] for at in form.spreads if at.counted == "duties"
        ),
        short=short,
        cost=cost,
        bound=min(cost, answer.bound),
    )


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
