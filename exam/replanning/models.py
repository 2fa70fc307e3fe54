"""Replannings of a published round, and what each of them does to whom."""

from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Mapped, mapped_column, relationship

from exam.booking.models import Pool, Round, Session
from exam.db import (
    CONSTRAINT_MESSAGES,
    Base,
    Id,
    Instant,
    Json,
    Texts,
    UTCDateTime,
    one_of,
    ref,
)
from exam.people.roles import Act
from exam.people.two_names import TwoNames
from exam.policy.subjects import Subject
from exam.registration.models import Case


class ReplanKind(StrEnum):
    """What happened. Of a member of staff nothing more is kept than that she is away."""

    VEHICLE_OUT = "vehicle_out"
    EXAMINER_AWAY = "examiner_away"
    SESSION_CANCELLED = "session_cancelled"
    SESSION_CUT = "session_cut"
    SITE_CLOSED = "site_closed"
    GREEN_CHANNEL = "green_channel"


class ReplanState(StrEnum):
    """Life of a replanning; seats change for candidates in `TOLD` and nowhere before."""

    ASKED = "asked"
    """Waits to be solved."""
    DRAFT = "draft"
    """Solved and checked; planners and duty leaders look at it."""
    APPROVED = "approved"
    """Signed by two people; nobody has been told yet."""
    TOLD = "told"
    STALE = "stale"
    """What it stood on has changed: to be solved again, and approved again."""
    DROPPED = "dropped"


REPLAN_MOVES: dict[ReplanState, frozenset[ReplanState]] = {
    ReplanState.ASKED: frozenset({ReplanState.DRAFT, ReplanState.DROPPED}),
    ReplanState.DRAFT: frozenset({ReplanState.APPROVED, ReplanState.STALE, ReplanState.DROPPED}),
    ReplanState.APPROVED: frozenset({ReplanState.TOLD, ReplanState.STALE, ReplanState.DROPPED}),
    ReplanState.STALE: frozenset({ReplanState.DRAFT, ReplanState.DROPPED}),
}

LIVE = (ReplanState.ASKED, ReplanState.DRAFT, ReplanState.APPROVED, ReplanState.STALE)


class Change(StrEnum):
    """What a replanning does to one person."""

    KEPT = "kept"
    POOL = "pool"
    """Same session, another kind of place."""
    SESSION = "session"
    LOST = "lost"
    """Had a seat and has none now."""
    SEATED = "seated"
    """Came by the green channel and has a seat."""
    NOT_SEATED = "not_seated"
    """Came by the green channel, and no seat was left."""


MOVED = (Change.POOL, Change.SESSION)


class Replan(Base):
    """A published round decided again, as far as an event touches it."""

    __tablename__ = "replan"
    __table_args__ = (
        sa.UniqueConstraint("round_id", "number"),
        sa.Index(
            "uq_replan_live_round",
            "round_id",
            unique=True,
            postgresql_where=sa.text("state IN ('asked','draft','approved','stale')"),
        ),
        sa.CheckConstraint("number >= 1", name="number_from_one"),
        sa.CheckConstraint(
            "approved_by IS NULL OR (signed_by IS NOT NULL AND signed_by <> approved_by)",
            name="two_approve",
        ),
        sa.CheckConstraint(
            "(state IN ('approved','told')) = (approved_by IS NOT NULL)"
            " AND (approved_by IS NULL) = (approved_at IS NULL)"
            " AND (signed_by IS NULL) = (signed_at IS NULL)",
            name="approved_has_name_and_time",
        ),
        sa.CheckConstraint("(state = 'told') = (told_at IS NOT NULL)", name="told_has_time"),
        sa.CheckConstraint(
            "state NOT IN ('draft','approved','told')"
            " OR (round_sha256 IS NOT NULL AND fingerprint IS NOT NULL)",
            name="solved_is_hashed",
        ),
    )

    id: Mapped[Id]
    office_id: Mapped[UUID] = ref("office.id")
    round_id: Mapped[UUID] = ref("round.id", index=False)
    number: Mapped[int]
    """From 1 inside the round; the name of its folder."""
    kind: Mapped[ReplanKind] = one_of(ReplanKind, "kind")
    note: Mapped[str] = mapped_column(sa.String(400))
    """The planner's words, for the office alone; candidates and the public read the kind."""
    state: Mapped[ReplanState] = one_of(ReplanState, "state")
    asked_by: Mapped[UUID] = ref("account.id", index=False)
    asked_at: Mapped[Instant]
    fingerprint: Mapped[str | None] = mapped_column(sa.String(64))
    """Over all that the draft stands on; another one means that the draft is stale."""
    round_sha256: Mapped[str | None] = mapped_column(sa.String(64))
    summary: Mapped[Json] = mapped_column(default=dict)
    """The engine's summary, the SHA-256 of each file, and the touched sessions."""
    progress: Mapped[Json] = mapped_column(default=dict)
    """What the jobs process does now, or {"failure"} that waits for a person."""
    stale: Mapped[Json] = mapped_column(default=dict)
    """Why an earlier draft did not hold: counts by reason."""
    signed_by: Mapped[UUID | None] = ref("account.id", index=False)
    """The planner, who signs first."""
    signed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    approved_by: Mapped[UUID | None] = ref("account.id", index=False)
    approved_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    told_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    NAMES: ClassVar[TwoNames] = TwoNames(
        act=Act.PUBLISH_ROUND,
        first="signed_by",
        first_at="signed_at",
        second="approved_by",
        second_at="approved_at",
    )

    round: Mapped[Round] = relationship(lazy="raise")
    offers: Mapped[list["ReplanOffer"]] = relationship(lazy="raise", cascade="all, delete-orphan")
    guests: Mapped[list["ReplanGuest"]] = relationship(lazy="raise", cascade="all, delete-orphan")


