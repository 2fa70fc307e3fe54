"""Who works where: examiners, safety officers, invigilators, first-aiders.

A roster is a covering problem with rules between shifts, which CP-SAT answers with a proof. What
the law or the office wants (how many invigilators a room needs, how many hours a week has) comes
from the caller. Where no roster exists, the answer is a smallest set of rules that contradict
each other, in words.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, Any

from scheduler.errors import SolveError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

_SEED = 1


@dataclass(frozen=True, slots=True)
class Worker:
    """Somebody who can be put on a roster.

    Attributes:
        worker: Id.
        roles: Roles the worker may take.
        classes: Licence classes the worker is qualified for; `*` all.
        avoids: Sites not to be sent to (own school, relatives).
        away: Dates of absence, ISO.
        most_minutes: Most minutes of work in the roster's period.
    """

    worker: str
    roles: frozenset[str]
    classes: frozenset[str] = frozenset({"*"})
    avoids: frozenset[str] = frozenset()
    away: frozenset[str] = frozenset()
    most_minutes: int = 40 * 60


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
    """

    duty: str
    site: str
    role: str
    count: int
    start: datetime
    end: datetime
    licence_class: str = ""


@dataclass(frozen=True, slots=True)
class Rules:
    """What the caller demands of every roster.

    Attributes:
        rest_minutes: Rest between two duties of a worker on different days.
        most_days_at_site: Most days of a worker at one site; 0 for no limit.
    """

    rest_minutes: int = 11 * 60
    most_days_at_site: int = 0


@dataclass(frozen=True, slots=True)
class Roster:
    """The answer.

    Attributes:
        duties: Duty → workers, sorted; empty if there is no roster.
        unfairness: Weekend days of the busiest worker less those of the idlest, per role summed,
            which is minimised.
        proven: Whether nothing less unfair exists, or that nothing exists at all.
        conflict: Rules that contradict each other, in words; none of them can be left out.
    """

    duties: dict[str, tuple[str, ...]]
    unfairness: int
    proven: bool
    conflict: tuple[str, ...] = field(default=())


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


def make_roster(
    workers: Sequence[Worker], duties: Sequence[Duty], rules: Rules, *, work_limit: float = 60.0
) -> Roster:
    """Fill every duty, sharing weekends fairly.

    Args:
        workers: Who can work.
        duties: What must be filled.
        rules: Rest and rotation.
        work_limit: Limit in CP-SAT's deterministic units, so that the answer never depends on
            the speed of the machine.

    Raises:
        SolveError: An id stands twice, a duty ends before it starts, or the limit was met before
            anything was found.
    """
    _validate(workers, duties)
    model = _Model(workers, duties, rules)
    status, solver = model.run(work_limit, model.all_rules())
    if status in ("OPTIMAL", "FEASIBLE"):
        unfairness = round(solver.objective_value) if model.spreads else 0
        return Roster(model.read(solver), unfairness, proven=status == "OPTIMAL")
    if status != "INFEASIBLE":
        raise SolveError("no roster was found within the limit of work, nor that there is none")
    conflict = _smallest(model, work_limit)
    return Roster({}, 0, proven=True, conflict=tuple(sorted(conflict)))


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


