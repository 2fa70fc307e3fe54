"""Attempts, deductions, signatures."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from exam.db import (
    Base,
    Code,
    Id,
    Instant,
    UTCDateTime,
    one_of,
    ref,
)
from exam.registration.models import ResultOutcome


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
