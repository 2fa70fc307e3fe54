"""Chains against sheer enumeration: served set, costs, and what the checkers say."""

from __future__ import annotations

import itertools
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler import checker
from scheduler.api import solve, write_plan
from scheduler.checking import check
from tests.scheduler import brute_force as brute
from tests.scheduler.small_rounds import (
    COSTS,
    Tables,
    application,
    build,
    choices,
    pool,
    session,
    write,
)

HOURS = (("08:00", "10:00"), ("10:00", "12:00"), ("11:00", "13:00"))


@st.composite
def chained(draw: st.DrawFn) -> Tables:
    """Two or three pairs and a few others on a handful of seats."""
    pick = draw(st.randoms(use_true_random=False))
    tables: Tables = {"sessions": [], "pools": [], "applications": [], "choices": []}
    for subject in ("S2", "S3R"):
        for place in range(pick.randint(1, 2)):
            start, end = pick.choice(HOURS)
            name = f"{subject}-{place}"
            tables["sessions"].append(
                session(
                    name,
                    subject=subject,
                    start=start,
                    end=end,
                    site=pick.choice(("north", "north", "south")),
                    date=pick.choice(("2027-03-01", "2027-03-01", "2027-03-02")),
                    seats=pick.randint(1, 2),
                )
            )
            tables["pools"].append(pool(f"{name}-p", name, seats=pick.randint(1, 2)))
    names = [row["session"] for row in tables["sessions"]]

    def apply(name: str, key: int, **more: Any) -> None:
        any_session = pick.randint(0, 1)
        tables["applications"].append(application(name, key, any_session=any_session, **more))
        tables["choices"] += choices(name, *pick.sample(names, pick.randint(0, len(names))))

    for pair in range(pick.randint(1, 2)):
        one, two = f"p{pair}a", f"p{pair}b"
        apply(one, pick.randint(0, 50), candidate=f"c{pair}", partner=two, lot=pair)
        apply(two, pick.randint(0, 50), candidate=f"c{pair}", partner=one, subject="S3R", lot=pair)
    for single in range(pick.randint(0, 2)):
        subject = pick.choice(("S2", "S3R"))
        apply(f"s{single}", pick.randint(0, 50), subject=subject, lot=10 + single)
    return tables


def follows(tables: Tables, plan: dict[str, Any]) -> bool:
    sessions = {row["session"]: row for row in tables["sessions"]}
    of_pool = {row["pool"]: sessions[row["session"]] for row in tables["pools"]}
    for row in tables["applications"]:
        if not row["partner"] or row["subject"] == "S2" or plan[row["application"]] is None:
            continue
        first = plan[row["partner"]]
        if first is None:
            return False
        one, two = of_pool[first], of_pool[plan[row["application"]]]
        if (one["site"], one["date"]) != (two["site"], two["date"]) or two["start"] < one["end"]:
            return False
    return True


def best(tables: Tables) -> tuple[set[str], int]:
    """The served set and the choice cost of the best plan with chains."""
    rank = brute.ranks(tables["applications"])
    rows = sorted(
        tables["applications"], key=lambda row: (row["subject"], rank[row["application"]])
    )
    wishes = {row["application"]: brute.options(tables, COSTS, row) for row in rows}
    by_subject = [
        list(brute.plans(tables, wishes, [row for row in rows if row["subject"] == subject]))
        for subject in ("S2", "S3R")
    ]
    plans = [one | two for one, two in itertools.product(*by_subject) if follows(tables, one | two)]

    def value(plan: dict[str, Any]) -> tuple:
        cost = sum(wishes[name][seat][1] for name, seat in plan.items() if seat)
        return [plan[row["application"]] is None for row in rows], cost

    found = min(plans, key=value)
    return {name for name, seat in found.items() if seat}, value(found)[1]


@settings(max_examples=120, deadline=None)
@given(chained())
def test_served_and_cost_are_those_of_brute_force_and_both_checkers_agree(tables: Tables) -> None:
    found = build(tables)
    plan = solve(found)
    names = [*found.pools.ids.to_pylist(), None]
    ids = found.applications.ids.to_pylist()
    seats = {name: names[seat] for name, seat in zip(ids, plan.pool.tolist(), strict=True)}
    served, cost = best(tables)
    assert follows(tables, seats)
    assert {name for name, seat in seats.items() if seat} == served
    assert plan.summary["choice_cost"] == cost
    assert all(part["proven"] for part in plan.summary["components"])
    with tempfile.TemporaryDirectory() as name:
        folder = write(tables, Path(name) / "round")
        write_plan(found, plan, Path(name) / "plan")
        assert checker.check(folder, Path(name) / "plan") == []
        assert check(found, Path(name) / "plan") == []
