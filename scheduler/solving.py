"""From a round to a plan: rules 1, 2 and 3, and the certificate."""

from __future__ import annotations

import time
from dataclasses import replace
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np

from scheduler.arrays import Ints
from scheduler.chains import ChainSolver, bound_partners, live_seconds
from scheduler.components import Component, split
from scheduler.crew import WORTH, Crew
from scheduler.engines import engine_named
from scheduler.errors import EngineError, SolveError
from scheduler.memory import peak_mb
from scheduler.options import Options, find_options
from scheduler.plans import Plan, Reason
from scheduler.potentials import Residual, Seated
from scheduler.pricing import price_seats, total_spent
from scheduler.reach import best_reach, reach_of
from scheduler.seating import Cutter, free_seats, total_costs
from scheduler.summaries import summary_of
from scheduler.tied import first_salt
from scheduler.ties import Ties, find_ties, rivals, tied

if TYPE_CHECKING:
    from collections.abc import Callable

    from scheduler.fast.engine import Decided, FastEngine
    from scheduler.rounds import Round

FAST = "fast"
_MOST_SALTS = 64


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

    Components that another engine has decided keep their seats and salts.
    """

    def __init__(self, found: Round, crew: Crew, decided: Decided | None = None) -> None:
        self.found, self.crew, self.engine = found, crew, crew.engine
        self.decided = decided
        self.known = decided.salts if decided else {}
        self.options = find_options(found)
        self.components = split(found, self.options)
        self.costs = total_costs(found, self.options)
        self.cutter = Cutter(found, self.options, self.costs, self.components)
        self.seconds = live_seconds(found, self.options)
        self.bound = bound_partners(found, self.options)
        self.open: dict[int, list[str]] = {}

    def solve(self, progress: Callable[[int, int], None]) -> Plan:
        """Decide rules 1 to 3 in turn and write down what proves them."""
        found, options = self.found, self.options
        seated = price_seats(found, options, self.costs, self._cheapest(progress))
        residual = Residual(found, options, self.costs, seated)
        # Partners sit where their programme put them: prices and draw are about all others.
        settled = replace(seated, movable=seated.movable & ~self.bound)
        alone = Residual(found, options, self.costs, settled) if self.bound.any() else residual
        prices = alone.prices()
        ties = find_ties(found, options, self.costs, settled, prices)
        pool, salts = self._draw(settled, ties)
        barred = self._barred(residual, pool)
        refused = _full(options, pool)
        if len(barred):
            refused = np.setdiff1d(refused, barred)
        levels = residual.levels(refused)
        plan = _decided(found, options, pool)
        plan.reason[barred] = Reason.CHAIN
        plan.cut[refused] = residual.cuts(refused, levels[0])
        plan.levels, plan.prices = levels, prices
        ids = found.sessions.ids
        plan.salts = {ids[name].as_py(): salt for name, salt in salts.items()}
        spent = total_spent(found, options, plan.pool)
        plan.summary = summary_of(found, plan, options.ignored, spent)
        plan.summary["components"] = [self._component(part) for part in self.components]
        plan.summary["engine"] = self.engine.name
        return plan

    def _cheapest(self, progress: Callable[[int, int], None]) -> Ints:
        """Return the pool of each application under rules 1 and 2."""
        found = self.found
        pool = np.where(found.applications.pinned, found.applications.prior, -1).astype(np.int64)
        seats = free_seats(found)
        flows, done = [], 0
        for component in self.components:
            mine = component.applications
            if component.name not in self.known and not self._has_chains(component):
                flows.append(component)
                continue
            if component.name in self.known and self.decided:
                pool[mine] = self.decided.pool[mine]
            else:
                self._chains(component, pool)
            done += 1
            progress(done, len(self.components))
        # The largest first, so that all hands have done at about the same time.
        flows.sort(key=lambda component: -len(component.arcs))
        tasks = (self.cutter.cut(component, seats) for component in flows)
        for served, seat in self.crew.each(tasks):
            pool[served] = seat
            done += 1
            progress(done, len(self.components))
        return pool

    def _has_chains(self, component: Component) -> bool:
        """Say whether somebody in a component waits for another subject."""
        return bool(len(self.seconds) and np.isin(self.seconds, component.applications).any())

    def _chains(self, component: Component, pool: Ints) -> None:
        """Decide a component with chains and note what stayed unproven."""
        solver = ChainSolver(self.found, self.options, self.costs, component, self.engine)
        decided = solver.solve()
        for number, seat in decided.pool.items():
            pool[number] = seat
        self.open[component.name] = decided.open

    def _barred(self, residual: Residual, pool: Ints) -> Ints:
        """Return those whom a seat could be found for if no chain had to be kept.

        Somebody could be seated with all before him exactly if a free seat, or that of somebody
        behind him, can be reached from his options.
        """
        refused = _full(self.options, pool)
        if not len(self.seconds):
            return refused[:0]
        movable = (pool >= 0) & ~self.found.applications.pinned
        reach = best_reach(self.options, reach_of(self.found, residual, pool, movable))
        return refused[reach[refused] > self.found.applications.rank[refused]]

    def _component(self, component: Component) -> dict[str, Any]:
        """Return a component's line of the summary."""
        chains = int(np.isin(self.seconds, component.applications).sum())
        name = self.found.sessions.ids[component.name].as_py()
        return _line(name, len(component.applications), chains, self.open.get(component.name, []))

    def _draw(self, seated: Seated, ties: Ties) -> tuple[Ints, dict[int, int]]:
        """Return the pools under rule 3 and the salt of each component."""
        found = self.found
        salts = {part.name: first_salt(found.sha256) for part in self.components} | self.known
        salt = np.full(len(seated.pool), first_salt(found.sha256), np.uint64)
        part = np.arange(len(found.sessions.seats))
        for component in self.components:
            part[component.sessions] = component.name
        open_ = [part for part in self.components if part.name not in self.known]
        pool, again = seated.pool.copy(), open_
        for _ in range(_MOST_SALTS):
            tasks = (
                tied(found, ties, component, self.cutter.place, salts[component.name])
                for component in again
            )
            for mine, seats in self.crew.each(tasks):
                pool[mine] = seats
            shaky = rivals(found, ties, pool, salt, part)
            again = [at for at in open_ if shaky[at.pools].any()]
            if not again:
                return pool, salts
            for component in again:
                salts[component.name] = (salts[component.name] + 1) % 2**64
                salt[component.applications] = salts[component.name]
        raise SolveError("no salt makes the plan unique")


