"""Rules 1, 2 and 3 against sheer enumeration on rounds of at most six applications."""

from __future__ import annotations

from hypothesis import given, settings

from scheduler.api import solve
from tests.scheduler import brute_force as brute
from tests.scheduler.small_rounds import build, tiny


@settings(max_examples=200, deadline=None)
@given(tiny())
def test_the_served_the_costs_and_the_one_plan_are_those_of_brute_force(made: tuple) -> None:
    tables, costs = made
    found = build(tables, costs)
    plan = solve(found)
    pools = [*found.pools.ids.to_pylist(), None]
    ours = dict(
        zip(found.applications.ids.to_pylist(), (pools[at] for at in plan.pool), strict=True)
    )
    truth = brute.solve(tables, costs, found.sha256)
    assert {name for name, at in ours.items() if at} == {
        name for name, at in truth["pool"].items() if at
    }
    assert (plan.summary["move_cost"], plan.summary["choice_cost"]) == (
        truth["move"],
        truth["choice"],
    )
    assert ours == truth["pool"]
