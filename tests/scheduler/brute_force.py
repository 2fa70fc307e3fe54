"""The rules of a round by sheer enumeration, written from the specification alone."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

Row = dict[str, Any]
SUBJECTS = ("S1", "S2", "S3R", "S3T")


def mix(x: int) -> int:
    mask = 2**64 - 1
    x = (x + 0x9E3779B97F4A7C15) & mask
    x = ((x ^ x >> 30) * 0xBF58476D1CE4E5B9) & mask
    x = ((x ^ x >> 27) * 0x94D049BB133111EB) & mask
    return x ^ x >> 31


def h(salt: int, i: int, j: int) -> int:
    return mix(mix(salt ^ i) ^ j) >> 32


def ranks(applications: list[Row]) -> dict[str, int]:
    found = {}
    for subject in SUBJECTS:
        mine = [row for row in applications if row["subject"] == subject]
        mine.sort(key=lambda row: (row["prior"] == "", row["tier"], row["key"], row["lot"]))
        found |= {row["application"]: place for place, row in enumerate(mine, start=1)}
    return found


def options(tables: dict[str, list[Row]], costs: dict[str, Any], row: Row) -> dict[str, tuple]:
    """Pool → (move cost, choice cost, order) of one application."""
    sessions = {session["session"]: session for session in tables["sessions"]}
    pools = {pool["pool"]: pool for pool in tables["pools"]}
    wishes = {
        choice["session"]: choice["order"]
        for choice in tables["choices"]
        if choice["application"] == row["application"]
    }
    found = {}
    for name, pool in pools.items():
        session = sessions[pool["session"]]
        if session["subject"] != row["subject"]:
            continue
        if not row["earliest"] <= session["date"] <= row["latest"]:
            continue
        if pool["classes"] != "*" and row["licence_class"] not in pool["classes"].split():
            continue
        if not set(row["needs"].split()) <= set(pool["offers"].split()):
            continue
        ways = []
        if session["session"] in wishes:
            order = wishes[session["session"]]
            ladder = costs["choice_cost"]
            ways.append((ladder[min(order, len(ladder)) - 1], 0, order))
        if row["any_session"] and (not row["area"] or session["site"] in row["area"].split()):
            ways.append((costs["any_session_cost"], 1, 0))
        if not ways:
            continue
        cost, _, order = min(ways)
        if pool["offers"] and not row["needs"]:
            cost += costs["reserve_cost"]
        found[name] = (_move(costs, pools, row, pool), cost, order)
    return found


def _move(costs: dict[str, Any], pools: dict[str, Row], row: Row, pool: Row) -> int:
    if not row["prior"] or row["pinned"]:
        return 0
    if row["prior"] == pool["pool"]:
        return 0
    if pools[row["prior"]]["session"] == pool["session"]:
        return 1
    ladder = costs["move_cost"]
    return 1 + ladder[min(row["tier"], len(ladder) - 1)]


def plans(tables: dict[str, list[Row]], wishes: dict[str, dict], rows: list[Row]) -> Iterator[dict]:
    """Every plan of some applications that keeps the pins and the seats."""
    pools = {pool["pool"]: pool for pool in tables["pools"]}
    room = {session["session"]: session["seats"] for session in tables["sessions"]}
    ways = []
    for row in rows:
        name = row["application"]
        ways.append([row["prior"]] if row["pinned"] else [*wishes[name], None])
    for seats in itertools.product(*ways):
        taken = [seat for seat in seats if seat is not None]
        if any(taken.count(name) > pools[name]["seats"] for name in set(taken)):
            continue
        held = [pools[name]["session"] for name in taken]
        if any(held.count(name) > room[name] for name in set(held)):
            continue
        yield {row["application"]: seat for row, seat in zip(rows, seats, strict=True)}


def solve(tables: dict[str, list[Row]], costs: dict[str, Any], sha256: str) -> dict[str, Any]:
    """Served pools by application, costs, and the least drawn sum of each subject."""
    place = {
        name: {text: at for at, text in enumerate(sorted(row[name] for row in tables[table]))}
        for table, name in (("applications", "application"), ("pools", "pool"))
    }
    salt = int.from_bytes(bytes.fromhex(sha256)[:8], "big")
    rank = ranks(tables["applications"])
    answer: dict[str, Any] = {"pool": {}, "move": 0, "choice": 0}
    for subject in SUBJECTS:
        rows = [row for row in tables["applications"] if row["subject"] == subject]
        rows.sort(key=lambda row: rank[row["application"]])
        wishes = {row["application"]: options(tables, costs, row) for row in rows}

        def value(plan: dict[str, Any], wishes: dict = wishes, rows: list = rows) -> tuple:
            seated = [(name, pool) for name, pool in plan.items() if pool is not None]
            return (
                [plan[row["application"]] is None for row in rows],
                sum(wishes[name][pool][0] for name, pool in seated),
                sum(wishes[name][pool][1] for name, pool in seated),
                sum(h(salt, place["application"][n], place["pool"][p]) for n, p in seated),
            )

        best = min(plans(tables, wishes, rows), key=value)
        answer["pool"] |= best
        answer["move"] += value(best)[1]
        answer["choice"] += value(best)[2]
    return answer
