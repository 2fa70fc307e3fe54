"""Plans, sessions, pools, seats, rounds, applications, decisions, bookings."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

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
from exam.people.models import Site
from exam.policy.subjects import LicenceClass, Subject
from exam.registration.models import Case


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
    """What the jobs process does now: {"done", "total"}, or {"failure"} that waits for a person."""
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
        "uq_plan_office_id_code": _("A plan with this code exists. Choose another code."),
        "uq_session_code": _("The plan already has this session: same site, subject and start."),
        "uq_round_code": _("A round with this code exists. Choose another code."),
        "uq_application_round_id_case_id_subject": _(
            "You have already applied for this subject. Open your application to change it."
        ),
        "uq_application_live_subject": _(
            "You have already applied for this subject. Open your application to change it."
        ),
        "uq_booking_live_seat": _("This place has just been taken. Nothing was changed."),
        "uq_booking_live_subject": _("There is already a booking for this subject."),
        "ex_booking_one_place_at_a_time": _("Another booking of the same person is at that time."),
    }
)
