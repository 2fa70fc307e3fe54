"""The exam day of a site."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from exam.db import (
    Base,
    Id,
    Json,
    UTCDateTime,
    one_of,
    ref,
)
from exam.people.models import Site


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
