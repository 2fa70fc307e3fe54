"""Explaining everybody at once says what explaining one by one says, and solving again agrees."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given, settings

from scheduler.api import Explainer, read_round, refusals, solve
from scheduler.components import split
from scheduler.options import find_options
from tests.scheduler.small_rounds import Tables, build, tiny
from tests.scheduler.test_a_second_subject_is_seated_only_after_the_first import chained

EXAMPLE = Path(__file__).parent / "examples" / "first" / "round"


@settings(max_examples=50, deadline=None)
@given(tiny())
def test_everybody_hears_what_one_by_one_would_have_said(made: tuple) -> None:
    found = build(*made)
    plan = solve(found)
    explainer, told = Explainer(found, plan), refusals(found, plan, named=9)
    sessions = [*found.sessions.ids.to_pylist(), None]
    near = {
        number: {sessions[at] for at in part.sessions.tolist()}
        for part in split(found, find_options(found))
        for number in part.applications.tolist()
    }
    assert told.application.tolist() == [at for at, pool in enumerate(plan.pool) if pool < 0]
    for row, number in enumerate(told.application.tolist()):
        one = explainer.explain(found.applications.ids[number].as_py())
        reach = near.get(number, {*sessions})
        assert (told.rank[row], told.asked[row]) == (one.rank, one.asked)
        assert told.needed_rank[row] == one.needed_rank
        assert told.last_rank[row] == max([full.last_rank for full in one.full], default=0)
        inside = [sessions[at] for at in told.inside[row] if at >= 0]
        assert inside == [name for name in one.other_sessions if name in reach]
        outside = {sessions[at] for at in told.outside[row] if at >= 0}
        assert outside == {name for name in one.other_days if name in reach}
        assert bool(told.days[row]) == bool(outside)


@settings(max_examples=30, deadline=None)
@given(chained())
def test_with_chains_too_what_is_named_gets_a_seat(tables: Tables) -> None:
    found = build(tables)
    plan = solve(found)
    explainer, told = Explainer(found, plan), refusals(found, plan)
    for row, number in enumerate(told.application.tolist()):
        name = found.applications.ids[number].as_py()
        for at in told.inside[row][told.inside[row] >= 0].tolist():
            assert explainer.seat_with(name, session=found.sessions.ids[at].as_py())
        if told.needed_rank[row]:
            assert explainer.seat_with(name, rank=int(told.needed_rank[row]))


def test_the_smallest_change_is_named() -> None:
    found = read_round(EXAMPLE)
    told = refusals(found, solve(found))
    names = found.applications.ids.take(told.application).to_pylist()
    changes = {name: told.change(row) for row, name in enumerate(names)}
    assert (changes["a07"], changes["a09"]) == ("session", "day")
    assert told.days[names.index("a09")] == 1
