"""Rules of replanning. Pure: plain values in, plain values out."""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from exam.policy.pack import Pack

Days = tuple[date, date]
"""First and last day, both inclusive."""
Row = Mapping[str, Any]
Tables = Mapping[str, Sequence[Row]]
ONE_DAY = timedelta(days=1)


def movable_from(today: date, pack: Pack) -> date:
    """The first day to which anybody may be moved: she has to hear of it in time."""
    return today + timedelta(days=pack.integer("replan.notice_days"))


def days_around(own: date, allowed: Days, *, first_move: date, busy: Iterable[Days]) -> Days:
    """The days on which somebody who holds a seat may sit instead.

    Her own day is always among them. Days before `first_move` are not, and neither is anything
    beyond a day on which she may be due elsewhere, since a window has no holes.

    Args:
        own: the day of the seat she holds.
        allowed: what her wish and the law leave her.
        first_move: the first day to which anybody may be moved.
        busy: days of her other bookings and applications.
    """
    first, last = min(own, max(allowed[0], first_move)), max(own, allowed[1])
    for start, end in busy:
        if start <= own <= end:
            return own, own
        if end < own:
            first = max(first, end + ONE_DAY)
        else:
            last = min(last, start - ONE_DAY)
    return first, last


def seats_without_vehicles(seats: int, vehicles: int, out: int) -> int:
    """What a pool still gives out: every vehicle drives as many turns as before.

    Args:
        seats: of the pool.
        vehicles: of the pool; terminals, too, may be counted so.
        out: how many of them are out.
    """
    left = max(0, vehicles - out)
    turns = -(-seats // vehicles) if vehicles else 0
    return min(seats, left * turns)


def seats_without_examiners(seats: int, examiners: int, away: int) -> int:
    """What a session still gives out: every examiner holds as many as before, rounded down."""
    if examiners <= 0:
        return seats
    return seats * max(0, examiners - away) // examiners


def touched_part(tables: Tables, sessions: Collection[str]) -> dict[str, list[Row]]:
    """The rows that belong to some sessions: their pools, who sits there, who comes anew."""
    kept = set(sessions)
    rows = {"sessions": [x for x in tables["sessions"] if x["session"] in kept]}
    rows["pools"] = [x for x in tables["pools"] if x["session"] in kept]
    pools = {x["pool"] for x in rows["pools"]} | {""}
    rows["applications"] = [x for x in tables["applications"] if x["prior"] in pools]
    people = {x["application"] for x in rows["applications"]}
    rows["choices"] = [x for x in tables["choices"] if x["application"] in people]
    return rows


def fingerprint(tables: Tables, sessions: Collection[str]) -> str:
    """SHA-256 over all that a draft stands on; another one means that it is stale.

    Args:
        tables: the rows of the whole round as they are now.
        sessions: those that the draft decides.
    """
    rows = touched_part(tables, sessions)
    ordered = {name: sorted(map(_line, part)) for name, part in rows.items()}
    return hashlib.sha256(json.dumps(ordered, sort_keys=True).encode()).hexdigest()


def _line(row: Row) -> str:
    return json.dumps(dict(row), sort_keys=True)
