"""A replanning's rows as the round format has them, before the engine makes it anonymous."""

from collections.abc import Sequence
from dataclasses import dataclass

from exam.booking.models import Session
from exam.booking.round_tables import pool_row, session_row
from exam.replanning.asking_people import Asked
from exam.replanning.rules import Row


@dataclass(frozen=True)
class Caps:
    """Seats that a replanning may give, by code."""

    sessions: dict[str, int]
    pools: dict[str, int]


def rows_of(
    sessions: Sequence[Session], caps: Caps, people: Sequence[Asked]
) -> dict[str, list[Row]]:
    """The four tables, row by row.

    Args:
        sessions: with site and pools loaded.
        caps: the seats of the event.
        people: who holds a seat or asks for one by the green channel.
    """
    return {
        "sessions": [session_row(x, caps.sessions[x.code]) for x in sessions],
        "pools": [pool_row(x, y, caps.pools[y.code]) for x in sessions for y in x.pools],
        "applications": [_application_row(x) for x in people],
        "choices": [
            {"application": str(x.key), "order": order, "session": code}
            for x in people
            for order, code in enumerate(x.choices, start=1)
        ],
    }


def _application_row(one: Asked) -> Row:
    return {
        "application": str(one.key),
        "candidate": str(one.person_id),
        "subject": one.subject.value,
        "licence_class": one.licence_class.value,
        "tier": one.tier,
        "key": one.sorting,
        "lot": one.lot,
        "any_session": int(one.any_session),
        "earliest": one.days[0].isoformat(),
        "latest": one.days[1].isoformat(),
        "partner": "",
        "prior": one.prior.code if one.prior else "",
        "pinned": 0,
        "area": " ".join(one.area),
        "needs": " ".join(sorted(one.needs)),
    }
