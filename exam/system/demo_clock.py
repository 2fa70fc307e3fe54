"""The demo's movable clock; refused where the demo flag is not set."""

import time
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import Flask

from exam.clock import OffsetClock
from exam.db import db, transaction
from exam.errors import NotAllowed
from exam.system.models import DemoClock

FRESH_SECONDS = 0.5


class OffsetReader:
    """Reads the offset at most twice a second, on a connection of its own."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._read_at = float("-inf")
        self._offset = timedelta()

    def __call__(self) -> timedelta:
        """The offset as the database had it at most half a second ago."""
        if time.monotonic() - self._read_at > FRESH_SECONDS:
            self._offset = self._read()
            self._read_at = time.monotonic()
        return self._offset

    def forget(self) -> None:
        """Read again at the next question."""
        self._read_at = float("-inf")

    def _read(self) -> timedelta:
        with self._app.app_context(), db.engine.connect() as connection:
            found = connection.scalar(sa.select(DemoClock.offset).where(DemoClock.id == 1))
        return found or timedelta()


def create(app: Flask) -> OffsetClock:
    """The demo's clock for this application."""
    app.extensions["kaochang.offset"] = reader = OffsetReader(app)
    return OffsetClock(reader)


def stands() -> bool:
    """Whether the demo's city was made to the end: its clock is the last row."""
    return db.session.scalar(sa.select(DemoClock.id)) is not None


def move(app: Flask, *, to: datetime, real_now: datetime) -> None:
    """Set the demo's time.

    Raises:
        NotAllowed: outside the demo.
    """
    if not app.config["KAOCHANG"].demo:
        raise NotAllowed
    with transaction() as session:
        session.merge(DemoClock(id=1, offset=to - real_now))
    app.extensions["kaochang.offset"].forget()
