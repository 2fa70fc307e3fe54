"""Regular work of the exam day: start it in the morning, settle offers that nobody answered."""

from datetime import UTC, datetime
from typing import Any

from apscheduler.triggers.cron import CronTrigger
from flask import current_app

from exam.examday.attempts import expire_retakes
from exam.examday.sittings import start_due_days
from exam.system.runs import Job


def _start(now: datetime) -> dict[str, Any]:
    return {"started": start_due_days(now=now, pack=current_app.extensions["kaochang.pack"])}


def _expire(now: datetime) -> dict[str, Any]:
    return {"declined": expire_retakes(now=now)}


JOBS = [
    Job("examday.start", CronTrigger(minute=5, timezone=UTC), _start, catch_up=True),
    Job("examday.expire", CronTrigger(minute=35, timezone=UTC), _expire),
]
"""Hourly, since sites have clocks of their own; both do nothing where nothing is due."""
