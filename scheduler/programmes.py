"""The mixed-integer programmes of components with chains (HiGHS through OR-Tools)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from scheduler.potentials import seats_left

if TYPE_CHECKING:
    from scheduler.arrays import Flags
    from scheduler.components import Component
    from scheduler.options import Options
    from scheduler.rounds import Round


def with_options(options: Options) -> Flags:
    """Say of each application whether it has an option."""
    found = options.hub >= 0
    found[options.app] = True
    return np.asarray(found)


def bound_partners(found: Round, options: Options) -> Flags:
    """Say of each application whether it and its partner both have options."""
    partner, has = found.applications.partner, with_options(options)
    return np.asarray((partner >= 0) & has & has[partner])


@dataclass(frozen=True, slots=True)
class Answer:
    """Seats of the partners (None: impossible, or not found), and whether that is proven."""

    seats: dict[int, int] | None
    proven: bool


#: One thread, a fixed seed and a limit on work instead of time: the same answer every time.
_PARAMETERS = (
    "output_flag=false\nthreads=1\nrandom_seed=1\n"
    "mip_rel_gap=0\nmip_abs_gap=0.5\nmip_max_nodes=20000"
)


class Programme:
    """The mixed-integer programme of one component: partners whole, all others as a flow."""

    def __init__(self, found: Round, options: Options, component: Component) -> None:
        self.found, self.options, self.component = found, options, component
        rows = found.applications
        bound = bound_partners(found, options)
        self.partners = {int(n) for n in component.applications if bound[n] and not rows.pinned[n]}
        self.ways: dict[int, dict[int, tuple[int, int]]] = {}
        for arc in component.arcs.tolist():
            way = (int(options.move[arc]), int(options.choice[arc]))
            self.ways.setdefault(int(options.app[arc]), {})[int(options.pool[arc])] = way
        for number in self.partners:
            self._expand(number)
        left = seats_left(found, rows.prior[rows.pinned])
        self.pool_seats, self.session_seats = left
        self.seconds = [
            int(n)
            for n in component.applications
            if bound[n] and rows.subject[n] > rows.subject[rows.partner[n]]
        ]

    def _expand(self, number: int) -> None:
        """Give a partner a way of its own to each pool that its hub leads to."""
        options, hub = self.options, int(self.options.hub[number])
        ways = self.ways.setdefault(number, {})
        if hub < 0:
            return
        for arc in range(int(options.hub_start[hub]), int(options.hub_start[hub + 1])):
            choice = self.found.config.any_session_cost + int(options.hub_reserve[arc])
            ways.setdefault(int(options.hub_pool[arc]), (int(options.hub_move[number]), choice))

    def run(self, served: list[int], objectives: list[str]) -> Answer:
        """Seat all of `served`; of several objectives each is kept while the next is minimised."""
        from ortools.linear_solver.python import model_builder  # noqa: PLC0415 (see engines)

        made = _Model(self, served, model_builder)
        seats: dict[int, int] = {}
        for objective in objectives or ["nothing"]:
            solver = model_builder.Solver("HIGHS")
            solver.set_solver_specific_parameters(_PARAMETERS)
            made.minimise(objective)
            status = solver.solve(made.model)
            if status == model_builder.SolveStatus.INFEASIBLE:
                return Answer(None, proven=True)
            if status not in (
                model_builder.SolveStatus.OPTIMAL,
                model_builder.SolveStatus.FEASIBLE,
            ):
                return Answer(None, proven=False)
            seats = made.seats(solver)
            if not self.holds(seats):
                return Answer(None, proven=False)
            proven = status == model_builder.SolveStatus.OPTIMAL
            if not proven:
                return Answer(seats, proven=False)
            made.keep(objective, solver)
        return Answer(seats, proven=True)

    def holds(self, seats: dict[int, int]) -> bool:
        """Say whether partners' seats keep the chain rule, counted in whole numbers."""
        rows = self.found.applications
        for second in self.seconds:
            place = seats.get(second, int(rows.prior[second]) if rows.pinned[second] else -1)
            if place < 0:
                continue
            first = int(rows.partner[second])
            before = seats.get(first, int(rows.prior[first]) if rows.pinned[first] else -1)
            if before < 0 or not self.follows(before, place):
                return False
        return True

    def not_later(self, one: int, other: int) -> bool:
        """Say whether a pool is at the site and day of another and starts no later."""
        sessions, session = self.found.sessions, self.found.pools.session
        at, to = int(session[one]), int(session[other])
        same = sessions.site.codes[at] == sessions.site.codes[to]
        same &= sessions.date[at] == sessions.date[to]
        return bool(same and sessions.start[at] <= sessions.start[to])

    def follows(self, before: int, after: int) -> bool:
        """Say whether a seat in pool `after` may follow one in pool `before`."""
        sessions, session = self.found.sessions, self.found.pools.session
        one, two = int(session[before]), int(session[after])
        same = sessions.site.codes[one] == sessions.site.codes[two]
        same &= sessions.date[one] == sessions.date[two]
        return bool(same and sessions.start[two] >= sessions.end[one])


