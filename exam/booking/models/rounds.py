"""Rounds, the applications that they decide, and what they decided."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Mapped, mapped_column, relationship

from exam.booking.models.plans import Plan
from exam.db import (
    CONSTRAINT_MESSAGES,
    Base,
    Code,
    Id,
    Instant,
    Json,
    Texts,
    UTCDateTime,
    one_of,
    ref,
)
from exam.policy.subjects import LicenceClass, Subject
from exam.registration.models import Case


class RoundState(StrEnum):
    """Life of a round."""

    PLANNED = "planned"
    OPEN = "open"
    CLOSED = "closed"
    FROZEN = "frozen"
    SOLVED = "solved"
    CHECKED = "checked"
    PUBLISHED = "published"


ROUND_MOVES: dict[RoundState, frozenset[RoundState]] = {
    RoundState.PLANNED: frozenset({RoundState.OPEN}),
    RoundState.OPEN: frozenset({RoundState.CLOSED}),
    RoundState.CLOSED: frozenset({RoundState.FROZEN, RoundState.OPEN}),
    RoundState.FROZEN: frozenset({RoundState.SOLVED}),
    RoundState.SOLVED: frozenset({RoundState.CHECKED, RoundState.FROZEN}),
    RoundState.CHECKED: frozenset({RoundState.PUBLISHED}),
}


class Round(Base):
    """The applications decided together at a cut-off (批次)."""

    __tablename__ = "round"
    __table_args__ = (
        sa.CheckConstraint("closes_at > opens_at", name="closes_after_opening"),
        sa.CheckConstraint("last_day >= first_day", name="days_not_empty"),
        sa.CheckConstraint(
            "(state IN ('planned','open','closed')) = (round_sha256 IS NULL)",
            name="frozen_is_hashed",
        ),
        sa.CheckConstraint(
            "(state = 'published') = (published_at IS NOT NULL)", name="published_has_time"
        ),
        sa.CheckConstraint(
            "published_at IS NULL OR (published_by IS NOT NULL AND approved_by IS NOT NULL"
            " AND published_by <> approved_by)",
            name="two_publish",
        ),
    )

    id: Mapped[Id]
    office_id: Mapped[UUID] = ref("office.id")
    plan_id: Mapped[UUID] = ref("plan.id")
    code: Mapped[Code] = mapped_column(unique=True)
    state: Mapped[RoundState] = one_of(RoundState, "state")
    first_day: Mapped[date]
    """First exam day that the round gives out; the cut-off is counted back from it."""
    last_day: Mapped[date]
    opens_at: Mapped[Instant]
    closes_at: Mapped[Instant]
    frozen_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    lot_seed: Mapped[str | None] = mapped_column(sa.String(64))
    """Hex; committed when the round opens, used for the lots at the freeze."""
    lot_commitment: Mapped[str | None] = mapped_column(sa.String(64))
    round_sha256: Mapped[str | None] = mapped_column(sa.String(64))
    summary: Mapped[Json] = mapped_column(default=dict)
    """The engine's summary, and the SHA-256 of each file of the plan."""
    progress: Mapped[Json] = mapped_column(default=dict)
    """What the jobs process does now: {"done", "total"}, {"failure"} that waits for a person, or
    {"lacks": "room"} while the disk is full."""
    solved_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    checked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    published_by: Mapped[UUID | None] = ref("account.id", index=False)
    """The planner, who signs first."""
    signed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    approved_by: Mapped[UUID | None] = ref("account.id", index=False)
    """The duty leader, whose signature publishes."""

    plan: Mapped[Plan] = relationship(lazy="raise")


class ApplicationState(StrEnum):
    """Life of an application."""

    ACTIVE = "active"
    WITHDRAWN = "withdrawn"
    SERVED = "served"
    REFUSED = "refused"


APPLICATION_MOVES: dict[ApplicationState, frozenset[ApplicationState]] = {
    ApplicationState.ACTIVE: frozenset(
        {ApplicationState.WITHDRAWN, ApplicationState.SERVED, ApplicationState.REFUSED}
    ),
    ApplicationState.WITHDRAWN: frozenset({ApplicationState.ACTIVE}),
}


