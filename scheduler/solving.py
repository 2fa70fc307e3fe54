"""From a round to a plan: rules 1, 2 and 3, and the certificate."""

from __future__ import annotations

import time
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np

from scheduler.chains import ChainSolver, bound_partners, live_seconds
from scheduler.components import Component, split
from scheduler.crew import WORTH, Crew
from scheduler.deciding import Chains, Question
from scheduler.engines import engine_named
from scheduler.errors import EngineError, SolveError
from scheduler.memory import peak_mb
from scheduler.options import find_options
from scheduler.plans import Plan, Reason
from scheduler.pricing import total_spent
from scheduler.seating import Cutter, free_seats, total_costs
from scheduler.summaries import summary_of
from scheduler.tied import first_salt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from scheduler.arrays import Ints
    from scheduler.deciding import Decision
    from scheduler.fast.engine import Decided, FastEngine
    from scheduler.rounds import Round

FAST = "fast"


def solve(
    found: Round,
    *,
    engine: str = "ortools",
    threads: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> Plan:
    """Solve a round exactly: served set, least cost, and the one plan the draw picks.

    Args:
        found: The round.
        engine: Name of the flow engine.
        threads: Most threads to use; the plan is the same for any number. With OR-Tools, which
            lets one thread of a process work only, they are processes, and only in large rounds.
        progress: Called with (components done, components in all).

    Returns:
        The plan with its certificate and summary.

    Raises:
        EngineError: The engine is not known or not installed.
        SolveError: A refused size of costs, or an internal failure.
    """
    begun = time.monotonic()
    if threads < 1:
        raise SolveError("threads must be at least 1")
    show = progress or (lambda _done, _all: None)
    if engine == FAST:
        need_engine(FAST)
        from scheduler.fast.engine import FastEngine  # noqa: PLC0415 (numba is optional)

        plan = solve_fast(found, FastEngine(found, threads), show)
    else:
        # A helper is on its way while the round is looked over.
        helpers = threads - 1 if len(found.applications.rank) >= WORTH else 0
        with Crew(engine_named(engine), helpers) as crew:
            plan = _Solver(found, crew).solve(show)
            plan.summary["peak_mb"] = crew.peak_mb
    plan.summary["seconds"] = round(time.monotonic() - begun, 3)
    plan.summary["peak_mb"] += peak_mb()
    return plan


def need_engine(name: str) -> None:
    """Refuse an engine that is not there before anything else is done.

    Raises:
        EngineError: The engine is not known or not installed.
    """
    if name != FAST:
        engine_named(name)
    elif find_spec("numba") is None:
        raise EngineError(
            "the engine `fast` needs numba, which is not installed: install kaochang[fast] or "
            "choose --engine ortools"
        )


def solve_fast(found: Round, engine: FastEngine, progress: Callable[[int, int], None]) -> Plan:
    """Let compiled code decide all components without chains, and the flow solver the others."""
    decided = engine.solve(progress)
    if engine.chained:
        plan = _Solver(found, Crew(engine_named("ortools"), 0), decided).solve(progress)
        plan.summary["engine"] = engine.name
        return plan
    asked = engine.survey.anchor >= 0
    reason = np.where(decided.pool >= 0, Reason.NONE, Reason.NO_SESSION).astype(np.int8)
    reason[asked & (decided.pool < 0)] = Reason.FULL
    ids = found.sessions.ids
    plan = Plan(
        found.sha256,
        *(decided.pool, decided.order, decided.vehicle, decided.turn),
        reason,
        decided.cut,
        levels=decided.levels,
        prices=decided.prices,
        salts={ids[name].as_py(): salt for name, salt in decided.salts.items()},
    )
    plan.summary = summary_of(found, plan, engine.survey.ignored, decided.spent)
    plan.summary["engine"] = engine.name
    plan.summary["components"] = [
        _line(ids[name].as_py(), size, 0, []) for name, size in engine.sizes().items()
    ]
    return plan


def _line(name: str, applications: int, chains: int, open_: list[str]) -> dict[str, Any]:
    """Return a component's line of the summary."""
    return {
        "id": name,
        "applications": applications,
        "chains": chains,
        "proven": not open_,
        "open": open_,
    }


class _Solver:
    """What the steps of solving one round have in common.

    Components that another engine has decided keep what it has said of them.
    """

    def __init__(self, found: Round, crew: Crew, decided: Decided | None = None) -> None:
        self.found, self.crew, self.decided = found, crew, decided
        self.options = find_options(found)
        self.components = split(found, self.options)
        self.costs = total_costs(found, self.options)
        self.cutter = Cutter(found, self.options, self.costs, self.components)
        self.seconds = live_seconds(found, self.options)
        self.open: dict[int, list[str]] = {}
        self.salts = dict(decided.salts) if decided else {}

    def solve(self, progress: Callable[[int, int], None]) -> Plan:
        """Decide component by component, the largest first, and write down what proves it.

        So all hands have done at about the same time.
        """
        plan = self._begun()
        asked = [at for at, part in enumerate(self.components) if part.name not in self.salts]
        asked.sort(key=lambda at: -len(self.components[at].arcs))
        done = len(self.components) - len(asked)
        for decision in self.crew.each(self._questions(asked)):
            self._note(plan, decision)
            done += 1
            progress(done, len(self.components))
        self._finish(plan)
        return plan

    def _begun(self) -> Plan:
        """Return a plan in which only the pinned sit, and who is in components decided before."""
        found, decided = self.found, self.decided
        rows, bins = found.applications, (len(found.pools.seats), len(found.sessions.seats))
        people = len(rows.rank)
        pool = np.where(rows.pinned, rows.prior, -1).astype(np.int64)
        cut = np.zeros(people, np.int64)
        levels, prices = ([np.zeros(count, np.int64) for count in bins] for _ in range(2))
        for component in self.components:
            if decided and component.name in self.salts:
                mine = component.applications
                pool[mine], cut[mine] = decided.pool[mine], decided.cut[mine]
                for at, numbers in enumerate((component.pools, component.sessions)):
                    levels[at][numbers] = decided.levels[at][numbers]
                    prices[at][numbers] = decided.prices[at][numbers]
        order, vehicle, turn = (np.zeros(people, kind) for kind in (np.int32, np.int64, np.int64))
        return Plan(
            *(found.sha256, pool, order, vehicle, turn, np.zeros(people, np.int8), cut),
            levels=(levels[0], levels[1]),
            prices=(prices[0], prices[1]),
        )

    def _questions(self, asked: list[int]) -> Iterator[Question]:
        """Yield what is asked of each component; one with chains is solved before it is proven."""
        seats, salt = free_seats(self.found), first_salt(self.found.sha256)
        chained = {at for at in asked if self._has_chains(self.components[at])}
        bound = bound_partners(self.found, self.options) if chained else None
        for at in asked:
            component = self.components[at]
            part, chains = self.cutter.cut(component, seats), None
            if bound is not None and at in chained:
                pool = self._chains(component)[part.people]
                local = np.where(pool >= 0, self.cutter.place["pools"][pool], -1)
                chains = Chains(local, bound[part.people])
            yield Question(at, part, salt, chains)

    def _has_chains(self, component: Component) -> bool:
        """Say whether somebody in a component waits for another subject."""
        return bool(len(self.seconds) and np.isin(self.seconds, component.applications).any())

    def _chains(self, component: Component) -> Ints:
        """Decide a component with chains by rules 1 and 2; note what stayed unproven."""
        solver = ChainSolver(self.found, self.options, self.costs, component, self.crew.engine)
        decided = solver.solve()
        self.open[component.name] = decided.open
        pool = np.full(len(self.found.applications.rank), -1, np.int64)
        pool[list(decided.pool)] = list(decided.pool.values())
        return pool

    def _note(self, plan: Plan, decision: Decision) -> None:
        """Write down what is decided about a component."""
        component = self.components[decision.place]
        plan.pool[decision.people] = decision.pool
        plan.cut[decision.people] = decision.cut
        plan.reason[decision.people[decision.barred]] = Reason.CHAIN
        for at, numbers in enumerate((component.pools, component.sessions)):
            plan.levels[at][numbers] = decision.levels[at]
            plan.prices[at][numbers] = decision.prices[at]
        self.salts[component.name] = decision.salt

    def _finish(self, plan: Plan) -> None:
        """Fill in order, vehicle, turn, reason and summary."""
        found, options, pool = self.found, self.options, plan.pool
        arc = np.flatnonzero(pool.take(options.app) == options.pool)
        plan.order[options.app[arc]] = options.order[arc]
        _number_seats(found, plan)
        refused = (pool < 0) & (plan.reason == Reason.NONE)
        asked = options.hub >= 0
        asked[options.app] = True
        plan.reason[refused] = np.where(asked[refused], Reason.FULL, Reason.NO_SESSION)
        ids = found.sessions.ids
        plan.salts = {ids[name].as_py(): salt for name, salt in sorted(self.salts.items())}
        spent = total_spent(found, options, pool, arc)
        plan.summary = summary_of(found, plan, options.ignored, spent)
        plan.summary["components"] = [self._component(part) for part in self.components]
        plan.summary["engine"] = self.crew.engine.name

    def _component(self, component: Component) -> dict[str, Any]:
        """Return a component's line of the summary."""
        chains = int(np.isin(self.seconds, component.applications).sum())
        name = self.found.sessions.ids[component.name].as_py()
        return _line(name, len(component.applications), chains, self.open.get(component.name, []))


def _number_seats(found: Round, plan: Plan) -> None:
    """Fill in vehicle and turn of everybody, by rank inside each pool."""
    people = np.flatnonzero(plan.pool >= 0)
    people = people[np.argsort(plan.pool[people] * 2**32 + found.applications.rank[people])]
    seat = plan.pool[people]
    taken = np.bincount(seat, minlength=len(found.pools.seats))
    position = np.arange(len(people)) - (np.cumsum(taken) - taken)[seat]
    vehicles = found.pools.vehicles[seat]
    plan.vehicle[people] = np.where(vehicles > 0, position % np.maximum(vehicles, 1) + 1, 0)
    plan.turn[people] = position // np.maximum(vehicles, 1) + 1
