"""Requests to erase an evidence key for good, which two people sign."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Mapped, mapped_column, relationship

from exam.db import CONSTRAINT_MESSAGES, Base, Id, Instant, UTCDateTime, one_of, ref
from exam.live.models import Camera
from exam.people.roles import Act
from exam.people.two_names import TwoNames
from exam.privacy.key_rules import Ground, Kept


class KeyErasure(Base):
    """A camera's key of one day: one person asks for its end, another decides (销毁密钥).

    With the key go all clips that it sealed, and every copy of them. Agreed is not yet gone: the
    jobs process asks everything again and erases, so that a hold which came meanwhile still wins.
    """

    __tablename__ = "key_erasure"
    __table_args__ = (
        sa.CheckConstraint("decided_by IS NULL OR decided_by <> asked_by", name="two_names"),
        sa.CheckConstraint(
            "(decided_by IS NULL) = (decided_at IS NULL)"
            " AND (decided_by IS NULL) = (granted IS NULL)",
            name="decided_whole",
        ),
        sa.CheckConstraint("erased_at IS NULL OR granted IS TRUE", name="erased_only_granted"),
        sa.CheckConstraint("(erased_at IS NULL) = (clips IS NULL)", name="erased_is_counted"),
        sa.Index(
            "uq_key_erasure_open",
            "camera_id",
            "day",
            unique=True,
            postgresql_where=sa.text("granted IS NOT FALSE AND erased_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    number: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), unique=True)
    office_id: Mapped[UUID] = ref("office.id")
    camera_id: Mapped[UUID] = ref("camera.id", index=False)
    day: Mapped[date]
    """In UTC, as keys are made."""
    ground: Mapped[Ground] = one_of(Ground, "ground")
    reason: Mapped[str] = mapped_column(sa.String(400))
    asked_by: Mapped[UUID] = ref("account.id", index=False)
    asked_at: Mapped[Instant]
    decided_by: Mapped[UUID | None] = ref("account.id", index=False)
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    granted: Mapped[bool | None]
    kept: Mapped[Kept | None] = one_of(Kept, "kept")
    """What the jobs process last found in the way of an agreed request."""
    erased_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    clips: Mapped[int | None]

    camera: Mapped[Camera] = relationship(lazy="raise")

    NAMES: ClassVar[TwoNames] = TwoNames(
        act=Act.PERSONAL_DATA,
        first="asked_by",
        first_at="asked_at",
        second="decided_by",
        second_at="decided_at",
        granted="granted",
    )


CONSTRAINT_MESSAGES.update(
    {
        "uq_key_erasure_open": _("Somebody has asked to erase this key already."),
        "ck_key_erasure_two_names": _("Erasing a key needs two names. Ask a colleague to decide."),
    }
)
