"""One measurement in a process of its own, so that its peak memory and its time are its own.

    PYTHONPATH=. python benchmarks/allocation_alone.py solve FOLDER fast 2
    PYTHONPATH=. python benchmarks/allocation_alone.py files FOLDER - 0
    PYTHONPATH=. python benchmarks/allocation_alone.py floor FOLDER fast 2
    PYTHONPATH=. python benchmarks/allocation_alone.py check FOLDER ortools 2
    PYTHONPATH=. python benchmarks/allocation_alone.py network FOLDER ortools|highs|cpsat SECONDS

`files` reads a round, hashes it once more and writes a plan that seats everybody in one pool.
`solve` reads a round and solves it; compiled code is loaded before, on a small round. `floor` does
so in turns with the floor (`allocation_floor.py`), `check` in turns with the vectorised check of
the plan in FOLDER/plan: such a ratio is of the same minutes. `network`
solves rule 1 of the whole round as one network: with OR-Tools' flow solver, or as a programme with
HiGHS or CP-SAT.
"""

from __future__ import annotations

import cProfile
import hashlib
import json
import os
import pstats
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from allocation_rounds import make

from scheduler.api import build_round, check, config_source, read_round, solve
from scheduler.arrays import do_without_pandas
from scheduler.canonical import digest
from scheduler.components import Component, split
from scheduler.engines import OrToolsEngine
from scheduler.memory import peak_mb
from scheduler.options import find_options
from scheduler.plans import Plan, plan_files
from scheduler.seating import Cutter, free_seats, total_costs
from scheduler.solving import solve_fast

NAMES = ("_draw", "solve")
#: Applications from which on a measurement is repeated less often.
MANY = 1_000_000


def spent(work: Any) -> tuple[Any, float, float]:
    """Return a result, its processor seconds, helpers' too, and its seconds by the wall."""
    cpu, wall = processor_seconds(), time.perf_counter()
    result = work()
    return result, processor_seconds() - cpu, time.perf_counter() - wall


def processor_seconds() -> float:
    """Return what this process has used, and all it started and waited for."""
    children = os.times()
    return time.process_time() + children.children_user + children.children_system


def rule_3(found: Any) -> float:
    """Return what the draw of rule 3 costs on top of all the rest, as a share of that."""
    profile = cProfile.Profile()
    profile.runcall(solve, found)
    rows = pstats.Stats(profile).stats.items()
    drawing, whole = (max(row[3] for key, row in rows if key[2] == name) for name in NAMES)
    return float(round(drawing / (whole - drawing), 3))


def solve_alone(folder: Path, engine: str, threads: int) -> dict[str, Any]:
    """Read, solve and hash what would be printed, as the command does: without pandas."""
    do_without_pandas()
    solve(build_round(config_source(), make(300)), engine=engine)
    found, reading, _ = spent(lambda: read_round(folder))
    plan, cpu, wall = spent(lambda: solve(found, engine=engine, threads=threads))
    peak = plan.summary["peak_mb"]
    drawing = rule_3(found) if engine == "ortools" else None
    total = hashlib.sha256()
    files = plan_files(found, plan, parquet=False)
    for name in ("assignments.csv", "refused.csv", "certificate.json"):
        total.update(bytes(files[name]))
    return {
        "read_cpu_s": round(reading, 2),
        "cpu_s": round(cpu, 3),
        "wall_s": round(wall, 3),
        "peak_mb": peak,
        "rule_3_on_top": drawing,
        "served": plan.summary["served"],
        "components": len(plan.summary["components"]),
        "bytes": total.hexdigest()[:16],
    }


def in_turns(one: Any, two: Any, turns: int) -> dict[str, Any]:
    """Return the processor seconds of two pieces of work, done in turns, and their ratios."""
    pairs = [(spent(one)[1], spent(two)[1]) for _ in range(turns)]
    return {
        "of_s": [round(pair[0], 3) for pair in pairs],
        "to_s": [round(pair[1], 3) for pair in pairs],
        "ratio": round(float(np.median([pair[0] / pair[1] for pair in pairs])), 3),
    }


def floor_alone(folder: Path, threads: int) -> dict[str, Any]:
    """Return what solving takes and what is left of it where the answer is known."""
    from allocation_floor import Known  # noqa: PLC0415 (numba is optional)

    from scheduler.fast.engine import FastEngine  # noqa: PLC0415 (as above)

    do_without_pandas()
    known: Any = None
    for found in (build_round(config_source(), make(300)), read_round(folder)):
        plan = solve(found, engine="fast", threads=threads)
        # The prices of rule 3 stand in no certificate: they are learnt once, outside of the floor.
        learning = Known(found, threads, plan, None)
        solve_fast(found, learning, lambda *_: None)
        known, wrong = learning.known, learning.wrong
        telling = Known(found, threads, plan, known)
        telling.arcs()
        same = bytes(plan_files(found, plan, parquet=False)["assignments.csv"])
        told = solve_fast(found, telling, lambda *_: None)
        if wrong or telling.wrong:
            raise SystemExit(f"{wrong + telling.wrong} arcs of the known plan do not hold")
        if bytes(plan_files(found, told, parquet=False)["assignments.csv"]) != same:
            raise SystemExit("the known plan was decoded into another one")
    turns = 5 if len(plan.pool) < MANY else 2
    row = in_turns(
        lambda: solve_fast(found, FastEngine(found, threads), lambda *_: None),
        lambda: solve_fast(found, Known(found, threads, plan, known), lambda *_: None),
        turns,
    )
    engine, reading, _ = spent(lambda: Known(found, threads, plan, known))
    row["columns_and_components_s"] = round(reading, 3)
    row["arcs_s"] = round(spent(engine.arcs)[1], 3)
    return row


