"""Measure both engines against other ways to do the same, in one run, and print ratios.

    PYTHONPATH=. python benchmarks/allocation.py --full --json figures.json
    PYTHONPATH=. python benchmarks/allocation.py 15000 60000 250000 --library --json figures.json
    PYTHONPATH=. python benchmarks/allocation.py 1000000 3000000 --engines fast
    PYTHONPATH=. python benchmarks/allocation.py --country 60000

Everything that is solved is solved in a process of its own, which gives its peak memory; both
engines must print the same bytes, or the run ends. Processor seconds do not count what a busy
machine does besides; seconds by the wall do. On two idle cores 15 000 take half a minute, 250 000
some four minutes (`--library` one more), 3 000 000 some three minutes with the fast engine alone;
the first run on a machine compiles the fast engine, which takes a minute more.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from allocation_baselines import all_missed
from allocation_rounds import country, make, write

from scheduler import checker
from scheduler.api import Standing, check, read_round, solve, write_plan
from scheduler.options import find_options

ALONE = Path(__file__).with_name("allocation_alone.py")
ONE_GRAPH_MOST, PROGRAMME_MOST = 250_000, 15_000
BOTH, FAST = ["ortools", "fast"], ["fast"]
#: What `--full` measures: kind of round, applications, engines.
FULL = (
    *(("week", size, BOTH) for size in (15_000, 60_000, 250_000)),
    ("country", 60_000, BOTH),
    *(("week", size, FAST) for size in (1_000_000, 3_000_000)),
)
EVENTS = 7
#: What is asked for by size (0: by every size): most, or with a minus least.
ASKED: dict[int, dict[str, float]] = {
    0: {
        "ratios.fast of floor": 4,
        "ratios.rule 3 on top of the rest, ortools": 0.333,
    },
    15_000: {"fast.wall_s": 0.1, "ratios.ortools of fast": -2},
    60_000: {"ratios.ortools of fast": -2},
    250_000: {
        "ortools.wall_s": 4,
        "ortools.peak_mb": 400,
        "fast.wall_s": 0.5,
        "fast.peak_mb": 250,
        "ratios.ortools of fast": -2,
        "ratios.one graph, rule 1 alone, of ortools": -5,
        "ratios.one graph, rule 1 alone, of fast": -20,
        "ratios.check of ortools": 0.25,
        "ortools.command.wall_s": 6,
        "fast.command.wall_s": 3,
        "replan.median_ms.ortools": 50,
        "replan.median_ms.fast": 50,
        "checker_py_cpu_s": 20,
    },
    3_000_000: {"fast.wall_s": 8, "fast.peak_mb": 700},
}


def timed(work: Any) -> tuple[Any, float]:
    """Return the result and the processor seconds of some work."""
    start = time.process_time()
    result = work()
    return result, time.process_time() - start


def alone(*words: str, limit: float = 3600.0) -> dict[str, Any]:
    """Run one measurement in a fresh process; one that is stopped says so."""
    command = [sys.executable, str(ALONE), *words]
    try:
        done = subprocess.run(command, capture_output=True, check=True, text=True, timeout=limit)
    except subprocess.TimeoutExpired:
        return {"ended": f"not finished in {limit:.0f} s"}
    # A solver may talk before.
    return dict(json.loads(done.stdout.splitlines()[-1]))


def command(folder: Path, engine: str) -> dict[str, float]:
    """Return processor and wall seconds of the whole command, Parquet in and out."""
    words = [sys.executable, "-m", "scheduler", "solve", str(folder)]
    words += ["--out", str(folder / "whole"), "--force", "--engine", engine, "--threads", "2"]
    # As for whoever uses it, Python may keep what it has made of the sources.
    own = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    before, wall = os.times(), time.perf_counter()
    subprocess.run(words, check=True, capture_output=True, env=own)
    after = os.times()
    cpu = after.children_user + after.children_system
    cpu -= before.children_user + before.children_system
    return {"cpu_s": round(cpu, 2), "wall_s": round(time.perf_counter() - wall, 2)}


def replanning(found: Any, engines: list[str]) -> dict[str, Any]:
    """Return the milliseconds of some events in a standing round: cut out and solved again."""
    standing, seen = timed(lambda: Standing(found))
    sessions = found.sessions.ids.take(
        np.random.default_rng(1).choice(len(found.sessions.seats), EVENTS, replace=False)
    ).to_pylist()
    times: dict[str, list[int]] = {engine: [] for engine in engines}
    sizes = []
    for name in sessions:
        part, cutting = timed(lambda name=name: standing.part([name], session_seats={name: 0}))
        sizes.append(len(part.applications.rank))
        for engine in engines:
            _, solving = timed(lambda part=part, engine=engine: solve(part, engine=engine))
            times[engine].append(round(1000 * (cutting + solving)))
    return {
        "standing_s": round(seen, 2),
        "people": sizes,
        "ms": times,
        "median_ms": {engine: float(np.median(values)) for engine, values in times.items()},
    }


def measure(folder: Path, size: int, engines: list[str], limit: float) -> dict[str, Any]:
    """Measure one round."""
    found, reading = timed(lambda: read_round(folder))
    row: dict[str, Any] = {"applications": size, "read_cpu_s": round(reading, 2)}
    row["files"] = alone("files", str(folder), "-", "0")
    for engine in engines:
        row[engine] = alone("solve", str(folder), engine, "2")
        row[engine]["command"] = command(folder, engine)
    if len({row[engine]["bytes"] for engine in engines}) > 1:
        raise SystemExit("the engines disagree")
    plan = solve(found, engine=engines[-1], threads=2)
    write_plan(found, plan, folder / "plan", parquet=True)
    findings, checking = timed(lambda: check(found, folder / "plan"))
    if findings:
        raise SystemExit(f"the plan does not hold: {findings[0]}")
    row["check_cpu_s"] = round(checking, 2)
    row["check"] = {engine: alone("check", str(folder), engine, "2") for engine in engines}
    row["replan"] = replanning(found, engines)
    if "fast" in engines:
        row["floor"] = alone("floor", str(folder), "fast", "2")
    if size <= ONE_GRAPH_MOST:
        row["missed"] = all_missed(found, find_options(found), plan.pool >= 0)
        row["one_graph_rule_1"] = alone("network", str(folder), "ortools", "0")
    for name in ("highs", "cpsat") if size <= PROGRAMME_MOST else ():
        row[f"{name}_rule_1"] = alone("network", str(folder), name, str(limit), limit=3 * limit)
    row["ratios"] = ratios(row, engines)
    return row


def ratios(row: dict[str, Any], engines: list[str]) -> dict[str, float]:
    """Return what is compared: engines by the wall, checking and floor by processor seconds.

    Checking and floor are measured in turns with solving; the plan is read in the check's time,
    and helpers' time is in that of solving.
    """
    found = {}
    for engine in engines:
        own = row[engine]["wall_s"]
        found[f"check of {engine}"] = row["check"][engine]["ratio"]
        if row[engine].get("rule_3_on_top") is not None:
            found[f"rule 3 on top of the rest, {engine}"] = row[engine]["rule_3_on_top"]
        if "one_graph_rule_1" in row:
            found[f"one graph, rule 1 alone, of {engine}"] = row["one_graph_rule_1"]["wall_s"] / own
    if "fast" in engines:
        found["fast of floor"] = row["floor"]["ratio"]
    if len(engines) > 1:
        found["ortools of fast"] = row["ortools"]["wall_s"] / row["fast"]["wall_s"]
    return {name: round(value, 2) for name, value in found.items()}


def verdicts(rows: list[dict[str, Any]]) -> list[str]:
    """Return a line for each figure that is asked for: what it is, and whether that is met."""
    lines = []
    for row in rows:
        if row["round"] != "week":
            continue
        size, most = row["applications"], {**ASKED.get(row["applications"], {}), **ASKED[0]}
        for name, limit in most.items():
            value = _figure(row, name.split("."))
            if value is None:
                continue
            met = value >= -limit if limit < 0 else value <= limit
            sign = "at least" if limit < 0 else "at most"
            verdict = "met" if met else "MISSED"
            lines.append(f"{size:>9,} {name:55} {value:9.3f}, {sign} {abs(limit):g}: {verdict}")
    return lines


def _figure(row: dict[str, Any], names: list[str]) -> float | None:
    """Return a figure of a row, None where it was not measured."""
    found: Any = row
    for name in names:
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, int | float) else None


def standard_library(size: int, folder: Path) -> float:
    """Return the seconds of the standard-library checker on a CSV round."""
    import pyarrow.csv  # noqa: PLC0415 (only here)

    for name, table in make(size).items():
        pyarrow.csv.write_csv(table, folder / f"{name}.csv")
    (folder / "round.toml").write_text('format = "kaochang-round/1"\n')
    found = read_round(folder)
    write_plan(found, solve(found), folder / "plan")
    findings, seconds = timed(lambda: checker.check(folder, folder / "plan"))
    if findings:
        raise SystemExit(f"the plan does not hold: {findings[0]}")
    return seconds


def main() -> None:
    """Run the sizes asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("sizes", type=int, nargs="*", help="default 15000 60000")
    parser.add_argument("--full", action="store_true", help="all sizes that are published")
    parser.add_argument("--country", type=int, nargs="*", default=[], help="sizes of one component")
    parser.add_argument("--engines", nargs="+", default=BOTH)
    parser.add_argument("--library", action="store_true", help="time checker.py too")
    parser.add_argument("--limit", type=float, default=60.0, help="seconds for a programme")
    parser.add_argument("--json", type=Path, help="write all rows here too")
    options = parser.parse_args()
    sizes = options.sizes or ([] if options.country or options.full else [15_000, 60_000])
    asked = FULL if options.full else ()
    asked += tuple(("week", size, options.engines) for size in sizes)
    asked += tuple(("country", size, options.engines) for size in options.country)
    rows = []
    for kind, size, engines in asked:
        with tempfile.TemporaryDirectory() as name:
            write((country if kind == "country" else make)(size), Path(name))
            row = {"round": kind} | measure(Path(name), size, engines, options.limit)
        if options.library and kind == "week" and size <= ONE_GRAPH_MOST:
            with tempfile.TemporaryDirectory() as name:
                row["checker_py_cpu_s"] = round(standard_library(size, Path(name)), 2)
        print(json.dumps(row, indent=1), flush=True)
        rows.append(row)
        if options.json:
            options.json.write_text(json.dumps(rows, indent=1))
    print("\n".join(verdicts(rows)))


if __name__ == "__main__":
    main()
