"""Row order, threads and folder formats change no byte; an event that did not happen moves nobody."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.api import (
    SolveError,
    build_round,
    config_source,
    read_round,
    solve,
    write_plan,
    write_round,
)
from scheduler.cli import main
from scheduler.engines import guard
from scheduler.plans import plan_files
from scheduler.tied import drawn, first_salt, mix
from tests.scheduler.small_rounds import application, build, columns, pool, session, tiny, write


@settings(max_examples=50, deadline=None)
@given(tiny(), st.integers(0, 2**32))
def test_row_order_and_threads_change_no_byte(made: tuple, seed: int) -> None:
    tables, costs = made
    found = build(tables, costs)
    plan = plan_files(found, solve(found), parquet=False)
    shuffled = {name: random.Random(seed).sample(rows, len(rows)) for name, rows in tables.items()}
    again = build(shuffled, costs)
    assert again.sha256 == found.sha256
    other = plan_files(again, solve(again, threads=2), parquet=False)
    for name in ("assignments.csv", "refused.csv", "certificate.json"):
        assert plan[name] == other[name]


@settings(max_examples=50, deadline=None)
@given(tiny(told=False))
def test_replanning_without_an_event_moves_nobody(made: tuple) -> None:
    tables, costs = made
    found = build(tables, costs)
    plan = solve(found)
    seats = dict(zip(found.applications.ids.to_pylist(), plan.pool.tolist(), strict=True))
    names = found.pools.ids.to_pylist()
    told = [
        row | {"prior": names[seats[row["application"]]] if seats[row["application"]] >= 0 else ""}
        for row in tables["applications"]
    ]
    again = solve(build(tables | {"applications": told}, costs))
    assert again.pool.tolist() == plan.pool.tolist()
    assert again.summary["move_cost"] == 0


@settings(max_examples=50, deadline=None)
@given(tiny(), st.randoms())
def test_a_better_rank_or_another_choice_never_costs_a_seat(
    made: tuple, pick: random.Random
) -> None:
    tables, costs = made
    if not tables["applications"]:
        return
    found = build(tables, costs)
    served = dict(zip(found.applications.ids.to_pylist(), solve(found).pool >= 0, strict=True))
    row = pick.choice(tables["applications"])
    better = [
        other | {"tier": 0, "key": 0, "lot": 0}
        if other is row
        else other | {"key": other["key"] + 1}
        for other in tables["applications"]
    ]
    raised = build(tables | {"applications": better}, costs)
    seated = dict(zip(raised.applications.ids.to_pylist(), solve(raised).pool >= 0, strict=True))
    assert seated[row["application"]] >= served[row["application"]]
    wished = [line for line in tables["choices"] if line["application"] == row["application"]]
    free = {line["session"] for line in tables["sessions"]} - {line["session"] for line in wished}
    extra = [
        {"application": row["application"], "order": len(wished) + 1, "session": name}
        for name in sorted(free)[:1]
    ]
    more = build(tables | {"choices": tables["choices"] + extra}, costs)
    seated = dict(zip(more.applications.ids.to_pylist(), solve(more).pool >= 0, strict=True))
    assert seated[row["application"]] >= served[row["application"]]


def test_the_draw_uses_the_published_numbers() -> None:
    import numpy as np

    assert int(mix(np.zeros(1, np.uint64))[0]) == 0xE220A8397B1DCDAF
    one, two = np.array([3]), np.array([5])
    assert drawn(0x0123456789ABCDEF, one, two).tolist() == [502749485]
    assert first_salt("0123456789abcdef" + "0" * 48) == 0x0123456789ABCDEF


def equals() -> dict:
    """Two alike on two seats alike: only the draw tells them apart."""
    return {
        "sessions": [session("s1", seats=1), session("s2", seats=1)],
        "pools": [pool("p1", "s1"), pool("p2", "s2")],
        "applications": [application("a1", 1, any_session=1), application("a2", 2, any_session=1)],
        "choices": [],
    }


def test_an_ambiguous_draw_takes_the_next_salt(monkeypatch: pytest.MonkeyPatch) -> None:
    import numpy as np

    found = build(equals())
    own = first_salt(found.sha256)
    assert solve(found).salts == {"s1": own}

    def even(salt: object, application: np.ndarray, pool: np.ndarray) -> np.ndarray:
        same = np.asarray(salt, np.uint64) == np.uint64(own)
        return np.where(same, 7, drawn(salt, application, pool))

    # Who decides the draw, and who looks whether another plan is as good.
    for module in ("tied", "ties"):
        monkeypatch.setattr(f"scheduler.{module}.drawn", even)
    plan = solve(found)
    assert plan.salts == {"s1": own + 1}


def test_costs_near_the_edge_are_refused_and_never_computed() -> None:
    import numpy as np

    guard(np.array([2**40]), 1000)
    with pytest.raises(SolveError, match="too large for exact arithmetic"):
        guard(np.array([2**50]), 1000)


def test_an_existing_plan_is_replaced_only_by_force(tmp_path: Path) -> None:
    folder = write(equals(), tmp_path / "round")
    out = tmp_path / "plan"
    out.mkdir()
    (out / "mine").write_text("keep")
    assert main(["solve", str(folder), "--out", str(out)]) == 2
    assert (out / "mine").read_text() == "keep"
    assert main(["solve", str(folder), "--out", str(out), "--force"]) == 0
    assert sorted(path.name for path in out.iterdir()) == [
        "assignments.csv",
        "certificate.json",
        "refused.csv",
        "summary.json",
    ]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["plan", "round"]


def test_json_is_the_only_thing_on_standard_output(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import json

    folder = write(equals(), tmp_path / "round")
    assert main(["solve", str(folder), "--out", str(tmp_path / "plan"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["served"] == 2
    assert main(["check", str(folder), str(tmp_path / "plan"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"holds": True, "on_trust": 0, "findings": []}


@settings(max_examples=25, deadline=None)
@given(made=tiny(), parquet=st.booleans())
def test_a_round_that_was_written_is_the_round_that_is_read(*, made: tuple, parquet: bool) -> None:
    import tempfile

    found = build(*made)
    with tempfile.TemporaryDirectory() as name:
        write_round(found, Path(name), parquet=parquet)
        assert read_round(Path(name)).sha256 == found.sha256


def test_tables_in_memory_are_the_round_in_the_folder(tmp_path: Path) -> None:
    folder = write(equals(), tmp_path / "round")
    assert read_round(folder).sha256 == build_round(config_source(), columns(equals())).sha256


def test_parquet_goes_in_and_out(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder = write(equals(), tmp_path / "round")
    pq.write_table(pa.table(columns(equals())["applications"]), folder / "applications.parquet")
    assert main(["solve", str(folder), "--out", str(tmp_path / "plan")]) == 0
    assert main(["check", str(folder), str(tmp_path / "plan")]) == 0
    found = read_round(folder)
    write_plan(found, solve(found), tmp_path / "csv")
    table = pq.read_table(tmp_path / "plan" / "assignments.parquet")
    assert table.column("pool").to_pylist() == [
        line.split(",")[2]
        for line in (tmp_path / "csv" / "assignments.csv").read_text().split()[1:]
    ]