def check_alone(folder: Path, engine: str, threads: int) -> dict[str, Any]:
    """Return what the vectorised check takes, and what solving takes."""
    do_without_pandas()
    small = build_round(config_source(), make(300))
    check(small, solve(small, engine=engine))
    found = read_round(folder)
    return in_turns(
        lambda: check(found, folder / "plan"),
        lambda: solve(found, engine=engine, threads=threads),
        3 if len(found.applications.rank) < MANY else 1,
    )


def files_alone(folder: Path) -> dict[str, Any]:
    """Read, hash and write, without solving: what every engine pays."""
    do_without_pandas()
    build_round(config_source(), make(300))
    libraries = peak_mb()
    found, reading, _ = spent(lambda: read_round(folder))
    peak = peak_mb()
    parts = (found.sessions, found.pools, found.applications, found.choices)
    _, hashing, _ = spent(lambda: digest(found.config, *parts))
    zeros = np.zeros(len(found.applications.rank), np.int32)
    plan = Plan(found.sha256, *[zeros] * 4, reason=zeros.astype(np.int8), cut=zeros)
    plan.levels = plan.prices = (
        np.zeros(len(found.pools.seats), np.int64),
        np.zeros(len(found.sessions.seats), np.int64),
    )
    _, writing, _ = spent(lambda: plan_files(found, plan, parquet=True))
    return {
        "read_and_hash_cpu_s": round(reading, 2),
        "hash_cpu_s": round(hashing, 2),
        "write_cpu_s": round(writing, 2),
        "libraries_mb": libraries,
        "peak_mb": peak,
    }


def whole_network(folder: Path) -> dict[str, Any]:
    """Return rule 1 of a round as one network: a node for everybody, an arc for every option."""
    found = read_round(folder)
    options = find_options(found)
    parts = split(found, options)
    names = ("applications", "sessions", "pools", "hubs", "arcs", "hub_arcs")
    columns = (np.sort(np.concatenate([getattr(part, name) for part in parts])) for name in names)
    one = Component(0, *columns)
    costs = total_costs(found, options)
    part = Cutter(found, options, costs, [one]).cut(one, free_seats(found))
    people = len(part.people)
    weight = np.empty(people, np.int64)
    weight[np.argsort(-part.rank)] = np.arange(1, people + 1)
    hub, through = people, np.flatnonzero(part.hub >= 0)
    pool = hub + part.hubs
    session = pool + len(part.pools)
    sink = session + len(part.session_seats)
    rows = (
        (part.tail, pool + part.head, 1, 0),
        (through, hub + part.hub[through], 1, 0),
        (hub + part.hub_tail, pool + part.hub_head, people, 0),
        (np.arange(pool, session), session + part.pool_session, part.pool_seats, 0),
        (np.arange(session, sink), sink, part.session_seats, 0),
        (np.arange(people), sink, 1, weight),
    )
    columns = zip(*(np.broadcast_arrays(*row) for row in rows), strict=True)
    tail, head, capacity, cost = (np.concatenate(column).astype(np.int64) for column in columns)
    supply = np.zeros(sink + 1, np.int64)
    supply[:people], supply[sink] = 1, -people
    capacity = np.minimum(capacity, people)
    return {"tail": tail, "head": head, "capacity": capacity, "cost": cost, "supply": supply}


def by_programme(network: dict[str, Any], name: str, limit: float) -> str:
    """Solve a network as a linear or an integer programme; return how it ended."""
    from ortools.linear_solver.python import model_builder  # noqa: PLC0415 (only here)

    model = model_builder.Model()
    tail, head = network["tail"], network["head"]
    ways = [
        model.new_var(0, float(most), is_integer=name == "cpsat", name="")
        for most in network["capacity"].tolist()
    ]
    sums: list[list[Any]] = [[] for _ in network["supply"]]
    signs: list[list[int]] = [[] for _ in network["supply"]]
    for way, one, two in zip(ways, tail.tolist(), head.tolist(), strict=True):
        sums[one].append(way)
        signs[one].append(1)
        sums[two].append(way)
        signs[two].append(-1)
    weigh = model_builder.LinearExpr.weighted_sum
    for items, sign, amount in zip(sums, signs, network["supply"].tolist(), strict=True):
        model.add(weigh(items, sign) == amount)
    model.minimize(weigh(ways, network["cost"].tolist()))
    solver = model_builder.Solver({"cpsat": "SAT", "highs": "HIGHS"}[name])
    solver.set_time_limit_in_seconds(limit)
    return str(solver.solve(model).name).lower()


def network_alone(folder: Path, name: str, limit: float) -> dict[str, Any]:
    """Solve rule 1 of the whole round in another way."""
    network = whole_network(folder)
    if name == "ortools":
        _, cpu, wall = spent(lambda: OrToolsEngine().flow(**network))
        return {"ended": "optimal", "cpu_s": round(cpu, 2), "wall_s": round(wall, 2)}
    ended, cpu, wall = spent(lambda: by_programme(network, name, limit))
    return {"ended": ended, "cpu_s": round(cpu, 2), "wall_s": round(wall, 2)}


def main() -> None:
    """Do what the arguments say and print it as JSON."""
    kind, folder, name, number = sys.argv[1:5]
    if kind == "files":
        found = files_alone(Path(folder))
    elif kind == "floor":
        found = floor_alone(Path(folder), int(number))
    elif kind == "check":
        found = check_alone(Path(folder), name, int(number))
    elif kind == "solve":
        found = solve_alone(Path(folder), name, int(number))
    else:
        found = network_alone(Path(folder), name, float(number))
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
