"""Filters that turn values into what people read: days, clock times, numbers, masked numbers."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from babel.numbers import format_decimal, format_percent
from flask import current_app
from flask_babel import get_locale

if TYPE_CHECKING:
    from babel import Locale
    from flask import Flask

_DAY = {"zh": "y年M月d日（EEE）", "en": "EEE d MMM y"}


def _locale() -> Locale:
    locale: Locale | None = get_locale()
    if locale is None:
        raise RuntimeError("A text needs an application context to know its language.")
    return locale


def at_site(value: datetime, zone: str | None = None) -> datetime:
    """Return an aware time on the clock of ``zone`` (the office's without one).

    Raises ValueError for a naive time: nobody can say when that is.
    """
    if value.tzinfo is None:
        raise ValueError("A time without a zone cannot be shown; pass an aware datetime.")
    return value.astimezone(ZoneInfo(zone or current_app.config["SITE_TIME_ZONE"]))


def day(value: date, zone: str | None = None) -> str:
    """Format a date, or the date of an aware time: ``2026年11月22日（周日）``."""
    shown = at_site(value, zone) if isinstance(value, datetime) else value
    locale = _locale()
    return format_date(shown, _DAY.get(locale.language, "medium"), locale=locale)


def clock(value: datetime | time, zone: str | None = None) -> str:
    """Format a time of day on 24 hours: ``09:05``; a civil ``time`` is shown as it is."""
    shown = at_site(value, zone).time() if isinstance(value, datetime) else value
    return format_time(shown, "HH:mm", locale=_locale())


def daytime(value: datetime, zone: str | None = None) -> str:
    """Format an aware time as day and clock."""
    # A full-width bracket brings its own space.
    return f"{day(value, zone)} {clock(value, zone)}".replace("） ", "）")


def number(value: float) -> str:
    """Format a count or measure with the language's separators."""
    return format_decimal(value, locale=_locale())


def percent(value: float) -> str:
    """Format a share of one as whole per cent."""
    return format_percent(value, "0%", locale=_locale())


def masked(value: str, head: int = 4, tail: int = 4) -> str:
    """Hide the middle of a document or phone number; a short one is hidden whole."""
    hidden = len(value) - head - tail
    if hidden < 1:
        return "*" * len(value)
    return f"{value[:head]}{'*' * hidden}{value[-tail:] if tail else ''}"


def init_app(app: Flask) -> None:
    """Register the filters under their own names."""
    for one in (day, clock, daytime, number, percent, masked):
        app.jinja_env.filters[one.__name__] = one
