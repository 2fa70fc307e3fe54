"""Who did what, for whom, why: rows are never changed, and a linker chains them."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from exam.db import Base, Id, Instant, Json


class AuditRecord(Base):
    """One act. ``number`` and hashes are filled by the linker a moment later, once, in order."""

    __tablename__ = "audit_record"
    __table_args__ = (
        sa.Index("ix_audit_record_subject", "subject_kind", "subject_id"),
        sa.Index("ix_audit_record_unlinked", "arrival", postgresql_where=sa.text("hash IS NULL")),
        sa.CheckConstraint("(number IS NULL) = (hash IS NULL)", name="linked_whole"),
    )

    id: Mapped[Id]
    arrival: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), unique=True)
    at: Mapped[Instant]
    account_id: Mapped[UUID | None] = mapped_column(index=True)
    role: Mapped[str | None] = mapped_column(sa.String(32))
    act: Mapped[str] = mapped_column(sa.String(64))
    subject_kind: Mapped[str] = mapped_column(sa.String(32))
    subject_id: Mapped[UUID | None]
    for_person_id: Mapped[UUID | None] = mapped_column(index=True)
    reason: Mapped[str | None] = mapped_column(sa.String(400))
    facts: Mapped[Json]
    number: Mapped[int | None] = mapped_column(sa.BigInteger, unique=True)
    prev: Mapped[str | None] = mapped_column(sa.String(64))
    hash: Mapped[str | None] = mapped_column(sa.String(64))
