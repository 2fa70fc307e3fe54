"""What went otherwise than planned, and what asks for two names."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Mapped, mapped_column, relationship

from exam.db import (
    CONSTRAINT_MESSAGES,
    Base,
    Code,
    Id,
    Instant,
    UTCDateTime,
    one_of,
    ref,
)
from exam.examday.models.sittings import Sitting
from exam.people.roles import Act, Role
from exam.people.two_names import TwoNames


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

    NAMES: ClassVar[TwoNames] = TwoNames(
        act=Act.EXCEPTION,
        first="first_account_id",
        first_at="asked_at",
        second="second_account_id",
        second_at="decided_at",
        granted="granted",
    )


CONSTRAINT_MESSAGES["uq_exception_request_waiting"] = _(
    "Somebody has already asked for an exception here. A duty leader decides it first."
)
