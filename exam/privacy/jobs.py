"""The nightly run of all terms."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from apscheduler.triggers.cron import CronTrigger
from flask import current_app

from exam.policy.pack import Pack
from exam.privacy.retention import WORK, Run, limit_of, receipt
from exam.privacy.video import RULE, erase_video
from exam.system.runs import Job


def run(now: datetime) -> dict[str, Any]:
    """Erase what is past its term, rule by rule; numbers for the record of the run."""
    pack: Pack = current_app.extensions["kaochang.pack"]
    folder: Path = current_app.config["KAOCHANG"].data_folder
    told: dict[str, Any] = {}
    for rule, work in {**WORK, RULE: erase_video}.items():
        counts = work(Run(limit_of(rule, pack, now), now, folder))
        receipt(rule, counts, now=now)
        told[rule] = [counts.erased, counts.held, counts.ordered]
    return told


JOBS = [Job("retention.erase", CronTrigger(hour=18, minute=40, timezone=UTC), run)]
"""Before three in the morning at the sites: a camera that erases stops watching for a moment."""
