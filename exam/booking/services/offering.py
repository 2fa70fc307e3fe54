"""The sessions of a round: what is offered, how much is left, how many ask."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from exam.booking.models import (
    Application,
    ApplicationState,
    Booking,
    BookingState,
    Choice,
    Round,
    Session,
)
from exam.booking.rules import Offered
from exam.db import db
from exam.policy.subjects import Subject

TAKEN = (BookingState.BOOKED, BookingState.USED)


def sessions_of(found: Round, *, subject: Subject | None = None) -> list[Session]:
    """The sessions that a round gives out, by time, with site and pools."""
    query = (
        sa.select(Session)
        .where(
            Session.plan_id == found.plan_id,
            Session.date.between(found.first_day, found.last_day),
        )
        .options(selectinload(Session.site), selectinload(Session.pools))
        .order_by(Session.starts_at, Session.code)
    )
    if subject is not None:
        query = query.where(Session.subject == subject)
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def offered(sessions: Collection[Session]) -> dict[UUID, Offered]:
    """What the rules of applying need of sessions that still take place."""
    return {
        one.id: Offered(
            id=one.id,
            site=one.site.code,
            subject=one.subject,
            date=one.date,
            pools=tuple((frozenset(pool.classes), frozenset(pool.offers)) for pool in one.pools),
        )
        for one in sessions
        if one.cancelled_at is None
    }


def taken_by_pool(sessions: Collection[Session]) -> dict[UUID, int]:
    """Seats that bookings hold, by pool."""
    rows = sa.select(Booking.pool_id, sa.func.count()).where(
        Booking.session_id.in_([x.id for x in sessions]), Booking.state.in_(TAKEN)
    )
    return dict(db.session.execute(rows.group_by(Booking.pool_id)).all())


@dataclass(frozen=True)
class Room:
    """Seats of a session and how many are still to give."""

    seats: int
    left: int


def room_of(session: Session, taken: dict[UUID, int]) -> Room:
    """What is left of a session, its own cap and its pools' together."""
    if session.cancelled_at is not None:
        return Room(session.seats, 0)
    used = sum(taken.get(pool.id, 0) for pool in session.pools)
    pools = sum(max(0, pool.seats - taken.get(pool.id, 0)) for pool in session.pools)
    return Room(session.seats, max(0, min(session.seats - used, pools)))


def applied_by_session(found: Round) -> dict[UUID, int]:
    """How many live applications name each session."""
    rows = (
        sa.select(Choice.session_id, sa.func.count())
        .join(Application, Application.id == Choice.application_id)
        .where(
            Application.round_id == found.id,
            Application.state != ApplicationState.WITHDRAWN,
        )
        .group_by(Choice.session_id)
    )
    return dict(db.session.execute(rows).all())


def asking_by_subject(found: Round) -> dict[Subject, int]:
    """How many live applications each subject has."""
    rows = (
        sa.select(Application.subject, sa.func.count())
        .where(
            Application.round_id == found.id,
            Application.state != ApplicationState.WITHDRAWN,
        )
        .group_by(Application.subject)
    )
    return {Subject(key): count for key, count in db.session.execute(rows)}
