"""A round's columns as the round format has them, before the engine makes it anonymous."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from exam.booking.models import Application, Pool, Session
from exam.booking.rules import ALL_CLASSES, Days
from exam.policy.ranking import Standing

NO_CLASS = "none"
"""For a pool of a site that lost its authorisation: a list of classes may not be empty."""

Columns = dict[str, list[Any]]


@dataclass
class FrozenApplication:
    """An application with all that the round knows of it; ``rank`` is filled last."""

    application: Application
    days: Days
    needs: frozenset[str]
    standing: Standing
    key: int
    """Seconds since 1970."""
    lot: int
    rank: int = 0


def tables_of(
    sessions: Sequence[Session], taken: Mapping[UUID, int], frozen: Sequence[FrozenApplication]
) -> dict[str, Columns]:
    """The four tables, column by column.

    Args:
        sessions: with site and pools loaded.
        taken: seats that earlier bookings hold, by pool.
        frozen: applications with their choices and cases loaded.
    """
    codes = {x.id: x.code for x in sessions}
    choices = [
        {
            "application": str(x.application.id),
            "order": choice.position,
            "session": codes[choice.session_id],
        }
        for x in frozen
        for choice in x.application.choices
    ]
    return {
        "sessions": _columns([_session_row(x, taken) for x in sessions]),
        "pools": _columns([row for x in sessions for row in _pool_rows(x, taken)]),
        "applications": _columns([_application_row(x) for x in frozen]),
        "choices": _columns(choices),
    }


def _columns(rows: Sequence[Mapping[str, Any]]) -> Columns:
    return {name: [row[name] for row in rows] for name in rows[0]} if rows else {}


def session_row(session: Session, seats: int) -> dict[str, Any]:
    """A session as the format has it, with the seats that are to give."""
    zone = ZoneInfo(session.site.time_zone)
    return {
        "session": session.code,
        "site": session.site.code,
        "subject": session.subject.value,
        "date": session.date.isoformat(),
        "start": f"{session.starts_at.astimezone(zone):%H:%M}",
        "end": f"{session.ends_at.astimezone(zone):%H:%M}",
        "seats": seats,
    }


def pool_row(session: Session, pool: Pool, seats: int) -> dict[str, Any]:
    """A pool as the format has it, with the seats that are to give."""
    return {
        "pool": pool.code,
        "session": session.code,
        "classes": _classes(pool.classes),
        "seats": seats,
        "vehicles": pool.vehicles,
        "offers": " ".join(sorted(pool.offers)),
    }


def _session_row(session: Session, taken: Mapping[UUID, int]) -> dict[str, Any]:
    used = sum(taken.get(pool.id, 0) for pool in session.pools)
    lost = session.cancelled_at is not None
    return session_row(session, 0 if lost else max(0, session.seats - used))


def _pool_rows(session: Session, taken: Mapping[UUID, int]) -> list[dict[str, Any]]:
    lost = session.cancelled_at is not None
    return [
        pool_row(session, pool, 0 if lost else max(0, pool.seats - taken.get(pool.id, 0)))
        for pool in session.pools
    ]


def _classes(classes: Sequence[str]) -> str:
    if ALL_CLASSES in classes:
        return ALL_CLASSES
    return " ".join(sorted(classes)) or NO_CLASS


def _application_row(one: FrozenApplication) -> dict[str, Any]:
    wish = one.application
    return {
        "application": str(wish.id),
        "candidate": str(wish.case.person_id),
        "subject": wish.subject.value,
        "licence_class": wish.licence_class.value,
        "tier": one.standing.tier,
        "key": one.key,
        "lot": one.lot,
        "any_session": int(wish.any_session),
        "earliest": one.days[0].isoformat(),
        "latest": one.days[1].isoformat(),
        "partner": "",
        "prior": "",
        "pinned": 0,
        "area": " ".join(wish.area),
        "needs": " ".join(sorted(one.needs)),
    }
