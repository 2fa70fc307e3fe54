"""Chains against sheer enumeration: served set, costs, and what the checkers say."""

from __future__ import annotations

import itertools
import tempfile
from pathlib import Path
from typing import Any

import pytest
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
def chained(
    draw: st.DrawFn, subjects: tuple[str, ...] = ("S2", "S3R"), *, told: bool = False
) -> Tables:
    """A pair or two of neighbouring subjects and a few others on a handful of seats."""
    pick = draw(st.randoms(use_true_random=False))
    tables: Tables = {"sessions": [], "pools": [], "applications": [], "choices": []}
    for subject in subjects:
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
            if told and pick.random() < 0.5:
                tables["pools"].append(pool(f"{name}-q", name, seats=1))
    names = [row["session"] for row in tables["sessions"]]

    def apply(name: str, key: int, **more: Any) -> None:
        any_session = pick.randint(0, 1)
        tables["applications"].append(application(name, key, any_session=any_session, **more))
        tables["choices"] += choices(name, *pick.sample(names, pick.randint(0, len(names))))

    for pair in range(pick.randint(1, 2)):
        at = pick.randrange(len(subjects) - 1)
        one, two = f"p{pair}a", f"p{pair}b"
        keys = {"candidate": f"c{pair}", "lot": pair}
        apply(one, pick.randint(0, 50), partner=two, subject=subjects[at], **keys)
        apply(two, pick.randint(0, 50), partner=one, subject=subjects[at + 1], **keys)
    for single in range(pick.randint(0, 2)):
        apply(f"s{single}", pick.randint(0, 50), subject=pick.choice(subjects), lot=10 + single)
    if told:
        _tell(tables, pick)
    return tables


def _tell(tables: Tables, pick: Any) -> None:
    """Tell some people a seat that some plan gave; pin some of them."""
    rows = {row["application"]: row for row in tables["applications"]}
    plans = [plan for plan in all_plans(tables) if any(plan.values())]
    if not plans:
        return
    plan = pick.choice(plans)
    for name, seat in plan.items():
        first = rows[name]["partner"] if name.endswith("b") else ""
        if seat and pick.random() < 0.8 and (not first or rows[first]["prior"]):
            rows[name]["prior"] = seat
            rows[name]["pinned"] = int(pick.random() < 0.3)
    # An event takes a seat that nobody is pinned to.
    taken = pick.choice(tables["pools"])
    held = [row for row in rows.values() if row["pinned"] and row["prior"] == taken["pool"]]
    taken["seats"] = max(len(held), taken["seats"] - 1)


def follows(tables: Tables, plan: dict[str, Any]) -> bool:
    sessions = {row["session"]: row for row in tables["sessions"]}
    of_pool = {row["pool"]: sessions[row["session"]] for row in tables["pools"]}
    for row in tables["applications"]:
        if not row["application"].endswith("b") or plan[row["application"]] is None:
            continue
        first = plan[row["partner"]]
        if first is None:
            return False
        one, two = of_pool[first], of_pool[plan[row["application"]]]
        if (one["site"], one["date"]) != (two["site"], two["date"]) or two["start"] < one["end"]:
            return False
    return True


def all_plans(tables: Tables) -> list[dict[str, Any]]:
    """Every plan that keeps seats, pins and chains, its applications in order of decision."""
    rank = brute.ranks(tables["applications"])
    rows = sorted(
        tables["applications"], key=lambda row: (row["subject"], rank[row["application"]])
    )
    wishes = {row["application"]: brute.options(tables, COSTS, row) for row in rows}
    by_subject = [
        list(brute.plans(tables, wishes, [row for row in rows if row["subject"] == subject]))
        for subject in ("S2", "S3R", "S3T")
    ]
    joined = (one | two | three for one, two, three in itertools.product(*by_subject))
    return [plan for plan in joined if follows(tables, plan)]


