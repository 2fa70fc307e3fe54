"""What an examiner and a candidate find on their lists."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from exam.booking.models import Booking
from exam.db import db
from exam.errors import NotAllowed
from exam.examday.desk import WHOLE
from exam.examday.models import Attempt, Sitting, SittingState
from exam.people.roles import Actor
from exam.registration.models import Case

AT_WORK = (
    SittingState.DRAWN,
    SittingState.TESTING,
    SittingState.RETAKE_OFFERED,
    SittingState.TO_SIGN,
)


def drawn_for(actor: Actor, day_ids: Sequence[UUID]) -> list[Sitting]:
    """The sittings of these days that were drawn for an examiner, or whose attempt she held."""
    held = sa.select(Attempt.sitting_id).where(Attempt.examiner_id == actor.account_id)
    query = (
        sa.select(Sitting)
        .where(Sitting.exam_day_id.in_(day_ids))
        .where(sa.or_(Sitting.examiner_id == actor.account_id, Sitting.id.in_(held)))
        .options(*WHOLE)
        .order_by(Sitting.state.not_in(AT_WORK), Sitting.drawn_at, Sitting.ticket)
    )
    return list(db.session.scalars(query))


def may_be_absent(day_ids: Sequence[UUID], *, now: datetime) -> list[Sitting]:
    """Who has not come although her session has ended."""
    query = (
        sa.select(Sitting)
        .join(Booking, Booking.id == Sitting.booking_id)
        .where(Sitting.exam_day_id.in_(day_ids), Booking.ends_at <= now)
        .where(Sitting.state == SittingState.EXPECTED)
        .options(*WHOLE)
        .order_by(Sitting.ticket)
    )
    return list(db.session.scalars(query))


def sittings_of_person(actor: Actor) -> list[Sitting]:
    """A candidate's own sittings, the latest first.

    Raises:
        NotAllowed: not a candidate.
    """
    if actor.person_id is None:
        raise NotAllowed
    query = (
        sa.select(Sitting)
        .join(Booking, Booking.id == Sitting.booking_id)
        .join(Case, Case.id == Booking.case_id)
        .where(Case.person_id == actor.person_id)
        .options(*WHOLE)
        .order_by(Booking.starts_at.desc())
    )
    return list(db.session.scalars(query))
