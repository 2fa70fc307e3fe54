"""The public file is a round of its own with the same served people and costs, and no person."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.csv
import pytest
from hypothesis import given, settings

from scheduler.api import SchedulerError, build_round, solve
from scheduler.public import opens, public_round
from tests.scheduler.small_rounds import application, build, choices, pool, session, tiny

SECRET = bytes(range(32))


@settings(max_examples=50, deadline=None)
@given(tiny(told=False))
def test_the_same_people_are_served_at_the_same_cost(made: tuple) -> None:
    tables, costs = made
    found = build(tables, costs)
    public = public_round(found, SECRET)
    anonymous = build_round(public.source, public.tables)
    one, two = solve(found), solve(anonymous)
    served = {
        public.names[name]
        for name, seat in zip(found.applications.ids.to_pylist(), one.pool, strict=True)
        if seat >= 0
    }
    ids = anonymous.applications.ids.to_pylist()
    assert served == {name for name, seat in zip(ids, two.pool, strict=True) if seat >= 0}
    assert one.summary["choice_cost"] == two.summary["choice_cost"]
    assert one.summary["refused"] == two.summary["refused"]


def example() -> dict:
    return {
        "sessions": [session("s1")],
        "pools": [pool("p1", "s1", classes="C1 C2", offers="stepfree text"), pool("p2", "s1")],
        "applications": [
            application("zhang-san", 7, tier=2, lot=41, needs="stepfree"),
            application("li-si", 5, tier=3, lot=42),
        ],
        "choices": [*choices("zhang-san", "s1"), *choices("li-si", "s1")],
    }


def test_nothing_personal_is_left() -> None:
    public = public_round(build(example()), SECRET)
    sink = pa.BufferOutputStream()
    for table in public.tables.values():
        pa.csv.write_csv(table, sink)
    text = sink.getvalue().to_pybytes().decode()
    for word in ("zhang", "li-si", "stepfree", "text", "C1", "C2"):
        assert word not in text
    assert set(public.tables["applications"]["tier"].to_pylist()) == {0}
    assert sorted(public.tables["applications"]["key"].to_pylist()) == [1, 2]


def test_each_candidate_alone_opens_his_commitment() -> None:
    public = public_round(build(example()), SECRET)
    rows = public.tables["applications"].to_pylist()
    mine = next(row for row in rows if row["application"] == public.names["zhang-san"])
    opening = public.openings["zhang-san"]
    assert opens(opening, mine["commitment"], tier=2, key=7, lot=41)
    assert not opens(opening, mine["commitment"], tier=0, key=7, lot=41)
    assert not opens(public.openings["li-si"], mine["commitment"], tier=3, key=5, lot=42)


def test_a_secret_that_could_be_guessed_is_refused() -> None:
    with pytest.raises(SchedulerError, match="32 bytes"):
        public_round(build(example()), b"short")
