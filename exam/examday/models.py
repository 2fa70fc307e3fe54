"""The exam day: resources, sittings, draws, attempts, deductions, signatures."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Mapped, mapped_column, relationship

from exam.booking.models import Booking
from exam.db import (
    CONSTRAINT_MESSAGES,
    Base,
    Code,
    Id,
    Instant,
    Json,
    Name,
    Texts,
    UTCDateTime,
    one_of,
    ref,
)
from exam.people.models import Site
from exam.people.roles import Role
from exam.policy.subjects import Subject
from exam.registration.models import ResultOutcome


class Vehicle(Base):
    """An exam vehicle (考试车)."""

    __tablename__ = "vehicle"
    __table_args__ = (sa.UniqueConstraint("site_id", "code"),)

    id: Mapped[Id]
    site_id: Mapped[UUID] = ref("site.id", index=False)
    code: Mapped[Code]
    kind: Mapped[Code]
    """Matches `pool.kind`."""
    subject: Mapped[Subject] = one_of(Subject, "subject")
    out_since: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Room(Base):
    """An exam room (考室)."""

    __tablename__ = "room"
    __table_args__ = (sa.UniqueConstraint("site_id", "code"),)

    id: Mapped[Id]
    site_id: Mapped[UUID] = ref("site.id", index=False)
    code: Mapped[Code]
    name_zh: Mapped[Name]
    name_en: Mapped[Name]


class Terminal(Base):
    """A theory terminal (考试终端) in a room."""

    __tablename__ = "terminal"
    __table_args__ = (sa.UniqueConstraint("room_id", "code"),)

    id: Mapped[Id]
    room_id: Mapped[UUID] = ref("room.id", index=False)
    code: Mapped[Code]
    out_since: Mapped[datetime | None] = mapped_column(UTCDateTime)

    room: Mapped[Room] = relationship(lazy="joined")


class Lane(Base):
    """A lane of the field (S2) or an approved route on the road (S3R)."""

    __tablename__ = "lane"
    __table_args__ = (sa.UniqueConstraint("site_id", "code"),)

    id: Mapped[Id]
    site_id: Mapped[UUID] = ref("site.id", index=False)
    subject: Mapped[Subject] = one_of(Subject, "subject")
    code: Mapped[Code]
    name_zh: Mapped[Name]
    name_en: Mapped[Name]


class Duty(Base):
    """Who serves in which role at a site on a day; with qualification by class where it matters."""

    __tablename__ = "duty"
    __table_args__ = (sa.UniqueConstraint("account_id", "date", "role"),)

    id: Mapped[Id]
    site_id: Mapped[UUID] = ref("site.id")
    account_id: Mapped[UUID] = ref("account.id", index=False)
    date: Mapped[date]
    role: Mapped[Role] = one_of(Role, "role")
    subjects: Mapped[Texts]
    classes: Mapped[Texts]


class DayState(StrEnum):
    """Life of an exam day at a site."""

    PREPARING = "preparing"
    OPEN = "open"
    CLOSED = "closed"


DAY_MOVES: dict[DayState, frozenset[DayState]] = {
    DayState.PREPARING: frozenset({DayState.OPEN}),
    DayState.OPEN: frozenset({DayState.CLOSED}),
}


class ExamDay(Base):
    """One site, one date: opened after its checklist, closed when nobody is left."""

    __tablename__ = "exam_day"
    __table_args__ = (
        sa.UniqueConstraint("site_id", "date"),
        sa.CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed_has_time"),
    )

    id: Mapped[Id]
    site_id: Mapped[UUID] = ref("site.id", index=False)
    date: Mapped[date]
    state: Mapped[DayState] = one_of(DayState, "state")
    checklist: Mapped[Json] = mapped_column(default=dict)
    opened_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    opened_by: Mapped[UUID | None] = ref("account.id", index=False)
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    closed_by: Mapped[UUID | None] = ref("account.id", index=False)

    site: Mapped[Site] = relationship(lazy="raise")


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


class Attempt(Base):
    """The exam (1) or the retake (2) of a sitting."""

    __tablename__ = "attempt"
    __table_args__ = (
        sa.UniqueConstraint("sitting_id", "number"),
        sa.CheckConstraint("number IN (1, 2)", name="one_exam_one_retake"),
        sa.CheckConstraint("(ended_at IS NULL) = (outcome IS NULL)", name="ended_has_outcome"),
        sa.CheckConstraint(
            "points IS NULL OR points BETWEEN 0 AND 100", name="points_on_the_scale"
        ),
    )

    id: Mapped[Id]
    sitting_id: Mapped[UUID] = ref("sitting.id", index=False)
    number: Mapped[int]
    examiner_id: Mapped[UUID] = ref("account.id", index=False)
    vehicle_id: Mapped[UUID | None] = ref("vehicle.id")
    terminal_id: Mapped[UUID | None] = ref("terminal.id")
    lane_id: Mapped[UUID | None] = ref("lane.id", index=False)
    opened_at: Mapped[Instant]
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    outcome: Mapped[ResultOutcome | None] = one_of(ResultOutcome, "outcome")
    points: Mapped[int | None]
    standard_edition: Mapped[Code]
    no_fault_reason: Mapped[str | None] = mapped_column(sa.String(64))
    """A coded reason of the pack, where the outcome is no-fault."""

    deductions: Mapped[list["Deduction"]] = relationship(
        lazy="raise", order_by="Deduction.noted_at"
    )


class DeductionSource(StrEnum):
    """Who noted it."""

    EXAMINER = "examiner"
    AUTOMATIC = "automatic"


class Deduction(Base):
    """A coded deduction of an edition; points are copied, so that the sheet never changes."""

    __tablename__ = "deduction"
    __table_args__ = (sa.CheckConstraint("points BETWEEN 1 AND 100", name="points_on_the_scale"),)

    id: Mapped[Id]
    attempt_id: Mapped[UUID] = ref("attempt.id")
    edition: Mapped[Code]
    code: Mapped[Code]
    points: Mapped[int]
    source: Mapped[DeductionSource] = one_of(DeductionSource, "source")
    account_id: Mapped[UUID | None] = ref("account.id", index=False)
    noted_at: Mapped[Instant]
    withdrawn_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """Taken back before the attempt ended; it stays readable and costs nothing."""


class SignatureRole(StrEnum):
    """Which of the two signatures."""

    EXAMINER = "examiner"
    CANDIDATE = "candidate"


class Signature(Base):
    """A signature under the result; a duty leader notes a refusal in the candidate's place."""

    __tablename__ = "signature"
    __table_args__ = (
        sa.UniqueConstraint("sitting_id", "role"),
        sa.UniqueConstraint("sitting_id", "account_id"),
        sa.CheckConstraint(
            "refusal_reason IS NULL OR role = 'candidate'", name="only_candidates_refuse"
        ),
    )

    id: Mapped[Id]
    sitting_id: Mapped[UUID] = ref("sitting.id", index=False)
    role: Mapped[SignatureRole] = one_of(SignatureRole, "role")
    account_id: Mapped[UUID] = ref("account.id", index=False)
    signed_at: Mapped[Instant]
    sheet_sha256: Mapped[str] = mapped_column(sa.String(64))
    """What was signed: hash over the canonical score sheet."""
    refusal_reason: Mapped[str | None] = mapped_column(sa.String(400))


