"""The compiled engine and OR-Tools decide every round alike, to the byte, and neither trusts luck."""

from __future__ import annotations

import fcntl
import itertools
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.api import SolveError, check, solve
from scheduler.cli import main
from scheduler.fast.cheapest import Ways, optimise
from scheduler.fast.engine import FastEngine
from scheduler.fast.nearest import MOST_ROUNDS, seat_nearest
from scheduler.fast.rivals import has_rival
from scheduler.fast.tree import ENDLESS, Bins, Seating
from scheduler.plans import plan_files
from tests.scheduler import test_flow_and_linear_programme_agree as dimacs
from tests.scheduler.crowded_rounds import crowded
from tests.scheduler.small_rounds import application, build, choices, pool, session, tiny, write

FILES = ("assignments.csv", "refused.csv", "certificate.json")
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module", autouse=True)
def compiled_once(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Let one worker compile and the others, who wait meanwhile, load what it kept."""
    with (tmp_path_factory.getbasetemp().parent / "compiling").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        solve(build(*crowded(0)), engine="fast")


def agree(found: Any) -> None:
    one, two = solve(found), solve(found, engine="fast", threads=2)
    first, second = plan_files(found, one, parquet=False), plan_files(found, two, parquet=False)
    for name in FILES:
        assert first[name] == second[name], name
    told = {"engine", "seconds", "peak_mb"}
    assert {key: value for key, value in one.summary.items() if key not in told} == {
        key: value for key, value in two.summary.items() if key not in told
    }
    assert check(found, two) == []


@settings(max_examples=200, deadline=None)
@given(tiny())
def test_tiny_rounds(made: tuple) -> None:
    agree(build(*made))


@pytest.mark.parametrize("seed", range(24))
def test_crowded_rounds_with_pins_told_people_needs_and_reserves(seed: int) -> None:
    agree(build(*crowded(seed)))


def chained(seed: int) -> dict[str, list[dict[str, Any]]]:
    """A crowded round whose second half of applications waits for the first."""
    tables, _ = crowded(seed * 2, people=40)
    tables["sessions"] += [
        session("r1", subject="S3R", site="north", start="13:00", end="17:00", seats=3),
        session("r2", subject="S2", site="north", seats=4),
    ]
    tables["pools"] += [pool("r1-p", "r1", seats=3), pool("r2-p", "r2", seats=4)]
    for place in range(6):
        one, two = f"f{place}", f"g{place}"
        who = f"both{place}"
        tables["applications"] += [
            application(one, place, candidate=who, partner=two, lot=900 + place),
            application(two, 5 - place, candidate=who, partner=one, subject="S3R", lot=900 + place),
        ]
        tables["choices"] += choices(one, "r2") + choices(two, "r1")
    return tables


@pytest.mark.parametrize("seed", range(3))
def test_rounds_with_chains(seed: int) -> None:
    found = build(chained(seed))
    assert any(part["chains"] for part in solve(found).summary["components"])
    agree(found)


def test_an_empty_round() -> None:
    agree(build({"sessions": [], "pools": [], "applications": [], "choices": []}))


def as_seats(supply: np.ndarray, arcs: np.ndarray) -> tuple[Bins, Seating, Ways, int]:
    """A flow as a seating (Wagner 1959): every unit of capacity sits at one end of its arc."""
    nodes = len(supply)
    tail, head, most, cost = arcs[:, 0] - 1, arcs[:, 1] - 1, arcs[:, 3], arcs[:, 4]
    units = np.repeat(np.arange(len(arcs)), most)
    seats = np.bincount(tail[units], minlength=nodes) - supply
    first = 1 + nodes
    onto = np.concatenate(([0], np.zeros(nodes, np.int64), 1 + np.arange(nodes)))
    room = np.full(2 * len(onto), ENDLESS)
    room[1 : 1 + nodes] = room[first : first + nodes] = seats
    pool = np.stack((tail[units], head[units]), axis=1).ravel() + first
    paid = np.stack((0 * units, cost[units]), axis=1).ravel()
    nothing = np.zeros(0, np.int64)
    ways = Ways(
        np.arange(0, 2 * len(units) + 1, 2, dtype=np.int32),
        pool.astype(np.int32),
        paid,
        np.full(len(units), -1, np.int32),
        np.zeros(len(units), np.int64),
        np.zeros(1, np.int64),
        nothing.astype(np.int32),
        nothing,
    )
    bins = Bins(
        onto.astype(np.int32),
        np.zeros(2 * len(onto), np.int64),
        room,
        np.zeros(len(onto), bool),
    )
    sits = Seating(
        (tail[units] + first).astype(np.int32), np.zeros(len(units), np.int64), len(onto)
    )
    return bins, sits, ways, (int(cost.max()) + 1) * (len(onto) + 1)


# Nobody seated before the simplex, some, and all of them.
@pytest.mark.parametrize("most", [0, 2, MOST_ROUNDS])
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("family", [dimacs.grid, dimacs.transport, dimacs.assignment])
def test_public_kinds_of_flows(family: Any, seed: int, most: int) -> None:
    import random

    supply, arcs = dimacs.parse(family(8, random.Random(seed)))
    bins, sits, ways, dear = as_seats(supply, arcs)
    nodes = len(supply)
    pools = (np.array([0, *range(nodes + 1), nodes], np.int32), np.arange(nodes) + 1 + nodes)
    turn = np.arange(len(sits.seat), dtype=np.int32)
    tree = seat_nearest(bins, sits, ways, (pools[0], pools[1].astype(np.int32)), turn, dear, most)
    pivots = optimise(tree, bins, sits, ways, turn)
    assert pivots == 0 or most < MOST_ROUNDS
    assert not bins.flow[len(bins.onto) :].any()
    assert int(sits.paid.sum()) == dimacs.by_linear_programme(supply, arcs)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 2), min_size=3, max_size=3), min_size=1, max_size=4),
    st.lists(st.integers(0, 2), min_size=3, max_size=3),
    st.integers(0, 5),
)
def test_a_second_plan_of_the_same_sum_is_seen(
    costs: list[list[int]], seats: list[int], together: int
) -> None:
    plans = [
        sum(row[at] for row, at in zip(costs, plan, strict=True))
        for plan in itertools.product(range(3), repeat=len(costs))
        if len(plan) <= together and all(plan.count(at) <= seats[at] for at in range(3))
    ]
    if not plans:
        return
    people = len(costs)
    onto = np.array([0, 0, 1, 1, 1], np.int32)
    room = np.full(10, ENDLESS)
    room[1:5] = [together, *seats]
    bins = Bins(onto, np.zeros(10, np.int64), room, np.zeros(5, bool))
    sits = Seating(np.full(people, 2, np.int32), np.array([row[0] for row in costs]), 5)
    ways = Ways(
        np.arange(0, 3 * people + 1, 3, dtype=np.int32),
        np.tile(np.array([2, 3, 4], np.int32), people),
        np.array(costs, np.int64).ravel(),
        np.full(people, -1, np.int32),
        np.zeros(people, np.int64),
        np.zeros(1, np.int64),
        np.zeros(0, np.int32),
        np.zeros(0, np.int64),
    )
    turn = np.arange(people, dtype=np.int32)
    pools = (np.array([0, 0, 3, 3], np.int32), np.array([2, 3, 4], np.int32))
    tree = seat_nearest(bins, sits, ways, pools, turn, 1000, MOST_ROUNDS)
    optimise(tree, bins, sits, ways, turn)
    assert int(sits.paid.sum()) == min(plans)
    assert has_rival(tree, bins, sits, ways, turn) == (plans.count(min(plans)) > 1)


def test_costs_near_the_edge_are_refused_and_never_computed() -> None:
    engine = FastEngine(build(*crowded(1)), 1)
    engine.solve(lambda _done, _all: None)
    engine.scale = engine.scale + 2**50
    with pytest.raises(SolveError, match="too large for exact arithmetic"):
        engine.solve(lambda _done, _all: None)


def test_without_numba_one_line_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write(crowded(0, people=3)[0], tmp_path / "round")
    monkeypatch.setattr("scheduler.solving.find_spec", lambda _name: None)
    assert main(["solve", str(folder), "--out", str(tmp_path / "p"), "--engine", "fast"]) == 2
    said = capsys.readouterr().err
    assert "needs numba" in said
    assert len(said.splitlines()) == 1


def test_the_command_solves_with_it(tmp_path: Path) -> None:
    folder = write(crowded(0, people=30)[0], tmp_path / "round")
    plan = tmp_path / "plan"
    words = ["solve", str(folder), "--out", str(plan), "--engine", "fast", "--threads", "2"]
    assert main(words) == 0
    assert main(["check", str(folder), str(plan)]) == 0


BOUNDED = """
from tests.scheduler.test_two_engines_print_the_same_bytes import agree
from tests.scheduler.crowded_rounds import crowded
from tests.scheduler.small_rounds import build
import numba
assert numba.config.DISABLE_JIT
for seed in range(6):
    tables, costs = crowded(seed, people=60)
    for place, row in enumerate(tables["pools"]):
        row["seats"] = row["seats"] if place % 3 or seed % 2 else 0
    for place, row in enumerate(tables["applications"]):
        if place % 7 == 0 and not row["prior"]:
            row["earliest"], row["latest"] = "2027-03-05", "2027-03-01"
    agree(build(tables, costs))
"""


def test_no_array_is_read_or_written_beyond_its_end() -> None:
    # Not compiled, the same functions look at every index, and cost seconds instead of a minute.
    done = subprocess.run(
        [sys.executable, "-W", "ignore::RuntimeWarning", "-c", BOUNDED],
        env=os.environ | {"NUMBA_DISABLE_JIT": "1", "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]


def test_a_bad_round_is_refused_in_one_line_while_code_is_loaded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write(crowded(0, people=30)[0], tmp_path / "round")
    (folder / "choices.csv").write_text("application,order,session\nnobody,1,s00\n")
    interval = sys.getswitchinterval()
    words = ["solve", str(folder), "--out", str(tmp_path / "plan"), "--engine", "fast"]
    assert main([*words, "--threads", "2"]) == 2
    assert capsys.readouterr().err.splitlines() == [
        "choices row 1 column application: 'nobody' is in no row of its table"
    ]
    assert sys.getswitchinterval() == interval