def best(tables: Tables) -> tuple[set[str], int, int]:
    """The served set, the move cost and the choice cost of the best plan with chains."""
    rows = tables["applications"]
    wishes = {row["application"]: brute.options(tables, COSTS, row) for row in rows}

    def value(plan: dict[str, Any]) -> tuple:
        seated = [(name, seat) for name, seat in plan.items() if seat]
        moves, choices = (sum(wishes[name][seat][part] for name, seat in seated) for part in (0, 1))
        return [seat is None for seat in plan.values()], moves, choices

    found = min(all_plans(tables), key=value)
    return {name for name, seat in found.items() if seat}, *value(found)[1:]


def agree(tables: Tables) -> None:
    """Solve, compare with brute force, and let both checkers look."""
    found = build(tables)
    plan = solve(found)
    names = [*found.pools.ids.to_pylist(), None]
    ids = found.applications.ids.to_pylist()
    seats = {name: names[seat] for name, seat in zip(ids, plan.pool.tolist(), strict=True)}
    served, moves, cost = best(tables)
    assert follows(tables, seats)
    assert {name for name, seat in seats.items() if seat} == served
    assert (plan.summary["move_cost"], plan.summary["choice_cost"]) == (moves, cost)
    assert all(part["proven"] for part in plan.summary["components"])
    with tempfile.TemporaryDirectory() as name:
        folder = write(tables, Path(name) / "round")
        write_plan(found, plan, Path(name) / "plan")
        assert checker.check(folder, Path(name) / "plan") == []
        assert check(found, Path(name) / "plan") == []


@settings(max_examples=80, deadline=None)
@given(chained())
def test_served_and_cost_are_those_of_brute_force_and_both_checkers_agree(tables: Tables) -> None:
    agree(tables)


@settings(max_examples=40, deadline=None)
@given(chained(("S2", "S3R", "S3T")))
def test_chains_of_different_subjects_meet_in_one_component(tables: Tables) -> None:
    agree(tables)


@settings(max_examples=40, deadline=None)
@given(chained(told=True))
def test_people_who_were_told_or_pinned_keep_the_chain_too(tables: Tables) -> None:
    agree(tables)


def crowd() -> Tables:
    """Twelve pairs who all want the same morning and afternoon, and seats for some of them."""
    tables: Tables = {"sessions": [], "pools": [], "applications": [], "choices": []}
    for site, first, second in (("north", 3, 6), ("south", 6, 3)):
        for subject, hours, seats in (("S2", 0, first), ("S3R", 1, second)):
            start, end = HOURS[hours]
            name = f"{site}-{subject}"
            facts = {"subject": subject, "site": site, "start": start, "end": end}
            tables["sessions"].append(session(name, seats=seats, **facts))
            tables["pools"].append(pool(f"{name}-p", name, seats=seats))
    for pair in range(12):
        one, two = f"p{pair:02}a", f"p{pair:02}b"
        for name, other, subject in ((one, two, "S2"), (two, one, "S3R")):
            facts = {"candidate": f"c{pair}", "partner": other, "subject": subject}
            tables["applications"].append(application(name, pair, any_session=1, **facts))
    return tables


def test_of_a_crowd_the_best_ranks_are_seated_and_the_rest_hear_that_the_chain_was_the_cause() -> (
    None
):
    plan = solve(build(crowd()))
    seconds = plan.pool[1::2]
    assert (plan.pool[::2] >= 0).sum() == 9
    assert (seconds >= 0).tolist() == [True] * 6 + [False] * 6
    assert plan.summary["refused"] == {"no_session": 0, "full": 3, "chain": 6}


def test_where_the_work_allowed_is_used_up_the_plan_holds_and_says_what_is_open(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from scheduler import programmes

    monkeypatch.setattr(programmes, "MOST_ENTRIES", -1)
    tables = crowd()
    found = build(tables)
    plan = solve(found)
    assert [part["proven"] for part in plan.summary["components"]] == [False]
    assert plan.summary["components"][0]["open"] == ["rule 1", "rule 2"]
    folder = write(tables, tmp_path / "round")
    write_plan(found, plan, tmp_path / "plan")
    assert checker.check(folder, tmp_path / "plan") == []
    assert check(found, tmp_path / "plan") == []
