"""Minimum-cost-flow instances in DIMACS form: the engine's optimum is that of a linear programme."""

from __future__ import annotations

import random

import numpy as np
import pytest
from ortools.linear_solver.python import model_builder

from scheduler.engines import OrToolsEngine
from scheduler.errors import SolveError


def grid(side: int, pick: random.Random) -> str:
    """Units go from the left edge to the right edge of a grid."""
    lines = [
        f"a {row * side + column + 1} {to} 0 {pick.randint(1, 4)} {pick.randint(0, 50)}"
        for row in range(side)
        for column in range(side - 1)
        for to in (row * side + column + 2, (row + 1) % side * side + column + 1)
    ]
    units = [f"n {row * side + 1} 1" for row in range(side)]
    units += [f"n {(row + 1) * side} -1" for row in range(side)]
    return "\n".join([f"p min {side * side} {len(lines)}", *units, *lines])


def transport(size: int, pick: random.Random) -> str:
    """Every source can reach every sink; one sink of last resort takes the rest dearly."""
    supply = [pick.randint(1, 9) for _ in range(size)]
    demand = [pick.randint(1, 9) for _ in range(size)]
    over = sum(supply) - sum(demand)
    nodes = 2 * size + 1
    lines = [
        f"a {one + 1} {size + two + 1} 0 {pick.randint(1, 9)} {pick.randint(0, 99)}"
        for one in range(size)
        for two in range(size)
    ]
    lines += [f"a {one + 1} {nodes} 0 99 1000" for one in range(size)]
    lines += [f"a {nodes} {size + two + 1} 0 99 1000" for two in range(size)]
    units = [f"n {one + 1} {supply[one]}" for one in range(size)]
    units += [f"n {size + two + 1} {-demand[two]}" for two in range(size)] + [f"n {nodes} {-over}"]
    return "\n".join([f"p min {nodes} {len(lines)}", *units, *lines])


def assignment(size: int, pick: random.Random) -> str:
    lines = [
        f"a {one + 1} {size + two + 1} 0 1 {pick.randint(0, 1000)}"
        for one in range(size)
        for two in range(size)
    ]
    units = [f"n {one + 1} 1" for one in range(size)]
    units += [f"n {size + two + 1} -1" for two in range(size)]
    return "\n".join([f"p min {2 * size} {len(lines)}", *units, *lines])


def parse(text: str) -> tuple[np.ndarray, np.ndarray]:
    lines = [line.split() for line in text.splitlines()]
    supply = np.zeros(int(lines[0][2]), np.int64)
    for line in lines:
        if line[0] == "n":
            supply[int(line[1]) - 1] = int(line[2])
    arcs = [[int(word) for word in line[1:]] for line in lines if line[0] == "a"]
    return supply, np.array(arcs, np.int64)


def by_linear_programme(supply: np.ndarray, arcs: np.ndarray) -> int:
    model = model_builder.Model()
    ways = [model.new_num_var(0, float(arc[3]), "") for arc in arcs]
    total = model_builder.LinearExpr.sum
    for node, amount in enumerate(supply.tolist(), start=1):
        out = total([way for way, arc in zip(ways, arcs, strict=True) if arc[0] == node])
        into = total([way for way, arc in zip(ways, arcs, strict=True) if arc[1] == node])
        model.add(out - into == amount)
    model.minimize(model_builder.LinearExpr.weighted_sum(ways, [int(arc[4]) for arc in arcs]))
    solver = model_builder.Solver("GLOP")
    assert solver.solve(model) == model_builder.SolveStatus.OPTIMAL
    return round(solver.objective_value)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("family", [grid, transport, assignment])
def test_two_solvers_find_the_same_cost(family: object, seed: int) -> None:
    supply, arcs = parse(family(8, random.Random(seed)))
    flow = OrToolsEngine().flow(
        tail=arcs[:, 0] - 1,
        head=arcs[:, 1] - 1,
        capacity=arcs[:, 3],
        cost=arcs[:, 4],
        supply=supply,
    )
    balance = np.zeros(len(supply), np.int64)
    np.add.at(balance, arcs[:, 0] - 1, flow)
    np.add.at(balance, arcs[:, 1] - 1, -flow)
    assert (balance == supply).all()
    assert ((flow >= 0) & (flow <= arcs[:, 3])).all()
    assert int((flow * arcs[:, 4]).sum()) == by_linear_programme(supply, arcs)


def test_an_instance_without_a_flow_is_refused() -> None:
    supply, arcs = parse("p min 2 1\nn 1 2\nn 2 -2\na 1 2 0 1 5")
    with pytest.raises(SolveError, match="instead of an optimum"):
        OrToolsEngine().flow(
            tail=arcs[:, 0] - 1,
            head=arcs[:, 1] - 1,
            capacity=arcs[:, 3],
            cost=arcs[:, 4],
            supply=supply,
        )
