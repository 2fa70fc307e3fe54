"""How many rows a file keeps together, and in which order they stand, changes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.api import Round, RoundError, read_round, solve, write_plan, write_round
from scheduler.validation import perhaps_twice
from tests.scheduler.crowded_rounds import crowded
from tests.scheduler.small_rounds import build


def in_groups(found: Round, folder: Path, rows: int, *, shuffled: bool) -> dict[str, Any]:
    """Write a round whose files keep so many rows together; return its tables."""
    write_round(found, folder, parquet=True)
    tables, pick = {}, np.random.default_rng(rows)
    for path in folder.glob("*.parquet"):
        table = pa.parquet.read_table(path)
        if shuffled:
            table = table.take(pick.permutation(len(table)))
        pa.parquet.write_table(table, path, row_group_size=rows)
        tables[path.stem] = table
    return tables


@pytest.mark.parametrize("rows", [1, 7, 100, 10_000])
@pytest.mark.parametrize("shuffled", [False, True])
def test_a_round_is_the_same_in_groups_of_any_size(
    rows: int, tmp_path: Path, *, shuffled: bool
) -> None:
    found = build(*crowded(2, people=120))
    in_groups(found, tmp_path, rows, shuffled=shuffled)
    read = read_round(tmp_path)
    assert read.sha256 == found.sha256
    for name in ("application", "order", "session"):
        assert getattr(read.choices, name).tolist() == getattr(found.choices, name).tolist()


@pytest.mark.parametrize(
    ("column", "wrong", "message"),
    [
        ("application", "nobody", "'nobody' is in no row of its table"),
        ("session", "nowhere", "'nowhere' is in no row of its table"),
        ("order", 300, "the orders of an application must be 1, 2, … without gaps"),
        ("order", -1, "'-1' is not a whole number from 0 to 2147483647"),
    ],
)
def test_a_bad_row_of_a_later_group_is_named(
    column: str, wrong: Any, message: str, tmp_path: Path
) -> None:
    choices = in_groups(build(*crowded(2, people=120)), tmp_path, 10, shuffled=False)["choices"]
    at = choices.column_names.index(column)
    row = len(choices) - 1
    values = choices[column].to_pylist()
    values[row] = wrong
    pa.parquet.write_table(
        choices.set_column(at, column, pa.array(values)),
        tmp_path / "choices.parquet",
        row_group_size=10,
    )
    with pytest.raises(RoundError) as refused:
        read_round(tmp_path)
    assert str(refused.value) == f"choices row {row + 1} column {column}: {message}"


@given(
    texts=st.lists(st.text("ab0", min_size=1, max_size=3) | st.just("a" * 64), max_size=40),
    skipped=st.integers(0, 5),
)
def test_whatever_stands_twice_is_looked_at(texts: list[str], skipped: int) -> None:
    column = pa.array(texts, pa.string())[skipped:]
    some = perhaps_twice(column).tolist()
    own = texts[skipped:]
    assert set(some) >= {at for at, text in enumerate(own) if own.count(text) > 1}
    assert some == sorted(some)


def test_different_ids_are_told_apart() -> None:
    assert not len(perhaps_twice(pa.array([f"{'p' * (n % 50)}{n}" for n in range(200_000)])))


@pytest.mark.parametrize("parquet", [False, True])
def test_a_plan_is_the_same_in_groups_of_any_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, parquet: bool
) -> None:
    found = build(*crowded(3))
    plan = solve(found)
    write_plan(found, plan, tmp_path / "whole", parquet=parquet)
    monkeypatch.setattr("scheduler.plans._GROUP", 7)
    write_plan(found, plan, tmp_path / "groups", parquet=parquet)
    for name in ("assignments", "refused"):
        if parquet:
            one, two = (
                pa.parquet.read_table(tmp_path / folder / f"{name}.parquet")
                for folder in ("whole", "groups")
            )
            assert one.equals(two)
        else:
            one, two = (
                (tmp_path / folder / f"{name}.csv").read_bytes() for folder in ("whole", "groups")
            )
            assert one == two
