"""Replanning's regular work. Imported by the jobs process alone, since it brings the engine in."""

from datetime import UTC, datetime
from typing import Any

from apscheduler.triggers.interval import IntervalTrigger
from flask import current_app

from exam.replanning import cutting, solving
from exam.system.runs import Job

SOLVE_SECONDS, WATCH_SECONDS = 2, 30
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


def _solve(now: datetime) -> dict[str, Any]:
    settings = current_app.config["KAOCHANG"]
    return dict(
        solving.advance(
            now=now,
            pack=current_app.extensions["kaochang.pack"],
            data_folder=settings.data_folder,
            with_engine=settings.replan_engine,
        )
    )


def _watch(now: datetime) -> dict[str, Any]:
    return dict(solving.watch(now=now, pack=current_app.extensions["kaochang.pack"]))


def _cut(now: datetime) -> dict[str, Any]:
    return dict(cutting.follow(now=now))


def _every(seconds: int) -> IntervalTrigger:
    return IntervalTrigger(seconds=seconds, start_date=EPOCH, timezone=UTC)


JOBS = [
    Job("replanning.solve", _every(SOLVE_SECONDS), _solve),
    Job("replanning.watch", _every(WATCH_SECONDS), _watch),
    Job("replanning.cut", _every(WATCH_SECONDS), _cut),
]
