"""The one clock. Everything that asks for the time asks it here, and gets aware UTC.

In the demo an administrator may move the clock; the offset lies in the database, so that every
process sees the same time. Elsewhere the offset is neither read nor writable.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from flask import Flask, current_app


class Clock(Protocol):
    """What services and jobs need of time."""

    def now(self) -> datetime:
        """Aware UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Aware UTC."""
        return datetime.now(UTC)


class OffsetClock:
    """The machine's clock plus an offset that ``read_offset`` gives (demo only)."""

    def __init__(self, read_offset: Callable[[], timedelta]) -> None:
        self._read_offset = read_offset

    def now(self) -> datetime:
        """Aware UTC, moved."""
        return datetime.now(UTC) + self._read_offset()

    def moved_by(self) -> timedelta:
        """What has to be added to the machine's time."""
        return self._read_offset()


class FixedClock:
    """A clock that stands until it is moved: bulk history and tests."""

    def __init__(self, at: datetime) -> None:
        if at.tzinfo is None:
            raise ValueError("a clock needs an aware time")
        self._at = at.astimezone(UTC)

    def now(self) -> datetime:
        """Aware UTC."""
        return self._at

    def move_to(self, at: datetime) -> None:
        """Set the time; backwards is allowed, since tests need it."""
        self._at = at.astimezone(UTC)

    def advance(self, by: timedelta) -> None:
        """Let time pass."""
        self._at += by


def init_app(app: Flask, clock: Clock) -> None:
    """Give the application its clock."""
    app.extensions["kaochang.clock"] = clock


def now() -> datetime:
    """The application's time, for views, jobs and commands; services get it as an argument."""
    clock: Clock = current_app.extensions["kaochang.clock"]
    return clock.now()


def moved_by() -> timedelta:
    """How far the application's time is from the machine's: zero, but where the demo moved it."""
    clock: Clock = current_app.extensions["kaochang.clock"]
    return clock.moved_by() if isinstance(clock, OffsetClock) else timedelta()


def real_now() -> datetime:
    """The machine's time, wherever the demo's clock stands.

    Sign-ins run by it: phones and authenticators know no other, and a moved clock ends no visit.
    """
    return now() - moved_by()


def civil_date(at: datetime, time_zone: str) -> date:
    """The calendar day at a place."""
    return at.astimezone(ZoneInfo(time_zone)).date()
