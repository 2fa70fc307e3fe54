"""Minimum-cost-flow engines behind one small interface."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from scheduler.errors import EngineError, SolveError

if TYPE_CHECKING:
    from scheduler.arrays import Ints

#: Cost-scaling solvers multiply costs by the number of nodes and add a few of them up.
_SAFE = 2**60


class Engine(Protocol):
    """Solves one minimum-cost flow exactly, in integers."""

    name: str

    def flow(self, *, tail: Ints, head: Ints, capacity: Ints, cost: Ints, supply: Ints) -> Ints:
        """Return the flow on every arc.

        Args:
            tail: Node each arc leaves, numbered from 0.
            head: Node each arc enters.
            capacity: Most units on each arc, at least 0.
            cost: Cost of a unit on each arc.
            supply: Of each node; the sum is 0.

        Raises:
            SolveError: No flow meets the supplies, or the costs leave the safe range.
        """
        ...

    def most(self, *, tail: Ints, head: Ints, capacity: Ints, source: int, sink: int) -> int:
        """Return the largest flow from one node to another one; arcs are as above.

        Raises:
            SolveError: The solver gives no answer.
        """
        ...


def guard(cost: Ints, nodes: int) -> None:
    """Refuse costs whose scaled sums could leave 64 bits."""
    largest = max(int(cost.max(initial=0)), -int(cost.min(initial=0)))
    if largest * (nodes + 1) * 4 > _SAFE:
        raise SolveError(
            f"the costs are too large for exact arithmetic: {largest} over {nodes} nodes; "
            "split the round or lower its costs"
        )


class OrToolsEngine:
    """OR-Tools' push-relabel, scaling costs where there are any."""

    name = "ortools"

    def flow(self, *, tail: Ints, head: Ints, capacity: Ints, cost: Ints, supply: Ints) -> Ints:
        """See `Engine.flow`."""
        from ortools.graph.python import min_cost_flow  # noqa: PLC0415 (a checker needs no solver)

        guard(cost, len(supply))
        problem = min_cost_flow.SimpleMinCostFlow()
        arcs = problem.add_arcs_with_capacity_and_unit_cost(
            tail.astype(np.int32, copy=False), head.astype(np.int32, copy=False), capacity, cost
        )
        problem.set_nodes_supplies(np.arange(len(supply), dtype=np.int32), supply)
        status = problem.solve()
        if status != problem.OPTIMAL:
            raise SolveError(f"the flow solver answered {status.name} instead of an optimum")
        return np.asarray(problem.flows(arcs), np.int64)

    def most(self, *, tail: Ints, head: Ints, capacity: Ints, source: int, sink: int) -> int:
        """See `Engine.most`."""
        from ortools.graph.python import max_flow  # noqa: PLC0415 (a checker needs no solver)

        problem = max_flow.SimpleMaxFlow()
        problem.add_arcs_with_capacity(tail, head, capacity)
        status = problem.solve(source, sink)
        if status != problem.OPTIMAL:
            raise SolveError(f"the flow solver answered {status.name} instead of an optimum")
        return int(problem.optimal_flow())


ENGINES = {"ortools": OrToolsEngine}


def engine_named(name: str) -> Engine:
    """Return a new engine that solves flows.

    Raises:
        EngineError: There is no engine of that name.
    """
    if name not in ENGINES:
        known = ", ".join(sorted({*ENGINES, "fast"}))
        raise EngineError(f"there is no engine {name!r}; there are: {known}")
    return ENGINES[name]()