class Application(Base):
    """A candidate's wish in a round: ordered choices, or any session in a range of days."""

    __tablename__ = "application"
    __table_args__ = (
        sa.UniqueConstraint("round_id", "case_id", "subject"),
        sa.Index(
            "uq_application_live_subject",
            "case_id",
            "subject",
            unique=True,
            postgresql_where=sa.text("state = 'active'"),
        ),
        sa.CheckConstraint("latest >= earliest", name="window_not_empty"),
        sa.CheckConstraint(
            "(rank IS NULL) = (tier IS NULL) AND (tier IS NULL) = (ranking_key IS NULL)",
            name="ranked_whole",
        ),
    )

    id: Mapped[Id]
    round_id: Mapped[UUID] = ref("round.id", index=False)
    case_id: Mapped[UUID] = ref("case.id")
    subject: Mapped[Subject] = one_of(Subject, "subject")
    licence_class: Mapped[LicenceClass] = one_of(LicenceClass, "licence_class")
    any_session: Mapped[bool]
    area: Mapped[Texts] = mapped_column(default=list)
    """Site codes that any-session means; empty: all."""
    earliest: Mapped[date]
    latest: Mapped[date]
    use_credit: Mapped[bool] = mapped_column(default=False)
    needs: Mapped[Texts] = mapped_column(default=list)
    state: Mapped[ApplicationState] = one_of(ApplicationState, "state")
    created_at: Mapped[Instant]
    changed_at: Mapped[Instant]
    tier: Mapped[int | None]
    ranking_key: Mapped[datetime | None] = mapped_column(UTCDateTime)
    lot: Mapped[int | None] = mapped_column(sa.BigInteger)
    rank: Mapped[int | None]
    public_name: Mapped[str | None] = mapped_column(sa.String(64))
    """What the application is called in the public files; told to her alone."""
    opening: Mapped[str | None] = mapped_column(sa.String(200))
    """What opens the public commitment to her tier, key and lot; told to her alone."""
    rule: Mapped[Json] = mapped_column(default=dict)
    """What the rank stands on: rule ids, pack edition, parameters."""

    case: Mapped[Case] = relationship(lazy="raise")
    round: Mapped[Round] = relationship(lazy="raise")
    choices: Mapped[list["Choice"]] = relationship(
        lazy="raise", order_by="Choice.position", cascade="all, delete-orphan"
    )


class Choice(Base):
    """A session in the candidate's order (志愿)."""

    __tablename__ = "choice"
    __table_args__ = (
        sa.UniqueConstraint("application_id", "session_id"),
        sa.CheckConstraint("position >= 1", name="position_from_one"),
    )

    application_id: Mapped[UUID] = ref("application.id", primary_key=True, index=False)
    position: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[UUID] = ref("session.id")


class Decision(Base):
    """What the round gave an application: a seat, or the reason why not.

    Reasons are the engine's (``no_session``, ``full``) and ``not_eligible``: at the freeze a rule
    stood in the way, and `Application.rule` says which.
    """

    __tablename__ = "decision"
    __table_args__ = (
        sa.CheckConstraint("(pool_id IS NULL) <> (reason IS NULL)", name="seat_or_reason"),
        sa.CheckConstraint("(reason = 'full') = (cut IS NOT NULL)", name="full_has_cut"),
    )

    application_id: Mapped[UUID] = ref("application.id", primary_key=True, index=False)
    pool_id: Mapped[UUID | None] = ref("pool.id", index=False)
    choice: Mapped[int | None]
    """Choice number; 0: any session."""
    vehicle: Mapped[int | None]
    turn: Mapped[int | None]
    reason: Mapped[str | None] = mapped_column(sa.String(16))
    cut: Mapped[int | None]


CONSTRAINT_MESSAGES.update(
    {
        "uq_round_code": _("A round with this code exists. Choose another code."),
        "uq_application_round_id_case_id_subject": _(
            "You have already applied for this subject. Open your application to change it."
        ),
        "uq_application_live_subject": _(
            "You have already applied for this subject. Open your application to change it."
        ),
    }
)
