"""Rounds of a few hundred applications with everything but chains, from a seed."""

from __future__ import annotations

import random
from typing import Any

from tests.scheduler import brute_force as brute
from tests.scheduler.small_rounds import COSTS, Tables, application, choices, pool, session

DAYS = [f"2027-03-{day:02}" for day in range(1, 6)]
COST_SETS: tuple[dict[str, Any], ...] = (
    COSTS,
    COSTS | {"choice_cost": (0, 12, 3), "reserve_cost": 2, "move_cost": (5, 0)},
    COSTS | {"choice_cost": (1000,), "any_session_cost": 0, "reserve_cost": 1000},
)


def crowded(seed: int, people: int = 250) -> tuple[Tables, dict[str, Any]]:
    """Sessions of two subjects at three sites, some without seats; some people told or pinned."""
    pick = random.Random(seed)
    tables: Tables = {"sessions": [], "pools": [], "applications": [], "choices": []}
    for place in range(18):
        name = f"s{place:02}"
        subject = pick.choice(("S1", "S2"))
        tables["sessions"].append(
            session(
                name,
                site=pick.choice(("north", "south", "west")),
                subject=subject,
                date=pick.choice(DAYS),
                seats=pick.choice((0, 3, people // 15, people // 10)),
            )
        )
        tables["pools"] += [
            pool(
                f"{name}-{number}",
                name,
                classes=pick.choice(("*", "C1", "C1 C2", "C2")),
                seats=pick.choice((0, people // 30, people // 20)),
                vehicles=pick.randint(1, 3),
                offers=pick.choice(("", "", "stepfree", "stepfree text")),
            )
            for number in range(pick.randint(1, 3))
        ]
    costs = pick.choice(COST_SETS)
    for place in range(people):
        _applicant(tables, costs, pick, place, told=seed % 2 == 1)
    return tables, costs


def _applicant(
    tables: Tables, costs: dict[str, Any], pick: random.Random, place: int, *, told: bool
) -> None:
    subject = pick.choice(("S1", "S2"))
    sessions = {row["session"]: row for row in tables["sessions"]}
    own = [name for name, row in sessions.items() if row["subject"] == subject]
    seats = [row["pool"] for row in tables["pools"] if row["session"] in own]
    row = application(
        f"a{place:04}",
        pick.randint(0, 50),
        subject=subject,
        licence_class=pick.choice(("C1", "C2")),
        tier=pick.randint(0, 4),
        lot=place,
        any_session=pick.randint(0, 1),
        earliest=pick.choice(DAYS[:3]),
        latest=pick.choice(DAYS[1:]),
        area=pick.choice(("", "north", "north south")),
        needs=pick.choice(("", "", "", "stepfree")),
        prior=pick.choice(("", *seats)) if told and seats else "",
    )
    tables["applications"].append(row)
    names = pick.sample(sorted(sessions), pick.randint(0, 6))
    tables["choices"] += choices(row["application"], *names)
    if row["prior"] and pick.random() < 0.1 and row["prior"] in brute.options(tables, costs, row):
        _pin(tables, row)


def _pin(tables: Tables, row: dict[str, Any]) -> None:
    """Pin somebody where the pinned still fit in."""
    pools = {line["pool"]: line for line in tables["pools"]}
    home = pools[row["prior"]]
    room = next(line for line in tables["sessions"] if line["session"] == home["session"])
    taken = [line["prior"] for line in tables["applications"] if line["pinned"]]
    held = [pools[name]["session"] for name in taken]
    free = taken.count(home["pool"]) < home["seats"] and (
        held.count(home["session"]) < room["seats"]
    )
    row["pinned"] = int(free)
