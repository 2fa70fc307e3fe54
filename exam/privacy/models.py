"""Legal holds, and receipts of what was erased."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Mapped, mapped_column

from exam.db import CONSTRAINT_MESSAGES, Base, Id, Instant, UTCDateTime, ref
from exam.people.roles import Act
from exam.people.two_names import TwoNames


class LegalHold(Base):
    """Keeps a review item's clips, or a person's data, whatever its term (法定留存).

    It protects from the moment it is asked for. It is set by two names and lifted by two names.
    """

    __tablename__ = "legal_hold"
    __table_args__ = (
        sa.CheckConstraint("(item_id IS NULL) <> (person_id IS NULL)", name="one_thing"),
        sa.CheckConstraint("set_by IS NULL OR set_by <> asked_by", name="two_set"),
        sa.CheckConstraint(
            "lifted_at IS NULL OR (lift_asked_by IS NOT NULL AND lifted_by IS NOT NULL"
            " AND lift_asked_by <> lifted_by)",
            name="two_lift",
        ),
        sa.Index(
            "uq_legal_hold_item_live",
            "item_id",
            unique=True,
            postgresql_where=sa.text("lifted_at IS NULL"),
        ),
        sa.Index(
            "uq_legal_hold_person_live",
            "person_id",
            unique=True,
            postgresql_where=sa.text("lifted_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    number: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), unique=True)
    office_id: Mapped[UUID] = ref("office.id")
    item_id: Mapped[UUID | None] = ref("review_item.id", index=False)
    person_id: Mapped[UUID | None] = ref("person.id", index=False)
    reason: Mapped[str] = mapped_column(sa.String(400))
    asked_by: Mapped[UUID] = ref("account.id", index=False)
    asked_at: Mapped[Instant]
    set_by: Mapped[UUID | None] = ref("account.id", index=False)
    set_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    lift_asked_by: Mapped[UUID | None] = ref("account.id", index=False)
    lift_asked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    lifted_by: Mapped[UUID | None] = ref("account.id", index=False)
    lifted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    SETTING: ClassVar[TwoNames] = TwoNames(
        act=Act.PERSONAL_DATA,
        first="asked_by",
        first_at="asked_at",
        second="set_by",
        second_at="set_at",
    )
    LIFTING: ClassVar[TwoNames] = TwoNames(
        act=Act.PERSONAL_DATA,
        first="lift_asked_by",
        first_at="lift_asked_at",
        second="lifted_by",
        second_at="lifted_at",
    )


class Erasure(Base):
    """What one run erased under one rule: numbers only, for what is gone has no name (回执)."""

    __tablename__ = "erasure"

    id: Mapped[Id]
    rule: Mapped[str] = mapped_column(sa.String(64), index=True)
    """The term's name in the rule pack."""
    at: Mapped[Instant]
    erased: Mapped[int]
    held: Mapped[int]
    """Past its term and kept, because a hold says so."""
    ordered: Mapped[int]
    """Left to a camera worker that is writing the folder; counted as erased once it is gone."""


CONSTRAINT_MESSAGES.update(
    {
        "uq_legal_hold_item_live": _("A hold on this item stands already."),
        "uq_legal_hold_person_live": _("A hold on this person's data stands already."),
        "ck_legal_hold_two_set": _("A hold needs two names. Ask a colleague to agree."),
        "ck_legal_hold_two_lift": _("Lifting a hold needs two names. Ask a colleague to agree."),
    }
)
