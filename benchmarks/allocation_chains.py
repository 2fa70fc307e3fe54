"""Measure rounds with chains: processor seconds, programmes, flows, proven or not, and ratios.

    PYTHONPATH=. python benchmarks/allocation_chains.py 15000 0.10 [--seed N]

The same people without their chains are solved in the same run: the ratio says what chains cost.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from typing import Any

from allocation_chain_rounds import make_chained

from scheduler.api import build_round, check, config_source, solve
from scheduler.chain_network import Network
from scheduler.programmes import Programme


class Meter:
    """Counts the calls of a method and their processor seconds."""

    def __init__(self, owner: Any, name: str) -> None:
        self.calls, self.seconds = 0, 0.0
        inner: Callable[..., Any] = getattr(owner, name)

        def counted(*arguments: Any, **named: Any) -> Any:
            begun = time.process_time()
            found = inner(*arguments, **named)
            self.calls += 1
            self.seconds += time.process_time() - begun
            return found

        setattr(owner, name, counted)


def measure(size: int, share: float, seed: int) -> dict[str, Any]:
    """Solve one round with its chains and without."""
    programmes, flows = Meter(Programme, "run"), Meter(Network, "bound")
    tables = make_chained(size, share, seed)
    found = build_round(config_source(), tables)
    begun = time.process_time()
    plan = solve(found)
    seconds = time.process_time() - begun
    if findings := check(found, plan):
        raise SystemExit(f"the plan does not hold: {findings[0]}")
    rows = tables["applications"]
    at = rows.column_names.index("partner")
    alone = rows.set_column(at, "partner", [[""] * len(rows)])
    # Two applications of one candidate have to be partners, so that each gets one of his own.
    alone = alone.set_column(rows.column_names.index("candidate"), "candidate", rows["application"])
    single = build_round(config_source(), tables | {"applications": alone})
    begun = time.process_time()
    without = solve(single)
    base = time.process_time() - begun
    return {
        "applications": size,
        "share": share,
        "seed": seed,
        "pairs": sum(part["chains"] for part in plan.summary["components"]),
        "seconds": round(seconds, 2),
        "programmes": programmes.calls,
        "programmes_s": round(programmes.seconds, 2),
        "bounds": flows.calls,
        "bounds_s": round(flows.seconds, 2),
        "proven": all(part["proven"] for part in plan.summary["components"]),
        "open": [part["open"] for part in plan.summary["components"] if part["open"]],
        "refused": plan.summary["refused"],
        "choice_cost": plan.summary["choice_cost"],
        "without_chains_s": round(base, 2),
        "times_without_chains": round(seconds / base, 1),
        "choice_cost_without": without.summary["choice_cost"],
    }


def main() -> None:
    """Measure one size and share."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("size", type=int)
    parser.add_argument("share", type=float)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    print(json.dumps(measure(asked.size, asked.share, asked.seed)))


if __name__ == "__main__":
    main()
