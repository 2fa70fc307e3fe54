"""One message to one person, kept as a kind and its parameters, rendered when it is read."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from exam.db import Base, Id, Instant, Json, UTCDateTime, ref


class Notice(Base):
    """A message to a person (shown on her page, sent by the channels that are set up)."""

    __tablename__ = "notice"
    __table_args__ = (
        sa.CheckConstraint("(person_id IS NULL) <> (account_id IS NULL)", name="one_addressee"),
        sa.UniqueConstraint("dedup_key"),
    )

    id: Mapped[Id]
    person_id: Mapped[UUID | None] = ref("person.id")
    account_id: Mapped[UUID | None] = ref("account.id")
    kind: Mapped[str] = mapped_column(sa.String(64))
    facts: Mapped[Json]
    dedup_key: Mapped[str | None] = mapped_column(sa.String(120))
    """An event handled twice writes one notice."""
    created_at: Mapped[Instant]
    read_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class SimulatedText(Base):
    """A text message that the demo would have sent to a phone; an office's gateway keeps none."""

    __tablename__ = "simulated_text"

    id: Mapped[Id]
    person_id: Mapped[UUID | None] = ref("person.id", index=False)
    """None where nobody is registered yet under this phone."""
    kind: Mapped[str] = mapped_column(sa.String(64))
    facts: Mapped[Json]
    sent_at: Mapped[Instant]
