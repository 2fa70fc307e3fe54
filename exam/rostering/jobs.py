"""The rosters' regular work. Imported by the jobs process alone, since it brings the engine in."""

from datetime import UTC, datetime
from typing import Any

from apscheduler.triggers.interval import IntervalTrigger

from exam.rostering import solving
from exam.system.runs import Job

SECONDS = 2
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


def _solve(now: datetime) -> dict[str, Any]:
    return dict(solving.advance(now=now))


JOBS = [
    Job(
        "rostering.solve",
        IntervalTrigger(seconds=SECONDS, start_date=EPOCH, timezone=UTC),
        _solve,
    )
]
