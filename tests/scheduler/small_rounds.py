"""Small rounds for tests: rows by hand, rows by Hypothesis, and files of either."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from scheduler.api import Round, build_round, config_source
from scheduler.columns import TABLES

Row = dict[str, Any]
Tables = dict[str, list[Row]]

COSTS = {
    "choice_cost": (0, 1, 2, 4, 6),
    "any_session_cost": 10,
    "reserve_cost": 0,
    "move_cost": (1000, 300, 100, 30),
}


def session(name: str, **more: Any) -> Row:
    return {
        "session": name,
        "site": "north",
        "subject": "S2",
        "date": "2027-03-01",
        "start": "08:00",
        "end": "12:00",
        "seats": 2,
    } | more


def pool(name: str, session: str, **more: Any) -> Row:
    return {
        "pool": name,
        "session": session,
        "classes": "*",
        "seats": 2,
        "vehicles": 1,
        "offers": "",
    } | more


def application(name: str, key: int, **more: Any) -> Row:
    return {
        "application": name,
        "candidate": f"c-{name}",
        "subject": "S2",
        "licence_class": "C1",
        "tier": 3,
        "key": key,
        "lot": 0,
        "any_session": 0,
        "earliest": "2027-03-01",
        "latest": "2027-03-31",
        "partner": "",
        "prior": "",
        "pinned": 0,
        "area": "",
        "needs": "",
    } | more


def choices(name: str, *sessions: str) -> list[Row]:
    return [
        {"application": name, "order": order, "session": at}
        for order, at in enumerate(sessions, start=1)
    ]


def columns(tables: Tables) -> dict[str, dict[str, list[Any]]]:
    return {
        name: {column.name: [row[column.name] for row in tables[name]] for column in declared}
        for name, declared in TABLES.items()
    }


def build(tables: Tables, costs: dict[str, Any] = COSTS) -> Round:
    return build_round(config_source(**costs), columns(tables))


def write(tables: Tables, folder: Path, costs: dict[str, Any] = COSTS) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "round.toml").write_bytes(config_source(**costs))
    for name, declared in TABLES.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow([column.name for column in declared])
            writer.writerows([row[column.name] for column in declared] for row in tables[name])
    return folder


DATES = ("2027-03-01", "2027-03-02")


@st.composite
def tiny(draw: st.DrawFn, *, told: bool = True, needs: bool = True) -> tuple[Tables, dict]:
    """A round small enough to enumerate, with every rule in play but chains."""
    pick = draw(st.randoms(use_true_random=False))
    tables: Tables = {"sessions": [], "pools": [], "applications": [], "choices": []}
    for place in range(pick.randint(1, 4)):
        name = f"s{place}"
        tables["sessions"].append(
            session(
                name,
                subject=pick.choice(("S2", "S2", "S3T")),
                site=pick.choice(("north", "south")),
                date=pick.choice(DATES),
                seats=pick.randint(0, 3),
            )
        )
        tables["pools"] += [
            pool(
                f"{name}-p{number}",
                name,
                classes=pick.choice(("*", "C1", "C1 C2", "C2")),
                seats=pick.randint(0, 2),
                vehicles=pick.randint(1, 2),
                offers=pick.choice(("", "", "stepfree", "stepfree text")) if needs else "",
            )
            for number in range(pick.randint(1, 2))
        ]
    for place in range(pick.randint(0, 6)):
        _applicant(tables, pick, f"a{pick.randint(0, 9)}{place}", place, told=told, needs=needs)
    costs = dict(COSTS)
    if pick.random() < 0.5:
        costs |= {"choice_cost": (0, 12, 3), "reserve_cost": 2, "move_cost": (5, 0)}
    if told:
        _pin(tables, costs, pick)
    return tables, costs


def _applicant(
    tables: Tables, pick: Any, name: str, place: int, *, told: bool, needs: bool
) -> None:
    subject = pick.choice(("S2", "S2", "S2", "S3T"))
    subjects = {row["session"]: row["subject"] for row in tables["sessions"]}
    seats = [row["pool"] for row in tables["pools"] if subjects[row["session"]] == subject]
    row = application(
        name,
        pick.randint(0, 3),
        subject=subject,
        licence_class=pick.choice(("C1", "C2")),
        tier=pick.randint(0, 4),
        lot=place,
        any_session=pick.randint(0, 1),
        earliest=pick.choice((DATES[0], *DATES)),
        latest=pick.choice((DATES[1], *DATES)),
        area=pick.choice(("", "north", "south north")),
        needs=pick.choice(("", "", "stepfree", "text")) if needs else "",
        prior=pick.choice(("", *seats)) if told else "",
    )
    tables["applications"].append(row)
    names = [row["session"] for row in tables["sessions"]]
    tables["choices"] += choices(name, *pick.sample(names, pick.randint(0, len(names))))


def _pin(tables: Tables, costs: dict[str, Any], pick: Any) -> None:
    from tests.scheduler import brute_force as brute  # the two files know each other

    for row in tables["applications"]:
        if not row["prior"] or pick.random() < 0.6:
            continue
        if row["prior"] not in brute.options(tables, costs, row):
            continue
        row["pinned"] = 1
        at = {line["pool"]: line for line in tables["pools"]}
        taken = [line["prior"] for line in tables["applications"] if line["pinned"]]
        held = [at[name]["session"] for name in taken]
        room = {line["session"]: line["seats"] for line in tables["sessions"]}
        home = at[row["prior"]]
        if taken.count(home["pool"]) > home["seats"] or (
            held.count(home["session"]) > room[home["session"]]
        ):
            row["pinned"] = 0
