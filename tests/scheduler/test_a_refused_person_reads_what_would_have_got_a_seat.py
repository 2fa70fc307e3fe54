"""Explanations come from the plan and are true: solving again agrees with each of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings

from scheduler.api import Explainer, read_round, solve
from tests.scheduler.small_rounds import build, tiny

EXAMPLE = Path(__file__).parent / "examples" / "first" / "round"


@pytest.fixture
def explainer() -> Explainer:
    found = read_round(EXAMPLE)
    return Explainer(found, solve(found))


def test_the_full_seats_and_the_missing_ranks_are_named(explainer: Explainer) -> None:
    told = explainer.explain("a07")
    assert (told.rank, told.asked, told.reason) == (8, 11, "full")
    assert [(option.pool, option.seated, option.last_rank) for option in told.full] == [
        ("n-mon-am-C1", 2, 3 if told.full[0].last_rank == 3 else 5),
        ("n-mon-pm-C1", 2, 6),
    ]
    assert told.needed_rank == 6
    assert explainer.seat_with("a07", rank=6)
    assert not explainer.seat_with("a07", rank=7)
    assert told.other_sessions == ("s-tue-am",)
    assert explainer.seat_with("a07", session="s-tue-am")


def test_without_a_lawful_session_another_day_is_named(explainer: Explainer) -> None:
    told = explainer.explain("a09")
    assert (told.reason, told.full, told.needed_rank) == ("no_session", (), 0)
    assert told.other_days == ("s-tue-am",)
    assert explainer.seat_with("a09", session="s-tue-am")


def test_a_served_person_has_nothing_to_be_explained(explainer: Explainer) -> None:
    told = explainer.explain("a01")
    assert (told.reason, told.full, told.other_sessions) == ("", (), ())
    with pytest.raises(KeyError):
        explainer.explain("nobody")


def test_planners_read_where_one_more_seat_helps(explainer: Explainer) -> None:
    gains = {gain.pool: (gain.rank, gain.saving) for gain in explainer.gains()}
    assert gains == {
        "n-mon-am-C1": (7, 1),
        "n-mon-pm-C1": (7, 0),
        "s-tue-am-C1": (11, 0),
        "n-mon-th-all": (2, 0),
    }


@settings(max_examples=60, deadline=None)
@given(tiny())
def test_solving_again_agrees_with_every_explanation(made: tuple) -> None:
    tables, costs = made
    found = build(tables, costs)
    explainer = Explainer(found, solve(found))
    for row in tables["applications"]:
        told = explainer.explain(row["application"])
        if not told.reason:
            continue
        if told.needed_rank:
            assert explainer.seat_with(told.application, rank=told.needed_rank)
        for rank in range(told.needed_rank + 1, told.rank):
            assert not explainer.seat_with(told.application, rank=rank)
        inside = {
            line["session"]
            for line in tables["sessions"]
            if line["subject"] == told.subject and row["earliest"] <= line["date"] <= row["latest"]
        }
        for name in inside:
            would = explainer.seat_with(told.application, session=name)
            assert would == (name in told.other_sessions)


@settings(max_examples=60, deadline=None)
@given(tiny())
def test_one_more_seat_serves_exactly_the_person_that_was_named(made: tuple) -> None:
    tables, costs = made
    found = build(tables, costs)
    plan = solve(found)
    gains = {gain.pool: gain for gain in Explainer(found, plan).gains()}
    for row in tables["pools"]:
        pools = [line | {"seats": line["seats"] + (line is row)} for line in tables["pools"]]
        sessions = [
            line | {"seats": line["seats"] + (line["session"] == row["session"])}
            for line in tables["sessions"]
        ]
        more = build(tables | {"pools": pools, "sessions": sessions}, costs)
        new = (solve(more).pool >= 0) & (plan.pool < 0)
        named = gains[row["pool"]].rank if row["pool"] in gains else 0
        assert more.applications.rank[new].tolist() == ([named] if named else [])
