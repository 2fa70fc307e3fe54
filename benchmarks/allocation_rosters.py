"""Measure a week's roster of many examiners: cost, bound, gap and processor seconds.

    PYTHONPATH=. python benchmarks/allocation_rosters.py
    PYTHONPATH=. python benchmarks/allocation_rosters.py 120 --shapes all --seeds 1
    PYTHONPATH=. python benchmarks/allocation_rosters.py 40 --engine both highs cp-sat
    PYTHONPATH=. python benchmarks/allocation_rosters.py 400 --shapes tight --complete

As hard as the reference's: nobody is free every day or may go everywhere, one site a day, two days
at a site, somebody senior where two or more work, duties for 85 % of the hours there are, missing
people as few as possible, loads kept close. Other shapes stand in `allocation_roster_weeks.py`.
With `--complete` nobody may be missing: where that cannot be, the conflict is told by its size, and
whether it is proven that no rule of it can be left out. Without arguments: 40, 120 and 400 people
with five seeds each. Each line has the share of the limit (a minute to prove up to 120 people,
three for 1 % beyond); the last lines sum up by size.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections import Counter
from dataclasses import replace

from allocation_roster_weeks import SHAPES, week

from scheduler.roster import Rules, make_roster

RULES = Rules(most_days_at_site=2, spread_load=True, may_be_short=True)
#: Up to so many examiners a roster is to be proven within a minute; beyond, within 1 % in three.
PROVEN_UP_TO, MINUTE, THREE = 120, 60.0, 180.0


def measure(
    size: int, seed: int, shape: str, asked: argparse.Namespace, engine: str
) -> dict[str, object]:
    """Return what one roster costs, how sure that is, and how long it took."""
    workers, duties = week(size, seed, shape)
    workers = [replace(worker, most_minutes=asked.hours * 60) for worker in workers]
    rules = replace(RULES, may_be_short=not asked.complete)
    begun = time.process_time()
    made = make_roster(workers, duties, rules, engine=engine, work_limit=asked.work, gap=asked.gap)
    seconds = time.process_time() - begun
    return {
        "examiners": size,
        "shape": shape,
        "seed": seed,
        "engine": engine,
        "seconds": round(seconds, 1),
        "of_limit": round(seconds / (MINUTE if size <= PROVEN_UP_TO else THREE), 3),
        "cost": made.cost,
        "bound": made.bound,
        "counted": made.counted,
        "gap": round((made.cost - made.bound) / max(made.cost, 1), 4),
        "proven": made.proven,
        "short": sum(made.short.values()),
        "load_spread": made.load_spread,
        "weekend_spread": made.unfairness,
        "conflict": Counter(rule.code.name.lower() for rule in made.conflict),
        "smallest": made.smallest,
    }


def main() -> None:
    """Run the sizes, shapes, seeds and engines asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", type=int, nargs="*", default=[40, 120, 400])
    parser.add_argument("--engine", nargs="*", default=["both"])
    parser.add_argument("--work", type=float, default=60.0)
    parser.add_argument("--gap", type=float, default=0.0)
    parser.add_argument("--seeds", type=int, nargs="*", default=[1, 2, 3, 4, 5])
    parser.add_argument("--shapes", nargs="*", default=["usual"], help=f"all, {', '.join(SHAPES)}")
    parser.add_argument("--complete", action="store_true", help="nobody may be missing")
    parser.add_argument("--hours", type=int, default=40, help="most hours of a week")
    asked = parser.parse_args()
    shapes = [*SHAPES] if asked.shapes == ["all"] else asked.shapes
    lines = []
    for size in asked.sizes:
        for shape in shapes:
            for seed in asked.seeds:
                for engine in asked.engine:
                    lines.append(measure(size, seed, shape, asked, engine))
                    print(json.dumps(lines[-1]), flush=True)
    for size in asked.sizes:
        for engine in asked.engine:
            mine = [one for one in lines if (one["examiners"], one["engine"]) == (size, engine)]
            summary = {
                "examiners": size,
                "engine": engine,
                "rosters": len(mine),
                "proven": sum(bool(one["proven"]) for one in mine),
                "counted": sum(one["counted"] == one["cost"] for one in mine),
                "largest_gap": max(one["gap"] for one in mine),
                "median_seconds": sorted(one["seconds"] for one in mine)[len(mine) // 2],
                "most_seconds": max(one["seconds"] for one in mine),
                "most_of_limit": max(one["of_limit"] for one in mine),
                "peak_mb_of_all": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            }
            print(json.dumps(summary), flush=True)


if __name__ == "__main__":
    main()