class Incident(Base):
    """Something that happened: medical, dispute, equipment, accident."""

    __tablename__ = "incident"

    id: Mapped[Id]
    exam_day_id: Mapped[UUID] = ref("exam_day.id")
    sitting_id: Mapped[UUID | None] = ref("sitting.id")
    kind: Mapped[Code]
    note: Mapped[str] = mapped_column(sa.String(1000))
    at: Mapped[Instant]
    account_id: Mapped[UUID] = ref("account.id", index=False)


class ExceptionKind(StrEnum):
    """What asks for two names on the day."""

    REDRAW = "redraw"
    NO_FAULT = "no_fault"


class ExceptionRequest(Base):
    """An exception asked for by one person and decided by a duty leader: never by one alone."""

    __tablename__ = "exception_request"
    __table_args__ = (
        sa.CheckConstraint(
            "(decided_at IS NULL) = (second_account_id IS NULL)"
            " AND (decided_at IS NULL) = (granted IS NULL)",
            name="decided_whole",
        ),
        sa.CheckConstraint("first_account_id <> second_account_id", name="two_names"),
        sa.Index(
            "uq_exception_request_waiting",
            "sitting_id",
            unique=True,
            postgresql_where=sa.text("decided_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    sitting_id: Mapped[UUID] = ref("sitting.id", index=False)
    kind: Mapped[ExceptionKind] = one_of(ExceptionKind, "kind")
    code: Mapped[str | None] = mapped_column(sa.String(64))
    """For no-fault: the coded reason of the pack."""
    reason: Mapped[str] = mapped_column(sa.String(400))
    first_account_id: Mapped[UUID] = ref("account.id", index=False)
    first_role: Mapped[Role] = one_of(Role, "first_role")
    asked_at: Mapped[Instant]
    second_account_id: Mapped[UUID | None] = ref("account.id", index=False)
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    granted: Mapped[bool | None]

    sitting: Mapped[Sitting] = relationship(lazy="raise")


CONSTRAINT_MESSAGES["uq_exception_request_waiting"] = _(
    "Somebody has already asked for an exception here. A duty leader decides it first."
)
CONSTRAINT_MESSAGES["uq_sitting_vehicle_in_use"] = _(
    "This vehicle has just been taken by another draw. Nothing was changed; draw again."
)
CONSTRAINT_MESSAGES["uq_sitting_terminal_in_use"] = _(
    "This terminal has just been taken by another draw. Nothing was changed; draw again."
)