def _full(options: Options, pool: Ints) -> Ints:
    """Return the applications that have options and no seat."""
    wished = options.hub >= 0
    wished[options.app] = True
    return np.flatnonzero(wished & (pool < 0))


def _decided(found: Round, options: Options, pool: Ints) -> Plan:
    """Fill in order, vehicle, turn and reason."""
    rows, pools = found.applications, found.pools
    people = np.flatnonzero(pool >= 0)
    order = np.zeros(len(pool), np.int32)
    arc = np.flatnonzero(pool.take(options.app) == options.pool)
    order[options.app[arc]] = options.order[arc]
    people = people[np.argsort(pool[people] * 2**32 + rows.rank[people])]
    seat = pool[people]
    taken = np.bincount(seat, minlength=len(pools.seats))
    position = np.arange(len(people)) - (np.cumsum(taken) - taken)[seat]
    vehicles = pools.vehicles[seat]
    vehicle, turn = np.zeros(len(pool), np.int64), np.zeros(len(pool), np.int64)
    vehicle[people] = np.where(vehicles > 0, position % np.maximum(vehicles, 1) + 1, 0)
    turn[people] = position // np.maximum(vehicles, 1) + 1
    reason = np.where(pool >= 0, Reason.NONE, Reason.NO_SESSION).astype(np.int8)
    reason[_full(options, pool)] = Reason.FULL
    return Plan(found.sha256, pool, order, vehicle, turn, reason, np.zeros(len(pool), np.int64))
