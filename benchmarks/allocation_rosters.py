"""Measure a week's roster of many examiners: cost, bound, gap and processor seconds of each engine.

    PYTHONPATH=. python benchmarks/allocation_rosters.py 40 120 400 --engine both highs cp-sat

As hard as the reference's: nobody is free every day or may go everywhere, one site a day, two days
at a site, somebody senior where two or more work, duties for 85 % of the hours there are, missing
people as few as possible, loads kept close.
"""

from __future__ import annotations

import argparse
import json
import time
from datetime import datetime, timedelta

import numpy as np

from scheduler.roster import Duty, Rules, Worker, make_roster

MONDAY = datetime(2027, 3, 1, 8)  # noqa: DTZ001 (civil time of the site)
SITES = {40: 6, 120: 10, 400: 25}
RULES = Rules(most_days_at_site=2, spread_load=True, may_be_short=True)


def week(people: int, sites: int, seed: int = 1) -> tuple[list[Worker], list[Duty]]:
    """Return workers and duties of six days with a morning and an afternoon."""
    rng = np.random.default_rng(seed)
    names = [f"site{at:02}" for at in range(sites)]
    days = [(MONDAY + timedelta(at)).date().isoformat() for at in range(6)]
    workers = [
        Worker(
            f"examiner{at:03}",
            frozenset({"examiner"}),
            avoids=frozenset(names[k] for k in np.flatnonzero(rng.random(sites) < 0.12)),
            away=frozenset(days[k] for k in np.flatnonzero(rng.random(6) < 0.12)),
            senior=bool(rng.random() < 0.4),
        )
        for at in range(people)
    ]
    share = rng.dirichlet(np.full(sites * 12, 20))
    counts = rng.multinomial(int(people * 9 * 0.85), share).reshape(sites, 6, 2)
    duties = []
    for (site, day, turn), count in np.ndenumerate(counts):
        start = MONDAY + timedelta(days=day, hours=(0, 5.5)[turn])
        name = f"{names[site]}-{day}{turn}"
        end = start + timedelta(hours=4)
        seniors = int(count >= 2)
        duty = Duty(name, names[site], "examiner", int(count), start, end, seniors=seniors)
        duties.append(duty)
    return workers, duties


def main() -> None:
    """Run the sizes and engines asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", type=int, nargs="*", default=[40, 120])
    parser.add_argument("--engine", nargs="*", default=["both", "highs", "cp-sat"])
    parser.add_argument("--work", type=float, default=60.0)
    parser.add_argument("--gap", type=float, default=0.0)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    for size in asked.sizes:
        workers, duties = week(size, SITES.get(size, max(3, size // 12)), asked.seed)
        for engine in asked.engine:
            begun = time.process_time()
            made = make_roster(
                workers, duties, RULES, engine=engine, work_limit=asked.work, gap=asked.gap
            )
            seconds = round(time.process_time() - begun, 1)
            answer = {
                "examiners": size,
                "engine": engine,
                "seconds": seconds,
                "cost": made.cost,
                "bound": made.bound,
                "gap": round((made.cost - made.bound) / max(made.cost, 1), 4),
                "proven": made.proven,
                "short": sum(made.short.values()),
                "load_spread": made.load_spread,
                "weekend_spread": made.unfairness,
            }
            print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
