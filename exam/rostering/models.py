"""Rosters, what people are qualified for, and what they declare."""

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from exam.db import CONSTRAINT_MESSAGES, Base, Id, Instant, Json, Texts, UTCDateTime, one_of, ref
from exam.examday.models import Room
from exam.people.models import Account, Site
from exam.people.roles import Act, Role
from exam.people.two_names import TwoNames
from exam.policy.subjects import Subject
from exam.rostering.states import Declared, RosterState

ROSTERED = (Role.EXAMINER, Role.SAFETY_OFFICER, Role.INVIGILATOR, Role.FIRST_AIDER)


class Qualification(Base):
    """What somebody may do in a role; without one nobody is put on a roster."""

    __tablename__ = "qualification"
    __table_args__ = (
        sa.UniqueConstraint("account_id", "role"),
        sa.CheckConstraint(
            "role IN ('examiner','safety_officer','invigilator','first_aider')",
            name="role_is_rostered",
        ),
        sa.CheckConstraint("weekly_hours BETWEEN 1 AND 60", name="hours_of_a_week"),
    )

    id: Mapped[Id]
    account_id: Mapped[UUID] = ref("account.id", index=False)
    role: Mapped[Role] = one_of(Role, "role")
    subjects: Mapped[Texts]
    """Subjects an examiner may examine; empty for other roles."""
    classes: Mapped[Texts]
    """Kinds of vehicles an examiner is qualified for; ``*`` all."""
    weekly_hours: Mapped[int]
    valid_until: Mapped[date | None]
    """The last day of the certificate, where it has one."""
    entered_at: Mapped[Instant]
    entered_by: Mapped[UUID] = ref("account.id", index=False)

    account: Mapped[Account] = relationship(lazy="raise", foreign_keys=[account_id])


class Declaration(Base):
    """What somebody declares for coming rosters: days away, or a site to keep away from (回避)."""

    __tablename__ = "declaration"
    __table_args__ = (
        sa.CheckConstraint(
            "(kind = 'away') = (first_day IS NOT NULL AND last_day IS NOT NULL)"
            " AND (kind = 'avoids') = (site_id IS NOT NULL)",
            name="one_thing",
        ),
        sa.CheckConstraint("last_day >= first_day", name="days_not_empty"),
        sa.Index(
            "uq_declaration_avoids",
            "account_id",
            "site_id",
            unique=True,
            postgresql_where=sa.text("kind = 'avoids' AND withdrawn_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    account_id: Mapped[UUID] = ref("account.id")
    kind: Mapped[Declared] = one_of(Declared, "kind")
    first_day: Mapped[date | None]
    last_day: Mapped[date | None]
    site_id: Mapped[UUID | None] = ref("site.id", index=False)
    declared_at: Mapped[Instant]
    declared_by: Mapped[UUID] = ref("account.id", index=False)
    """The person, or the planner who was called by her."""
    withdrawn_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    site: Mapped[Site | None] = relationship(lazy="raise")


class Roster(Base):
    """Who works where in a period (排班): drafted by the engine, approved by two people."""

    __tablename__ = "roster"
    __table_args__ = (
        sa.CheckConstraint("last_day >= first_day", name="days_not_empty"),
        sa.CheckConstraint(
            "approved_by IS NULL OR (signed_by IS NOT NULL AND signed_by <> approved_by)",
            name="two_approve",
        ),
        sa.CheckConstraint(
            "(state IN ('told','replaced')) = (approved_by IS NOT NULL)"
            " AND (approved_by IS NULL) = (approved_at IS NULL)"
            " AND (signed_by IS NULL) = (signed_at IS NULL)",
            name="approved_has_name_and_time",
        ),
        sa.CheckConstraint(
            "state NOT IN ('draft','told','replaced') OR fingerprint IS NOT NULL",
            name="solved_is_known",
        ),
    )

    id: Mapped[Id]
    office_id: Mapped[UUID] = ref("office.id")
    number: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), unique=True)
    sites: Mapped[Texts]
    """Codes of the sites it covers."""
    first_day: Mapped[date]
    last_day: Mapped[date]
    demands: Mapped[Json]
    """What the planner demands; see :class:`exam.rostering.rules.Demands`."""
    replaces_id: Mapped[UUID | None] = ref("roster.id", index=False)
    state: Mapped[RosterState] = one_of(RosterState, "state")
    asked_by: Mapped[UUID] = ref("account.id", index=False)
    asked_at: Mapped[Instant]
    fingerprint: Mapped[str | None] = mapped_column(sa.String(64))
    """Over all that the draft stands on; another one means that it is solved again."""
    answer: Mapped[Json] = mapped_column(default=dict)
    conflict: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    """Rules that cannot all hold, as codes and facts."""
    progress: Mapped[Json] = mapped_column(default=dict)
    """{"failure"} that waits for a person, or {"again"}: why an earlier draft did not hold."""
    signed_by: Mapped[UUID | None] = ref("account.id", index=False)
    signed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    approved_by: Mapped[UUID | None] = ref("account.id", index=False)
    approved_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    duties: Mapped[list["RosterDuty"]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by="RosterDuty.position"
    )

    NAMES: ClassVar[TwoNames] = TwoNames(
        act=Act.ROSTER,
        first="signed_by",
        first_at="signed_at",
        second="approved_by",
        second_at="approved_at",
    )


class RosterDuty(Base):
    """People of one role that one stretch of time at a site needs."""

    __tablename__ = "roster_duty"
    __table_args__ = (
        sa.UniqueConstraint("roster_id", "position"),
        sa.CheckConstraint("count >= 1", name="somebody"),
        sa.CheckConstraint("ends_at > starts_at", name="ends_after_start"),
    )

    id: Mapped[Id]
    roster_id: Mapped[UUID] = ref("roster.id", index=False)
    position: Mapped[int]
    """From 1, by time; how a conflict names it."""
    site_id: Mapped[UUID] = ref("site.id", index=False)
    room_id: Mapped[UUID | None] = ref("room.id", index=False)
    role: Mapped[Role] = one_of(Role, "role")
    subject: Mapped[Subject | None] = one_of(Subject, "subject")
    kind: Mapped[str] = mapped_column(sa.String(16))
    """Kind of vehicle, ``terminal``, or empty where it does not matter."""
    date: Mapped[date]
    starts_at: Mapped[Instant]
    ends_at: Mapped[Instant]
    count: Mapped[int]

    site: Mapped[Site] = relationship(lazy="raise")
    room: Mapped[Room | None] = relationship(lazy="raise")
    places: Mapped[list["RosterPlace"]] = relationship(lazy="raise", cascade="all, delete-orphan")


class RosterPlace(Base):
    """Somebody in a duty."""

    __tablename__ = "roster_place"
    __table_args__ = (sa.UniqueConstraint("roster_duty_id", "account_id"),)

    id: Mapped[Id]
    roster_duty_id: Mapped[UUID] = ref("roster_duty.id", index=False)
    account_id: Mapped[UUID] = ref("account.id")

    account: Mapped[Account] = relationship(lazy="raise")
    duty: Mapped[RosterDuty] = relationship(lazy="raise", viewonly=True)


CONSTRAINT_MESSAGES.update(
    {
        "uq_declaration_avoids": _("You have declared this site already."),
        "ck_roster_two_approve": _("A roster needs two names. Ask a colleague to approve it."),
    }
)
