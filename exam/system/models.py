"""Tables that belong to no feature: outbox, idempotency, job runs, the demo's clock."""

from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from exam.db import Base, Id, Instant, Json, UTCDateTime, one_of


class OutboxEvent(Base):
    """News from one feature to those above it, written in the transaction that made it true."""

    __tablename__ = "outbox_event"
    __table_args__ = (
        sa.Index(
            "ix_outbox_event_waiting", "number", postgresql_where=sa.text("handled_at IS NULL")
        ),
    )

    id: Mapped[Id]
    number: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), unique=True)
    name: Mapped[str] = mapped_column(sa.String(64))
    payload: Mapped[Json]
    created_at: Mapped[Instant]
    handled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None] = mapped_column(sa.String(200))


class IdempotencyKey(Base):
    """What a request with this key answered, so that asking twice does nothing twice."""

    __tablename__ = "idempotency_key"

    account_id: Mapped[Id]
    key: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    request_sha256: Mapped[str] = mapped_column(sa.String(64))
    answer: Mapped[Json]
    created_at: Mapped[Instant]


class RunState(StrEnum):
    """How a job run ended, or that it goes on."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class JobRun(Base):
    """One due time of one job; the unique key is the claim, so that it runs once."""

    __tablename__ = "job_run"
    __table_args__ = (sa.UniqueConstraint("job", "due_at"),)

    id: Mapped[Id]
    job: Mapped[str] = mapped_column(sa.String(64))
    due_at: Mapped[Instant]
    started_at: Mapped[Instant]
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    state: Mapped[RunState] = one_of(RunState, "state")
    detail: Mapped[Json]


class DemoClock(Base):
    """The demo's clock offset; one row, only where the demo flag is set."""

    __tablename__ = "demo_clock"
    __table_args__ = (sa.CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    offset: Mapped[timedelta] = mapped_column(sa.Interval)
