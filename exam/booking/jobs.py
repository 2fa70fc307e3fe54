"""Booking's regular work. Imported by the jobs process alone, since it brings the engine in."""

from datetime import UTC, datetime
from typing import Any

from apscheduler.triggers.interval import IntervalTrigger
from flask import current_app

from exam.booking.services import solving
from exam.system.runs import Job

EVERY_SECONDS = 2
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


def _take_rounds_forward(now: datetime) -> dict[str, Any]:
    return dict(
        solving.advance(
            now=now,
            pack=current_app.extensions["kaochang.pack"],
            data_folder=current_app.config["KAOCHANG"].data_folder,
        )
    )


JOBS = [
    Job(
        "booking.rounds",
        IntervalTrigger(seconds=EVERY_SECONDS, start_date=EPOCH, timezone=UTC),
        _take_rounds_forward,
    )
]
