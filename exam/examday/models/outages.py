"""When a vehicle, or somebody of the staff, is not there."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from exam.db import Base, Id, Instant, UTCDateTime, one_of, ref
from exam.examday.models.resources import Vehicle
from exam.people.models import Account, Site


class OutageCause(StrEnum):
    """Why. Of a person nothing more is kept than that she is away."""

    REPAIR = "repair"
    INSPECTION = "inspection"
    AWAY = "away"


class Outage(Base):
    """Days on which a vehicle or an examiner is not there; neither is drawn on them."""

    __tablename__ = "outage"
    __table_args__ = (
        sa.CheckConstraint("(vehicle_id IS NULL) <> (account_id IS NULL)", name="one_thing"),
        sa.CheckConstraint("last_day >= first_day", name="days_not_empty"),
        sa.CheckConstraint(
            "(cause = 'away') = (account_id IS NOT NULL)", name="a_person_is_only_away"
        ),
        sa.CheckConstraint(
            "(lifted_at IS NULL) = (lifted_by IS NULL)", name="lifted_has_name_and_time"
        ),
    )

    id: Mapped[Id]
    site_id: Mapped[UUID] = ref("site.id")
    vehicle_id: Mapped[UUID | None] = ref("vehicle.id")
    account_id: Mapped[UUID | None] = ref("account.id")
    cause: Mapped[OutageCause] = one_of(OutageCause, "cause")
    first_day: Mapped[date]
    last_day: Mapped[date]
    entered_at: Mapped[Instant]
    entered_by: Mapped[UUID] = ref("account.id", index=False)
    lifted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """It was over sooner, or a mistake."""
    lifted_by: Mapped[UUID | None] = ref("account.id", index=False)

    site: Mapped[Site] = relationship(lazy="raise")
    vehicle: Mapped[Vehicle | None] = relationship(lazy="raise")
    account: Mapped[Account | None] = relationship(lazy="raise", foreign_keys=[account_id])
