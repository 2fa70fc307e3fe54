"""Cameras, what their ledgers said, what people made of it."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from exam.db import Base, Id, Instant, Json, Name, UTCDateTime, one_of, ref
from exam.live.states import EventGroup, ItemState, Severity, View
from exam.people.models import Site


class Camera(Base):
    """A camera. ``stream`` is opaque: a ledger never names a place or a person."""

    __tablename__ = "camera"

    id: Mapped[Id]
    site_id: Mapped[UUID] = ref("site.id")
    stream: Mapped[str] = mapped_column(sa.String(64), unique=True)
    name_zh: Mapped[Name]
    name_en: Mapped[Name]
    view: Mapped[View] = one_of(View, "view")
    source: Mapped[str] = mapped_column(sa.String(300))
    """File below the data folder (played in a loop), rtsp:// address or device."""
    people: Mapped[int] = mapped_column(default=1)
    room_id: Mapped[UUID | None] = ref("room.id")
    terminal_id: Mapped[UUID | None] = ref("terminal.id")
    vehicle_id: Mapped[UUID | None] = ref("vehicle.id")
    enabled: Mapped[bool] = mapped_column(default=True)

    site: Mapped[Site] = relationship(lazy="raise")


class LedgerPosition(Base):
    """How far a stream's ledger has been read: the last acknowledged number and its hash.

    `origin_ms` of the stream's timeline was at `origin_at`, as the last start line told it.
    """

    __tablename__ = "ledger_position"

    stream: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    seq: Mapped[int] = mapped_column(sa.BigInteger)
    head: Mapped[str] = mapped_column(sa.String(64))
    bytes_read: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    """Where in the file the next line begins."""
    origin_ms: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    origin_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    broken_seq: Mapped[int | None] = mapped_column(sa.BigInteger)
    """The first line that does not continue the chain: nothing behind it is read."""
    read_at: Mapped[Instant]
    alive_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """The worker's last sign of life, by the database's own clock."""


class Checkpoint(Base):
    """A signed head, kept outside the stream's folder: without it a cut tail would not show."""

    __tablename__ = "checkpoint"
    __table_args__ = (sa.UniqueConstraint("stream", "seq"),)

    id: Mapped[Id]
    stream: Mapped[str] = mapped_column(sa.String(64))
    seq: Mapped[int] = mapped_column(sa.BigInteger)
    head: Mapped[str] = mapped_column(sa.String(64))
    key_id: Mapped[str] = mapped_column(sa.String(64))
    signature: Mapped[str] = mapped_column(sa.String(128))


class CameraEvent(Base):
    """An event as the ledger last told it (事件)."""

    __tablename__ = "camera_event"
    __table_args__ = (sa.UniqueConstraint("stream", "event"),)

    id: Mapped[Id]
    camera_id: Mapped[UUID] = ref("camera.id")
    item_id: Mapped[UUID | None] = ref("review_item.id")
    stream: Mapped[str] = mapped_column(sa.String(64))
    event: Mapped[int] = mapped_column(sa.BigInteger)
    """The ledger's own number; below zero where the forwarder itself speaks: of that line."""
    seq: Mapped[int] = mapped_column(sa.BigInteger)
    """The ledger line that this row reflects: an older line never overwrites a newer."""
    kind: Mapped[str] = mapped_column(sa.String(32))
    group: Mapped[EventGroup] = one_of(EventGroup, "group")
    seat: Mapped[str | None] = mapped_column(sa.String(32))
    start_ms: Mapped[int] = mapped_column(sa.BigInteger)
    end_ms: Mapped[int | None] = mapped_column(sa.BigInteger)
    open: Mapped[bool]
    severity: Mapped[Severity] = one_of(Severity, "severity")
    confidence_pm: Mapped[int]
    facts: Mapped[Json]
    started_at: Mapped[Instant]
    received_at: Mapped[Instant]


class Evidence(Base):
    """A clip of an event, by its hash; the file stays in the stream's folder (证据)."""

    __tablename__ = "evidence"
    __table_args__ = (sa.UniqueConstraint("stream", "path"),)

    id: Mapped[Id]
    camera_event_id: Mapped[UUID] = ref("camera_event.id")
    stream: Mapped[str] = mapped_column(sa.String(64))
    path: Mapped[str] = mapped_column(sa.String(200))
    bytes: Mapped[int] = mapped_column(sa.BigInteger)
    sha256: Mapped[str] = mapped_column(sa.String(64))
    erased_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When it was found gone after its term; the ledger has the receipt."""


class ReviewItem(Base):
    """What a person judges (待核查项): events of one camera and group that belong together."""

    __tablename__ = "review_item"
    __table_args__ = (
        sa.CheckConstraint(
            "(state = 'open') = (acknowledged_by IS NULL)", name="acknowledged_has_a_name"
        ),
        sa.Index(
            "ix_review_item_waiting",
            "camera_id",
            postgresql_where=sa.text("state IN ('open','acknowledged')"),
        ),
    )

    id: Mapped[Id]
    number: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), unique=True)
    camera_id: Mapped[UUID] = ref("camera.id")
    sitting_id: Mapped[UUID | None] = ref("sitting.id")
    """Who sat there then, if somebody did."""
    group: Mapped[EventGroup] = one_of(EventGroup, "group")
    severity: Mapped[Severity] = one_of(Severity, "severity")
    state: Mapped[ItemState] = one_of(ItemState, "state")
    opened_at: Mapped[Instant]
    last_at: Mapped[Instant]
    acknowledged_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    acknowledged_by: Mapped[UUID | None] = ref("account.id", index=False)

    camera: Mapped[Camera] = relationship(lazy="raise")


class ReviewAct(Base):
    """What a person did about an item."""

    __tablename__ = "review_act"

    id: Mapped[Id]
    item_id: Mapped[UUID] = ref("review_item.id")
    account_id: Mapped[UUID] = ref("account.id", index=False)
    act: Mapped[str] = mapped_column(sa.String(32))
    note: Mapped[str | None] = mapped_column(sa.String(400))
    at: Mapped[Instant]
