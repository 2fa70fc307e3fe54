"""Working days from an official calendar; a year that is not announced says so. Pure."""

import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

CALENDARS = Path(__file__).parent / "calendars"
SATURDAY = 5


@dataclass(frozen=True)
class WorkingDays:
    """Statutory holidays and working weekends, by year."""

    years: frozenset[int]
    holidays: frozenset[date]
    working_weekends: frozenset[date]
    source: dict[int, str]

    def announced(self, year: int) -> bool:
        """Whether the calendar of this year is known; else only weekends are taken as free."""
        return year in self.years

    def is_working(self, day: date) -> bool:
        """Whether offices work."""
        if day in self.working_weekends:
            return True
        return day.weekday() < SATURDAY and day not in self.holidays

    def before(self, day: date, count: int) -> date:
        """The ``count``-th working day before ``day``, which itself does not count."""
        return self._walk(day, count, -1)

    def after(self, day: date, count: int) -> date:
        """The ``count``-th working day after ``day``."""
        return self._walk(day, count, 1)

    def _walk(self, day: date, count: int, step: int) -> date:
        while count:
            day += timedelta(days=step)
            count -= self.is_working(day)
        return day


@cache
def load(name: str = "cn", folder: Path = CALENDARS) -> WorkingDays:
    """Read a calendar file: one table a year with ``holidays`` (ranges) and ``working`` days."""
    content = tomllib.loads((folder / f"{name}.toml").read_text(encoding="utf-8"))
    holidays: set[date] = set()
    working: set[date] = set()
    for year in content["year"].values():
        for first, last in year["holidays"]:
            holidays.update(first + timedelta(days=i) for i in range((last - first).days + 1))
        working.update(year["working"])
    return WorkingDays(
        years=frozenset(int(y) for y in content["year"]),
        holidays=frozenset(holidays),
        working_weekends=frozenset(working),
        source={int(y): entry["source"] for y, entry in content["year"].items()},
    )
