"""The served set against all plans there are: at every rank at once, with more seats, and after events.

What is true is said exactly: without chains nobody who was served loses his seat through one more
seat, and no plan at all serves more people of any rank or better.
"""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.api import solve
from tests.scheduler import brute_force as brute
from tests.scheduler.small_rounds import Tables, build, tiny

EVENTS = ("vehicle_out", "examiner_ill", "session_lost", "site_closed", "green_channel")


def served(tables: Tables, costs: dict[str, Any]) -> dict[str, str | None]:
    """The plan of the engine: application → pool."""
    found = build(tables, costs)
    pools = [*found.pools.ids.to_pylist(), None]
    ids = found.applications.ids.to_pylist()
    return {name: pools[at] for name, at in zip(ids, solve(found).pool.tolist(), strict=True)}


@settings(max_examples=80, deadline=None)
@given(tiny())
def test_at_every_rank_no_plan_serves_more_of_those_up_to_it(made: tuple) -> None:
    tables, costs = made
    ours, rank = served(tables, costs), brute.ranks(tables["applications"])
    for subject in brute.SUBJECTS:
        rows = [row for row in tables["applications"] if row["subject"] == subject]
        wishes = {row["application"]: brute.options(tables, costs, row) for row in rows}
        plans = list(brute.plans(tables, wishes, rows))
        for limit in range(1, len(rows) + 1):
            best = [name for name in wishes if rank[name] <= limit]
            most = max(sum(plan[name] is not None for name in best) for plan in plans)
            assert sum(ours[name] is not None for name in best) == most


@settings(max_examples=80, deadline=None)
@given(tiny(), st.randoms(use_true_random=False))
def test_one_more_seat_costs_nobody_the_seat_he_had(made: tuple, pick: random.Random) -> None:
    tables, costs = made
    if not tables["pools"]:
        return
    more = {name: [dict(row) for row in rows] for name, rows in tables.items()}
    pool = pick.choice(more["pools"])
    pool["seats"] += 1
    next(row for row in more["sessions"] if row["session"] == pool["session"])["seats"] += 1
    before, after = served(tables, costs), served(more, costs)
    assert all(after[name] for name, seat in before.items() if seat)
    assert sum(map(bool, after.values())) - sum(map(bool, before.values())) in (0, 1)


def happen(tables: Tables, event: str, pick: random.Random) -> None:
    """Let an event take seats away, or add somebody by the green channel."""
    sessions = tables["sessions"]
    if not sessions:
        return
    hit = pick.choice(sessions)
    if event == "vehicle_out":
        pool = pick.choice(tables["pools"])
        pool["seats"] = max(0, pool["seats"] - 1)
    elif event == "examiner_ill":
        hit["seats"] = max(0, hit["seats"] - 1)
    elif event == "session_lost":
        hit["seats"] = 0
    elif event == "site_closed":
        for row in sessions:
            row["seats"] = 0 if row["site"] == hit["site"] else row["seats"]
    elif tables["applications"]:
        guest = dict(pick.choice(tables["applications"]))
        guest |= {"application": "guest", "candidate": "c-guest", "prior": "", "tier": 0}
        tables["applications"].append(guest | {"key": 0, "lot": 99, "any_session": 1})


@pytest.mark.parametrize("event", EVENTS)
@settings(max_examples=25, deadline=None)
@given(made=tiny(), pick=st.randoms(use_true_random=False))
def test_after_an_event_nobody_could_keep_more_or_move_fewer(
    event: str, made: tuple, pick: random.Random
) -> None:
    tables, costs = made
    for row in tables["applications"]:
        row["prior"], row["pinned"] = "", 0
    told = served(tables, costs)
    for row in tables["applications"]:
        row["prior"] = told[row["application"]] or ""
    happen(tables, event, pick)
    after = served(tables, costs)
    for subject in brute.SUBJECTS:
        rows = [row for row in tables["applications"] if row["subject"] == subject]
        wishes = {row["application"]: brute.options(tables, costs, row) for row in rows}
        known = [row["application"] for row in rows if row["prior"]]
        plans = list(brute.plans(tables, wishes, rows))
        kept = max(sum(plan[name] is not None for name in known) for plan in plans)
        assert sum(after[name] is not None for name in known) == kept
        same = [
            plan for plan in plans if all(bool(plan[name]) == bool(after[name]) for name in wishes)
        ]

        def moves(plan: dict[str, Any], wishes: dict = wishes) -> int:
            return sum(wishes[name][plan[name]][0] for name in wishes if plan[name])

        assert moves(after) == min(moves(plan) for plan in same)
