"""Bookings, and the one priority use of a subject."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from exam.booking.models.plans import Pool, Session
from exam.db import (
    CONSTRAINT_MESSAGES,
    Base,
    Id,
    Instant,
    UTCDateTime,
    one_of,
    ref,
)
from exam.policy.subjects import Subject
from exam.registration.models import Case


class BookingState(StrEnum):
    """Life of a booking."""

    BOOKED = "booked"
    CANCELLED = "cancelled"
    """By the candidate."""
    RELEASED = "released"
    """By the office, through no fault of hers."""
    USED = "used"
    """The sitting has its signed result."""


BOOKING_MOVES: dict[BookingState, frozenset[BookingState]] = {
    BookingState.BOOKED: frozenset(
        {BookingState.CANCELLED, BookingState.RELEASED, BookingState.USED}
    ),
}


class Booking(Base):
    """A named place; it cannot be renamed or passed on: nothing here updates `case_id`."""

    __tablename__ = "booking"
    __table_args__ = (
        sa.Index(
            "uq_booking_live_seat",
            "seat_id",
            unique=True,
            postgresql_where=sa.text("state IN ('booked','used')"),
        ),
        sa.Index(
            "uq_booking_live_subject",
            "case_id",
            "subject",
            unique=True,
            postgresql_where=sa.text("state = 'booked'"),
        ),
        ExcludeConstraint(
            (sa.text("int8range(person_number, person_number, '[]')"), "&&"),
            (sa.text("tstzrange(starts_at, ends_at)"), "&&"),
            name="ex_booking_one_place_at_a_time",
            using="gist",
            where=sa.text("state = 'booked'"),
        ),
        sa.CheckConstraint("NOT displaced OR state = 'released'", name="displaced_is_released"),
    )

    id: Mapped[Id]
    reference: Mapped[str] = mapped_column(sa.String(16), unique=True)
    office_id: Mapped[UUID] = ref("office.id")
    case_id: Mapped[UUID] = ref("case.id", index=False)
    person_number: Mapped[int] = mapped_column(sa.BigInteger)
    subject: Mapped[Subject] = one_of(Subject, "subject")
    session_id: Mapped[UUID] = ref("session.id")
    pool_id: Mapped[UUID] = ref("pool.id")
    seat_id: Mapped[UUID] = ref("seat.id", index=False)
    application_id: Mapped[UUID | None] = ref("application.id")
    starts_at: Mapped[Instant]
    ends_at: Mapped[Instant]
    state: Mapped[BookingState] = one_of(BookingState, "state")
    created_at: Mapped[Instant]
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    displaced: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    """Taken back by an event without another seat: the next round serves her before others."""

    case: Mapped[Case] = relationship(lazy="raise")
    session: Mapped[Session] = relationship(lazy="raise")
    pool: Mapped[Pool] = relationship(lazy="raise")


class PriorityCredit(Base):
    """The one priority use per case and subject; given back by its date, never deleted."""

    __tablename__ = "priority_credit"
    __table_args__ = (
        sa.Index(
            "uq_priority_credit_live",
            "case_id",
            "subject",
            unique=True,
            postgresql_where=sa.text("returned_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    case_id: Mapped[UUID] = ref("case.id", index=False)
    subject: Mapped[Subject] = one_of(Subject, "subject")
    application_id: Mapped[UUID] = ref("application.id")
    used_at: Mapped[Instant]
    returned_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


CONSTRAINT_MESSAGES.update(
    {
        "uq_booking_live_seat": _("This place has just been taken. Nothing was changed."),
        "uq_booking_live_subject": _("There is already a booking for this subject."),
        "ex_booking_one_place_at_a_time": _("Another booking of the same person is at that time."),
    }
)
