"""Measure a week's roster of many examiners: seconds, proof, spread of weekends.

PYTHONPATH=. python benchmarks/allocation_rosters.py 40 120
"""

from __future__ import annotations

import argparse
import json
import time
from datetime import datetime, timedelta

import numpy as np

from scheduler.roster import Duty, Rules, Worker, make_roster

MONDAY = datetime(2027, 3, 1, 8)  # noqa: DTZ001 (civil time of the site)


def week(people: int, sites: int, seed: int = 1) -> tuple[list[Worker], list[Duty]]:
    """Return workers and duties; duties take about two thirds of the working hours there are."""
    rng = np.random.default_rng(seed)
    names = [f"site{at:02}" for at in range(sites)]
    days = [(MONDAY + timedelta(at)).date().isoformat() for at in range(6)]
    workers = [
        Worker(
            f"examiner{at:03}",
            frozenset({"examiner"}),
            avoids=frozenset(names[k] for k in np.flatnonzero(rng.random(sites) < 0.12)),
            away=frozenset(days[k] for k in np.flatnonzero(rng.random(6) < 0.12)),
        )
        for at in range(people)
    ]
    share = rng.dirichlet(np.full(sites * 12, 20))
    counts = rng.multinomial(round(people * 6), share).reshape(sites, 6, 2)
    duties = []
    for (site, day, turn), count in np.ndenumerate(counts):
        start = MONDAY + timedelta(days=day, hours=(0, 5.5)[turn])
        name = f"{names[site]}-{day}{turn}"
        duties.append(
            Duty(name, names[site], "examiner", int(count), start, start + timedelta(hours=4))
        )
    return workers, duties


def main() -> None:
    """Run the sizes asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", type=int, nargs="*", default=[40, 120])
    for size in parser.parse_args().sizes:
        workers, duties = week(size, max(3, size // 12))
        begun = time.process_time()
        made = make_roster(workers, duties, Rules(most_days_at_site=2))
        seconds = round(time.process_time() - begun, 1)
        answer = {"examiners": size, "seconds": seconds, "proven": made.proven}
        print(json.dumps(answer | {"unfairness": made.unfairness, "conflict": made.conflict[:3]}))


if __name__ == "__main__":
    main()
