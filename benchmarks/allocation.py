"""Measure the engine against other ways to do the same, in one run, and print ratios.

    PYTHONPATH=. python benchmarks/allocation.py 15000 60000 250000

For each size: read, options, solving per component, one graph for everything, the floor (all but
the flows), both checkers, and what first come first served and going down the ranks without moving
anybody would miss. Times are processor seconds of this process, so that a busy machine does not
count; peak memory is that of a fresh process that only reads and solves.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from allocation_rounds import make, write

from scheduler import checker
from scheduler.api import check, read_round, solve, write_plan
from scheduler.components import Component, split
from scheduler.engines import OrToolsEngine
from scheduler.options import Options, find_options
from scheduler.plans import Plan
from scheduler.potentials import seats_left
from scheduler.rounds import Round
from scheduler.seating import Part, Seats, free_seats, total_costs

ALONE = """
import sys
from pathlib import Path
from scheduler.api import read_round, solve
plan = solve(read_round(Path(sys.argv[1])))
print(plan.summary["peak_mb"])
"""


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """Return the result and the processor seconds of some work."""
    start = time.process_time()
    result = work()
    return result, time.process_time() - start


class Free:
    """An engine that solves nothing: what is left is the floor."""

    name = "free"

    def __init__(self) -> None:
        self.inner, self.seconds = OrToolsEngine(), 0.0

    def flow(self, **network: Any) -> Any:
        """Solve, and keep the time apart."""
        found, seconds = timed(lambda: self.inner.flow(**network))
        self.seconds += seconds
        return found


def one_graph(found: Round, options: Options) -> Plan | None:
    """Seat everybody through one network instead of one per component."""
    components = split(found, options)
    whole = Component(
        0,
        *(
            np.sort(np.concatenate([getattr(part, name) for part in components]))
            for name in ("applications", "sessions", "pools", "hubs", "arcs", "hub_arcs")
        ),
    )
    part = Part(found, options, free_seats(found), whole)
    engine = OrToolsEngine()
    served = part.serve(engine)
    part.seat(engine, served, total_costs(found, options))
    return None


def in_turn(found: Round, options: Options, order: Any) -> Any:
    """Give everybody in some order his cheapest option that is still free; move nobody."""
    seats = Seats(*seats_left(found, np.zeros(0, np.int64)))
    pools, sessions = seats.pools.tolist(), seats.sessions.tolist()
    session_of = found.pools.session.tolist()
    first = np.searchsorted(options.app, np.arange(len(options.hub) + 1)).tolist()
    arcs = list(zip(options.choice.tolist(), options.pool.tolist(), strict=True))
    hub_pools = [
        options.hub_pool[a:b].tolist()
        for a, b in zip(options.hub_start[:-1], options.hub_start[1:], strict=True)
    ]
    served = np.zeros(len(options.hub), bool)
    for number in order.tolist():
        wishes = [pool for _, pool in sorted(arcs[first[number] : first[number + 1]])]
        hub = int(options.hub[number])
        for pool in (*wishes, *(hub_pools[hub] if hub >= 0 else ())):
            if pools[pool] > 0 and sessions[session_of[pool]] > 0:
                pools[pool] -= 1
                sessions[session_of[pool]] -= 1
                served[number] = True
                break
    return served


def missed(found: Round, served: Any) -> dict[str, int]:
    """Return how many of each tier were not served."""
    tiers = found.applications.tier
    return {
        f"tier {tier}": int(((tiers == tier) & ~served).sum()) for tier in np.unique(tiers).tolist()
    }


def measure(size: int, folder: Path) -> dict[str, Any]:
    """Measure one size."""
    write(make(size), folder)
    found, reading = timed(lambda: read_round(folder))
    plan, solving = timed(lambda: solve(found))
    options, arcs = timed(lambda: find_options(found))
    _, together = timed(lambda: one_graph(found, options)) if size <= 60_000 else (None, 0.0)
    write_plan(found, plan, folder / "plan", parquet=True)
    findings, checking = timed(lambda: check(found, folder / "plan"))
    if findings:
        raise SystemExit(f"the plan does not hold: {findings[0]}")
    rows = found.applications
    by_lot, by_rank = np.argsort(rows.lot), np.lexsort((rows.subject, rows.rank))
    alone = subprocess.run(
        [sys.executable, "-c", ALONE, str(folder)], capture_output=True, check=True, text=True
    )
    return {
        "applications": size,
        "arcs": len(options.app) + len(options.hub_pool),
        "components": len(plan.summary["components"]),
        "read_s": round(reading, 2),
        "options_s": round(arcs, 2),
        "solve_s": round(solving, 2),
        "floor_s": round(floor(found), 2),
        "one_graph_s": round(together, 2),
        "check_s": round(checking, 2),
        "peak_mb": int(alone.stdout),
        "times_one_graph": round(together / solving, 1),
        "check_of_solve": round(checking / solving, 2),
        "missed": {
            "exact": missed(found, plan.pool >= 0),
            "first come first served": missed(found, in_turn(found, options, by_lot)),
            "down the ranks, nobody moved": missed(found, in_turn(found, options, by_rank)),
        },
    }


def floor(found: Round) -> float:
    """Return the seconds of a solve that are not spent in the flow solver."""
    from scheduler import engines  # noqa: PLC0415 (its table of engines is lent one)

    engine = Free()
    engines.ENGINES["free"] = lambda: engine
    _, seconds = timed(lambda: solve(found, engine="free"))
    del engines.ENGINES["free"]
    return seconds - engine.seconds


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
    parser.add_argument("sizes", type=int, nargs="*", default=[15_000, 60_000])
    parser.add_argument("--library", action="store_true", help="time checker.py too")
    options = parser.parse_args()
    for size in options.sizes:
        with tempfile.TemporaryDirectory() as name:
            print(json.dumps(measure(size, Path(name))), flush=True)
        if options.library:
            with tempfile.TemporaryDirectory() as name:
                seconds = standard_library(size, Path(name))
                print(json.dumps({"applications": size, "checker_py_s": round(seconds, 2)}))


if __name__ == "__main__":
    main()