class _Model:
    """The CP-SAT model; every rule hangs on a literal that can be switched off."""

    def __init__(self, workers: Sequence[Worker], duties: Sequence[Duty], rules: Rules) -> None:
        from ortools.sat.python import cp_model  # noqa: PLC0415 (as in engines)

        self.cp, self.model = cp_model, cp_model.CpModel()
        self.workers, self.duties, self.rules = workers, duties, rules
        self.literals: dict[str, Any] = {}
        self.x: dict[tuple[str, str], Any] = {}
        self.spreads: list[Any] = []
        for worker in workers:
            for duty in duties:
                if duty.role in worker.roles:
                    self.x[worker.worker, duty.duty] = self.model.new_bool_var("")
        self._staffing()
        for worker in workers:
            self._personal(worker)
        self._weekends()

    def _rule(self, text: str) -> Any:
        if text not in self.literals:
            self.literals[text] = self.model.new_bool_var("")
        return self.literals[text]

    def _staffing(self) -> None:
        for duty in self.duties:
            takers = [x for (_, at), x in self.x.items() if at == duty.duty]
            text = f"duty {duty.duty} at {duty.site} needs {duty.count} of role {duty.role}"
            self.model.add(sum(takers) == duty.count).only_enforce_if(self._rule(text))

    def _personal(self, worker: Worker) -> None:
        name, mine = worker.worker, []
        for duty in self.duties:
            if (name, duty.duty) not in self.x:
                continue
            mine.append(duty)
            for text in self._hindrances(worker, duty):
                self.model.add(self.x[name, duty.duty] == 0).only_enforce_if(self._rule(text))
        minutes = [
            self.x[name, duty.duty] * round((duty.end - duty.start).total_seconds() / 60)
            for duty in mine
        ]
        text = f"{name} works at most {worker.most_minutes} minutes"
        self.model.add(sum(minutes) <= worker.most_minutes).only_enforce_if(self._rule(text))
        slots: dict[tuple[datetime, datetime], list[Any]] = defaultdict(list)
        for duty in mine:
            slots[duty.start, duty.end].append(self.x[name, duty.duty])
        self._apart(slots)
        self._rotation(name, mine)

    def _hindrances(self, worker: Worker, duty: Duty) -> list[str]:
        found = []
        if not worker.classes & {"*", duty.licence_class} and duty.licence_class:
            found.append(f"{worker.worker} is not qualified for class {duty.licence_class}")
        if duty.site in worker.avoids:
            found.append(f"{worker.worker} must not be sent to {duty.site}")
        day = duty.start.date().isoformat()
        if day in worker.away:
            found.append(f"{worker.worker} is away on {day}")
        return found

    def _apart(self, slots: dict[tuple[datetime, datetime], list[Any]]) -> None:
        """Nobody is in two places, and between two days there is rest.

        Duties of the same hours share one variable, so that only hours are compared in pairs.
        """
        once = self._rule("nobody has two duties at once")
        for x in slots.values():
            self.model.add(sum(x) <= 1).only_enforce_if(once)
        works = {hours: self._any(x) for hours, x in slots.items()}
        for one, two in combinations(sorted(slots), 2):
            gap = (two[0] - one[1]).total_seconds() / 60
            if gap < 0:
                rule = once
            elif one[0].date() != two[0].date() and gap < self.rules.rest_minutes:
                minutes = self.rules.rest_minutes
                rule = self._rule(f"between two days there are {minutes} minutes of rest")
            else:
                continue
            self.model.add(works[one] + works[two] <= 1).only_enforce_if(rule)

    def _rotation(self, name: str, mine: Sequence[Duty]) -> None:
        if not self.rules.most_days_at_site:
            return
        by_site: dict[str, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
        for duty in mine:
            by_site[duty.site][duty.start.date().isoformat()].append(self.x[name, duty.duty])
        most = self.rules.most_days_at_site
        for site, days in by_site.items():
            if len(days) > most:
                text = f"nobody is at one site on more than {most} days"
                total = sum(self._any(x) for x in days.values())
                self.model.add(total <= most).only_enforce_if(self._rule(text))
            del site

    def _any(self, literals: Sequence[Any]) -> Any:
        found = self.model.new_bool_var("")
        self.model.add_max_equality(found, literals)
        return found

    def _weekends(self) -> None:
        """Within a role nobody has many more weekend days than another."""
        for role in sorted({duty.role for duty in self.duties}):
            totals = []
            for worker in self.workers:
                if role not in worker.roles:
                    continue
                days: dict[str, list[Any]] = defaultdict(list)
                for duty in self.duties:
                    if duty.role == role and duty.start.weekday() >= 5:
                        day = duty.start.date().isoformat()
                        days[day].append(self.x[worker.worker, duty.duty])
                totals.append(sum(self._any(x) for x in days.values()))
            self._spread(totals)

    def _spread(self, totals: list[Any]) -> None:
        days = len({duty.start.date() for duty in self.duties if duty.start.weekday() >= 5})
        if days == 0 or len(totals) < 2:
            return
        most, least = (self.model.new_int_var(0, days, "") for _ in range(2))
        for total in totals:
            self.model.add(most >= total)
            self.model.add(least <= total)
        self.spreads.append(most - least)

    def all_rules(self) -> list[str]:
        """Return every rule in words."""
        return sorted(self.literals)

    def run(self, work_limit: float, rules: Iterable[str]) -> tuple[str, Any]:
        """Solve with some of the rules; the least unfair roster if it is all of them."""
        kept, model = set(rules), self.model.clone()
        for text, literal in self.literals.items():
            model.add(model.get_bool_var_from_proto_index(literal.index) == int(text in kept))
        if self.spreads and kept == set(self.literals):
            model.minimize(sum(self.spreads))
        solver = self.cp.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = _SEED
        solver.parameters.max_deterministic_time = work_limit
        return solver.status_name(solver.solve(model)), solver

    def read(self, solver: Any) -> dict[str, tuple[str, ...]]:
        """Return the workers of each duty."""
        return {
            duty.duty: tuple(
                sorted(
                    who for (who, at), x in self.x.items() if at == duty.duty and solver.value(x)
                )
            )
            for duty in self.duties
        }


def _smallest(model: _Model, work_limit: float) -> list[str]:
    """Drop rules in blocks, then one by one, as long as the rest still contradicts itself."""
    kept = model.all_rules()
    size = len(kept)
    while size >= 1:
        start = 0
        while start < len(kept):
            tried = kept[:start] + kept[start + size :]
            if model.run(work_limit, tried)[0] == "INFEASIBLE":
                kept = tried
            else:
                start += size
        size //= 2
    return kept
