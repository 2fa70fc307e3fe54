"""What and whom a site has on a day: vehicles, rooms, terminals, lanes, staff."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from exam.db import (
    Base,
    Code,
    Id,
    Name,
    Texts,
    UTCDateTime,
    one_of,
    ref,
)
from exam.people.roles import Role
from exam.policy.subjects import Subject


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
