"""Spans of the calendar. Pure."""

from datetime import date


def months_later(day: date, months: int) -> date:
    """The same day some months on; where that month is too short, its last day."""
    year, month0 = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month0 + 1, last)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")
