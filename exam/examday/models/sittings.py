"""Sittings and their draws."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Mapped, mapped_column, relationship

from exam.booking.models import Booking
from exam.db import (
    CONSTRAINT_MESSAGES,
    Base,
    Id,
    Instant,
    Json,
    UTCDateTime,
    one_of,
    ref,
)
from exam.examday.models.attempts import Attempt
from exam.examday.models.days import ExamDay
from exam.examday.models.resources import Lane, Terminal, Vehicle
from exam.registration.models import ResultOutcome


class SittingState(StrEnum):
    """Life of a sitting: a booking on the day."""

    EXPECTED = "expected"
    CHECKED_IN = "checked_in"
    CALLED = "called"
    DRAWN = "drawn"
    TESTING = "testing"
    RETAKE_OFFERED = "retake_offered"
    TO_SIGN = "to_sign"
    SIGNED = "signed"
    """Both have signed; the result is recorded."""
    RELEASED = "released"
    """Through no fault of the candidate: the place is given back and nothing is counted."""


OPEN_STATES = frozenset(SittingState) - {SittingState.SIGNED, SittingState.RELEASED}


IN_USE = frozenset({SittingState.DRAWN, SittingState.TESTING})


SITTING_MOVES: dict[SittingState, frozenset[SittingState]] = {
    SittingState.EXPECTED: frozenset(
        {SittingState.CHECKED_IN, SittingState.TO_SIGN, SittingState.RELEASED}
    ),
    SittingState.CHECKED_IN: frozenset(
        {
            SittingState.CALLED,
            SittingState.EXPECTED,
            SittingState.TO_SIGN,
            SittingState.RELEASED,
        }
    ),
    SittingState.CALLED: frozenset(
        {
            SittingState.DRAWN,
            SittingState.CHECKED_IN,
            SittingState.TO_SIGN,
            SittingState.RELEASED,
        }
    ),
    SittingState.DRAWN: frozenset(
        {SittingState.TESTING, SittingState.CALLED, SittingState.TO_SIGN, SittingState.RELEASED}
    ),
    SittingState.TESTING: frozenset(
        {SittingState.RETAKE_OFFERED, SittingState.TO_SIGN, SittingState.RELEASED}
    ),
    SittingState.RETAKE_OFFERED: frozenset(
        {SittingState.CHECKED_IN, SittingState.TO_SIGN, SittingState.RELEASED}
    ),
    SittingState.TO_SIGN: frozenset({SittingState.SIGNED}),
}


class Sitting(Base):
    """One attempt and one retake of a booking, from the door to both signatures (考试)."""

    __tablename__ = "sitting"
    __table_args__ = (
        sa.CheckConstraint("(state = 'signed') = (signed_at IS NOT NULL)", name="signed_has_time"),
        sa.CheckConstraint(
            "state NOT IN ('to_sign','signed','released') OR outcome IS NOT NULL",
            name="to_sign_has_outcome",
        ),
        sa.CheckConstraint(
            "(state = 'released') = (outcome IS NOT DISTINCT FROM 'no_fault')"
            " AND (state = 'released') = (no_fault_reason IS NOT NULL)",
            name="released_is_no_fault_with_a_reason",
        ),
        sa.UniqueConstraint("exam_day_id", "ticket"),
        sa.Index("ix_sitting_day_state", "exam_day_id", "state"),
        sa.Index(
            "uq_sitting_vehicle_in_use",
            "vehicle_id",
            unique=True,
            postgresql_where=sa.text("state IN ('drawn','testing')"),
        ),
        sa.Index(
            "uq_sitting_terminal_in_use",
            "terminal_id",
            unique=True,
            postgresql_where=sa.text("state IN ('drawn','testing')"),
        ),
    )

    id: Mapped[Id]
    exam_day_id: Mapped[UUID] = ref("exam_day.id", index=False)
    booking_id: Mapped[UUID] = ref("booking.id", unique=True, index=False)
    ticket: Mapped[str] = mapped_column(sa.String(8))
    """Called and shown in the hall instead of a name."""
    state: Mapped[SittingState] = one_of(SittingState, "state")
    first_called: Mapped[bool] = mapped_column(default=False)
    """Of a service group: called first. The reason is not kept here."""
    identity_by: Mapped[str | None] = mapped_column(sa.String(16))
    """face or person."""
    identity_account_id: Mapped[UUID | None] = ref("account.id", index=False)
    vision_question_id: Mapped[UUID | None] = ref("vision_question.id", index=False)
    draw_secret: Mapped[str | None] = mapped_column(sa.String(64))
    """Hex; made at check-in, its commitment is shown to the candidate before the draw."""
    candidate_words: Mapped[str | None] = mapped_column(sa.String(100))
    """What the candidate adds to the draw, so that nobody can steer it."""
    checked_in_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    queued_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    called_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    examiner_id: Mapped[UUID | None] = ref("account.id")
    vehicle_id: Mapped[UUID | None] = ref("vehicle.id", index=False)
    terminal_id: Mapped[UUID | None] = ref("terminal.id", index=False)
    lane_id: Mapped[UUID | None] = ref("lane.id", index=False)
    drawn_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    outcome: Mapped[ResultOutcome | None] = one_of(ResultOutcome, "outcome")
    no_fault_reason: Mapped[str | None] = mapped_column(sa.String(64))
    """A coded reason of the pack, where the outcome is no-fault."""
    signed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    day: Mapped[ExamDay] = relationship(lazy="raise")
    booking: Mapped[Booking] = relationship(lazy="raise")
    vehicle: Mapped[Vehicle | None] = relationship(lazy="raise")
    terminal: Mapped[Terminal | None] = relationship(lazy="raise")
    lane: Mapped[Lane | None] = relationship(lazy="raise")
    attempts: Mapped[list["Attempt"]] = relationship(lazy="raise", order_by="Attempt.number")


class Draw(Base):
    """A draw of examiner and vehicle, lane or terminal, with all that is needed to recompute it."""

    __tablename__ = "draw"
    __table_args__ = (
        sa.UniqueConstraint("sitting_id", "attempt_number", "number"),
        sa.CheckConstraint(
            "number = 1 OR (reason IS NOT NULL AND first_account_id IS NOT NULL"
            " AND second_account_id IS NOT NULL AND first_account_id <> second_account_id)",
            name="redraw_has_two_names_and_a_reason",
        ),
    )

    id: Mapped[Id]
    sitting_id: Mapped[UUID] = ref("sitting.id", index=False)
    attempt_number: Mapped[int]
    """1 for the exam, 2 for the retake: each has a draw of its own."""
    number: Mapped[int]
    """1, and from 2 a redraw."""
    record: Mapped[Json]
    """What `scheduler.draw` needs to replay it: options, commitments, contributions, result."""
    drawn_at: Mapped[Instant]
    reason: Mapped[str | None] = mapped_column(sa.String(400))
    first_account_id: Mapped[UUID | None] = ref("account.id", index=False)
    second_account_id: Mapped[UUID | None] = ref("account.id", index=False)


CONSTRAINT_MESSAGES.update(
    {
        "uq_sitting_vehicle_in_use": _(
            "This vehicle has just been taken by another draw. Nothing was changed; draw again."
        ),
        "uq_sitting_terminal_in_use": _(
            "This terminal has just been taken by another draw. Nothing was changed; draw again."
        ),
    }
)