class ReplanOffer(Base):
    """What a session, or one pool of it, offers from now on."""

    __tablename__ = "replan_offer"
    __table_args__ = (
        sa.UniqueConstraint("replan_id", "pool_id"),
        sa.Index(
            "uq_replan_offer_session",
            "replan_id",
            "session_id",
            unique=True,
            postgresql_where=sa.text("pool_id IS NULL"),
        ),
        sa.CheckConstraint("seats_after >= 0 AND seats_after <= seats_before", name="never_more"),
        sa.CheckConstraint(
            "NOT cancels OR (seats_after = 0 AND pool_id IS NULL)", name="cancelled_is_empty"
        ),
    )

    id: Mapped[Id]
    replan_id: Mapped[UUID] = ref("replan.id", index=False)
    session_id: Mapped[UUID] = ref("session.id")
    pool_id: Mapped[UUID | None] = ref("pool.id", index=False)
    """None: the session's own cap."""
    seats_before: Mapped[int]
    seats_after: Mapped[int]
    cancels: Mapped[bool] = mapped_column(default=False)
    """The session does not take place at all."""

    session: Mapped[Session] = relationship(lazy="raise")
    pool: Mapped[Pool | None] = relationship(lazy="raise")


class ReplanGuest(Base):
    """Somebody who asks for a seat by the green channel; the replanning's two names approve her."""

    __tablename__ = "replan_guest"
    __table_args__ = (
        sa.UniqueConstraint("replan_id", "case_id", "subject"),
        sa.CheckConstraint("latest >= earliest", name="window_not_empty"),
    )

    id: Mapped[Id]
    replan_id: Mapped[UUID] = ref("replan.id", index=False)
    case_id: Mapped[UUID] = ref("case.id", index=False)
    subject: Mapped[Subject] = one_of(Subject, "subject")
    earliest: Mapped[date]
    latest: Mapped[date]
    area: Mapped[Texts] = mapped_column(default=list)
    """Site codes; empty: all."""

    case: Mapped[Case] = relationship(lazy="raise")


class ReplanLine(Base):
    """What a solved replanning does to one person; rewritten whenever it is solved again."""

    __tablename__ = "replan_line"
    __table_args__ = (
        sa.UniqueConstraint("replan_id", "case_id", "subject"),
        sa.CheckConstraint(
            "(change IN ('kept','pool','session','lost')) = (from_pool_id IS NOT NULL)"
            " AND (change IN ('kept','pool','session','seated')) = (to_pool_id IS NOT NULL)",
            name="change_fits_pools",
        ),
        sa.CheckConstraint("(change <> 'kept') OR from_pool_id = to_pool_id", name="kept_is_kept"),
        sa.CheckConstraint(
            "(from_pool_id IS NULL) = (booking_id IS NULL)", name="told_has_booking"
        ),
    )

    id: Mapped[Id]
    replan_id: Mapped[UUID] = ref("replan.id", index=False)
    case_id: Mapped[UUID] = ref("case.id", index=False)
    subject: Mapped[Subject] = one_of(Subject, "subject")
    booking_id: Mapped[UUID | None] = ref("booking.id", index=False)
    """The seat she holds now."""
    from_pool_id: Mapped[UUID | None] = ref("pool.id", index=False)
    to_pool_id: Mapped[UUID | None] = ref("pool.id", index=False)
    change: Mapped[Change] = one_of(Change, "change")
    new_booking_id: Mapped[UUID | None] = ref("booking.id", index=False)
    """The seat she was told; empty until then, and where she kept or lost hers."""
    public_name: Mapped[str] = mapped_column(sa.String(64))
    """What she is called in the public files."""


class SeatCut(Base):
    """Seats that an outage takes from a session before its round is decided."""

    __tablename__ = "seat_cut"
    __table_args__ = (
        sa.Index(
            "uq_seat_cut_live",
            "outage_id",
            "session_id",
            unique=True,
            postgresql_where=sa.text("undone_at IS NULL"),
        ),
        sa.CheckConstraint(
            "session_seats >= 0 AND pool_seats >= 0 AND vehicles >= 0"
            " AND session_seats + pool_seats + vehicles > 0",
            name="takes_something",
        ),
        sa.CheckConstraint(
            "pool_id IS NOT NULL OR (pool_seats = 0 AND vehicles = 0)", name="pool_is_named"
        ),
    )

    id: Mapped[Id]
    outage_id: Mapped[UUID] = ref("outage.id", index=False)
    session_id: Mapped[UUID] = ref("session.id")
    pool_id: Mapped[UUID | None] = ref("pool.id", index=False)
    session_seats: Mapped[int]
    pool_seats: Mapped[int]
    vehicles: Mapped[int]
    """How many are taken away, each; giving back adds them again."""
    cut_at: Mapped[Instant]
    undone_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


CONSTRAINT_MESSAGES.update(
    {
        "uq_replan_live_round": _(
            "Another replanning of this round is open. Finish it or drop it first."
        ),
        "uq_replan_round_id_number": _(
            "Another replanning of this round is open. Finish it or drop it first."
        ),
        "uq_replan_guest_replan_id_case_id_subject": _(
            "This candidate is in the replanning already."
        ),
    }
)
