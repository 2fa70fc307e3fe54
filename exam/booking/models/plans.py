"""Plans, their sessions, pools and seats."""

from datetime import date, datetime
from enum import StrEnum
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
    Texts,
    UTCDateTime,
    one_of,
    ref,
)
from exam.people.models import Site
from exam.policy.subjects import Subject


class PlanState(StrEnum):
    """Life of a plan."""

    DRAFT = "draft"
    PUBLISHED = "published"
    CLOSED = "closed"


class Plan(Base):
    """A set of sessions, published at least the pack's number of days before the first."""

    __tablename__ = "plan"
    __table_args__ = (
        sa.UniqueConstraint("office_id", "code"),
        sa.CheckConstraint("(state = 'draft') = (published_at IS NULL)", name="published_has_time"),
    )

    id: Mapped[Id]
    office_id: Mapped[UUID] = ref("office.id")
    code: Mapped[Code]
    state: Mapped[PlanState] = one_of(PlanState, "state")
    first_day: Mapped[date]
    last_day: Mapped[date]
    published_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    sessions: Mapped[list["Session"]] = relationship(back_populates="plan", lazy="raise")


class Session(Base):
    """One site, one subject, one stretch of time (场次)."""

    __tablename__ = "session"
    __table_args__ = (
        sa.CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        sa.CheckConstraint("seats >= 0", name="seats_not_negative"),
        sa.Index("ix_session_site_date", "site_id", "date"),
    )

    id: Mapped[Id]
    code: Mapped[Code] = mapped_column(unique=True)
    """The id in round files."""
    office_id: Mapped[UUID] = ref("office.id")
    plan_id: Mapped[UUID] = ref("plan.id")
    site_id: Mapped[UUID] = ref("site.id", index=False)
    subject: Mapped[Subject] = one_of(Subject, "subject")
    date: Mapped[date]
    starts_at: Mapped[Instant]
    ends_at: Mapped[Instant]
    seats: Mapped[int]
    """Over all pools: what examiners, room and approved daily volume allow."""
    cancelled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    plan: Mapped[Plan] = relationship(back_populates="sessions", lazy="raise")
    site: Mapped[Site] = relationship(lazy="raise")
    pools: Mapped[list["Pool"]] = relationship(back_populates="session", lazy="raise")


class Pool(Base):
    """Equivalent seats inside a session: vehicles of one kind, or terminals (号源组)."""

    __tablename__ = "pool"
    __table_args__ = (sa.CheckConstraint("seats >= 0 AND vehicles >= 0", name="not_negative"),)

    id: Mapped[Id]
    code: Mapped[Code] = mapped_column(unique=True)
    session_id: Mapped[UUID] = ref("session.id")
    kind: Mapped[Code]
    """Vehicle kind, such as C1, or ``terminal``."""
    classes: Mapped[Texts]
    """Licence classes it serves; ``*`` all."""
    seats: Mapped[int]
    vehicles: Mapped[int]
    offers: Mapped[Texts]

    session: Mapped[Session] = relationship(back_populates="pools", lazy="raise")


class Seat(Base):
    """One place of a pool (考位); a booking takes a row, so that none can be sold twice."""

    __tablename__ = "seat"
    __table_args__ = (sa.UniqueConstraint("pool_id", "number"),)

    id: Mapped[Id]
    pool_id: Mapped[UUID] = ref("pool.id", index=False)
    number: Mapped[int]


CONSTRAINT_MESSAGES.update(
    {
        "uq_plan_office_id_code": _("A plan with this code exists. Choose another code."),
        "uq_session_code": _("The plan already has this session: same site, subject and start."),
    }
)