class _Model:
    """One programme being asked: variables for the ways of the served."""

    def __init__(self, programme: Programme, served: list[int], builder: Any) -> None:
        self.programme, self.builder = programme, builder
        self.model = builder.Model()
        self.x: dict[tuple[int, int], Any] = {}
        self.costs: dict[str, list[tuple[Any, int]]] = {"move": [], "choice": [], "nothing": []}
        into_pool: dict[int, list[Any]] = {}
        into_hub: dict[int, list[Any]] = {}
        for number in served:
            self._person(number, into_pool, into_hub)
        self._hubs(into_hub, into_pool)
        self._seats(into_pool)
        for second in programme.seconds:
            self._chain(second)

    def _way(self, *, whole: bool, move: int, choice: int) -> Any:
        way = self.model.new_bool_var("") if whole else self.model.new_num_var(0.0, 1.0, "")
        for name, cost in (("move", move), ("choice", choice)):
            if cost:
                self.costs[name].append((way, cost))
        return way

    def _person(
        self, number: int, into_pool: dict[int, list[Any]], into_hub: dict[int, list[Any]]
    ) -> None:
        programme, options = self.programme, self.programme.options
        whole, ways = number in programme.partners, []
        for pool, (move, choice) in programme.ways.get(number, {}).items():
            way = self._way(whole=whole, move=move, choice=choice)
            ways.append(way)
            into_pool.setdefault(pool, []).append(way)
            if whole:
                self.x[number, pool] = way
        hub = int(options.hub[number])
        if hub >= 0 and not whole:
            any_cost = programme.found.config.any_session_cost
            way = self._way(whole=whole, move=int(options.hub_move[number]), choice=any_cost)
            ways.append(way)
            into_hub.setdefault(hub, []).append(way)
        self.model.add(self.builder.LinearExpr.sum(ways) == 1)

    def _hubs(self, into_hub: dict[int, list[Any]], into_pool: dict[int, list[Any]]) -> None:
        options, total = self.programme.options, self.builder.LinearExpr.sum
        for hub, ways in into_hub.items():
            out = []
            for arc in range(int(options.hub_start[hub]), int(options.hub_start[hub + 1])):
                way = self.model.new_num_var(0.0, float(len(ways)), "")
                if options.hub_reserve[arc]:
                    self.costs["choice"].append((way, int(options.hub_reserve[arc])))
                into_pool.setdefault(int(options.hub_pool[arc]), []).append(way)
                out.append(way)
            self.model.add(total(ways) == total(out))

    def _seats(self, into_pool: dict[int, list[Any]]) -> None:
        programme, total = self.programme, self.builder.LinearExpr.sum
        by_session: dict[int, list[Any]] = {}
        for pool, ways in into_pool.items():
            self.model.add(total(ways) <= int(programme.pool_seats[pool]))
            by_session.setdefault(int(programme.found.pools.session[pool]), []).extend(ways)
        for session, ways in by_session.items():
            self.model.add(total(ways) <= int(programme.session_seats[session]))

    def _chain(self, second: int) -> None:
        """Whoever sits second by some hour of a day at a site sat first by that hour."""
        programme, rows = self.programme, self.programme.found.applications
        first = int(rows.partner[second])
        after = self._places(second)
        before = self._places(first)
        for pool in after:
            earlier = [way for at, way in after.items() if programme.not_later(at, pool)]
            ready = [way for at, way in before.items() if programme.follows(at, pool)]
            total = self.builder.LinearExpr.sum
            self.model.add(total(earlier) <= total(ready))

    def _places(self, number: int) -> dict[int, Any]:
        """Return the variables of a partner by pool; a pinned one is the number 1."""
        rows = self.programme.found.applications
        if rows.pinned[number]:
            return {int(rows.prior[number]): 1}
        ways = self.programme.ways.get(number, {})
        return {pool: self.x[number, pool] for pool in ways if (number, pool) in self.x}

    def minimise(self, objective: str) -> None:
        """Set the objective."""
        pairs = self.costs[objective]
        weighted = self.builder.LinearExpr.weighted_sum
        self.model.minimize(weighted([way for way, _ in pairs], [cost for _, cost in pairs]))

    def keep(self, objective: str, solver: Any) -> None:
        """Hold an objective at its best while the next one is minimised."""
        pairs = self.costs[objective]
        if pairs:
            weighted = self.builder.LinearExpr.weighted_sum
            value = weighted([way for way, _ in pairs], [cost for _, cost in pairs])
            self.model.add(value <= round(solver.objective_value))

    def seats(self, solver: Any) -> dict[int, int]:
        """Return the pool of each partner."""
        return {who: pool for (who, pool), way in self.x.items() if solver.value(way) > 1 / 2}
