"""The forwarder: carries what workers write into the database, and wakes the wall.

It also keeps the list that the cameras' process reads as the database has it.

It looks at the size of every ledger ten times a second, which costs next to nothing, and opens a
transaction only where one has grown. The position in the database is the truth: a forwarder that
is killed goes on from there, and two of them at once wait for each other.
"""

import threading
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa
import structlog
from flask import Flask
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import joinedload

from exam import clock
from exam.db import db, transaction
from exam.errors import KaochangError
from exam.live.intake import Intake, PayloadUnreadableError, Times
from exam.live.models import Camera, LedgerPosition
from exam.live.news import tell_item
from exam.live.pulse import Pulse
from exam.live.services import publish_list
from exam.live.streams import LEDGER, folder_of
from exam.live.tail import Batch, Mark, read
from exam.policy.pack import Pack
from proctor.ledger.lines import FIRST_PREV

log = structlog.get_logger()
LOOK_SECONDS = 0.1
PULSE_SECONDS = 2.0
CAMERAS_SECONDS = 5.0
AFTER_FAILURE_SECONDS = 1.0


def run(app: Flask, stop: threading.Event) -> None:
    """Forward until `stop` is set; a database that is away is waited for."""
    with app.app_context():
        forwarder = Forwarder(app)
        while not stop.wait(LOOK_SECONDS):
            try:
                forwarder.step()
            except (KaochangError, sa.exc.DBAPIError) as error:
                db.session.rollback()
                log.warning("forwarder.waiting", error=type(error).__name__)
                forwarder.forget()
                stop.wait(AFTER_FAILURE_SECONDS)


class Forwarder:
    """Remembers which file sizes it has dealt with; everything else is in the database."""

    def __init__(self, app: Flask) -> None:
        self._data_folder: Path = app.config["KAOCHANG"].data_folder
        self._pack: Pack = app.extensions["kaochang.pack"]
        self._pulse = Pulse(self._data_folder)
        self._sizes: dict[str, int] = {}
        self._streams: dict[str, UUID] = {}
        self._cameras_due = self._pulse_due = 0.0

    def forget(self) -> None:
        """Look at everything again."""
        self._sizes.clear()
        self._cameras_due = 0.0

    def step(self) -> int:
        """Look once; returns the number of ledger lines that became rows."""
        now = time.monotonic()
        if now >= self._cameras_due:
            self._streams = known_streams()
            publish_list(self._data_folder)
            self._cameras_due = now + CAMERAS_SECONDS
        taken = sum(self._look(stream) for stream in self._streams)
        if now >= self._pulse_due:
            self._pulse.beat(self._streams)
            self._pulse_due = now + PULSE_SECONDS
        return taken

    def _look(self, stream: str) -> int:
        path = folder_of(self._data_folder, stream) / LEDGER
        taken = 0
        while (size := _size(path)) != self._sizes.get(stream):
            try:
                forwarded = forward(self._streams[stream], path, times=self._times())
            except OSError as error:
                # One folder that cannot be read must not keep the others waiting.
                log.warning("ledger.unreadable", stream=stream, error=type(error).__name__)
                forwarded = Forwarded(0, more=False)
            taken += forwarded.lines
            if not forwarded.more:
                self._sizes[stream] = size
        return taken

    def _times(self) -> Times:
        within = timedelta(seconds=self._pack.integer("live.group_seconds"))
        return Times(now=clock.now(), shift=clock.moved_by(), within=within)


@dataclass(frozen=True)
class Forwarded:
    """How many lines became rows, and whether more are waiting already."""

    lines: int
    more: bool


def known_streams() -> dict[str, UUID]:
    """Every camera's stream, switched off or not: what it has written is still to be read."""
    with transaction() as session:
        found = session.execute(sa.select(Camera.stream, Camera.id).order_by(Camera.stream))
        streams = {row.stream: row.id for row in found}
        first = {"seq": 0, "head": FIRST_PREV, "bytes_read": 0, "origin_ms": 0}
        rows = [first | {"stream": stream, "read_at": sa.func.now()} for stream in streams]
        if rows:
            session.execute(insert(LedgerPosition).values(rows).on_conflict_do_nothing())
    return streams


def forward(camera_id: UUID, ledger: Path, *, times: Times) -> Forwarded:
    """Carry what one ledger has grown by into the database, and tell the wall at commit.

    Race stopped: two forwarders reading the same lines. The position is locked first and read
    afresh, and moves on in the same transaction as the rows.

    Raises:
        Busy: another forwarder holds the position.
        OSError: the file is there and cannot be read.
    """
    with transaction() as session:
        camera = session.scalars(
            sa.select(Camera)
            .where(Camera.id == camera_id)
            .options(joinedload(Camera.site))
            .execution_options(populate_existing=True)
        ).one()
        position = session.scalar(
            sa.select(LedgerPosition)
            .where(LedgerPosition.stream == camera.stream)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        if position is None or position.broken_seq is not None:
            return Forwarded(0, more=False)
        batch = read(ledger, Mark(position.seq, position.head, position.bytes_read))
        intake = Intake(camera, position, times)
        problem = _take(intake, batch) or batch.problem
        if problem:
            intake.broken(problem)
        position.read_at = times.now
        for item in intake.touched.values():
            tell_item(item, camera.site)
    return Forwarded(len(batch.lines), more=batch.more and not problem)


def _take(intake: Intake, batch: Batch) -> str | None:
    position = intake.position
    for line, mark in batch.lines:
        try:
            intake.take(line)
        except PayloadUnreadableError as error:
            return str(error)
        position.seq, position.head, position.bytes_read = mark.seq, mark.head, mark.bytes_read
    return None


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
