"""Jobs follow the application's clock, run once each, and are recorded."""

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger
from flask import Flask

from exam.clock import FixedClock
from exam.db import db
from exam.system.models import JobRun, RunState
from exam.system.runs import Job, run_due

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


class Diary:
    def __init__(self) -> None:
        self.entries: list[tuple[str, datetime]] = []

    def job(self, name: str, trigger: Any, *, catch_up: bool) -> Job:
        def work(now: datetime) -> dict[str, Any]:
            self.entries.append((name, now))
            return {}

        return Job(name, trigger, work, catch_up=catch_up)


def test_a_daily_job_catches_up_in_order_when_the_clock_jumps(
    app: Flask, clock: FixedClock
) -> None:
    diary = Diary()
    noon = diary.job("noon", CronTrigger(hour=12, timezone=UTC), catch_up=True)
    often = diary.job("often", IntervalTrigger(minutes=1, start_date=EPOCH), catch_up=False)
    since = clock.now()
    clock.advance(timedelta(days=3))
    run_due([often, noon], since=since, now=clock.now())
    noons = [at for name, at in diary.entries if name == "noon"]
    assert [at.day for at in noons] == [2, 3, 4]
    assert [name for name, _ in diary.entries].count("often") == 1
    assert diary.entries == sorted(diary.entries, key=lambda e: e[1])


def test_a_due_time_runs_once_whoever_asks(app: Flask, clock: FixedClock) -> None:
    diary = Diary()
    noon = diary.job("noon", CronTrigger(hour=12, timezone=UTC), catch_up=True)
    since = clock.now()
    clock.advance(timedelta(days=1))
    assert run_due([noon], since=since, now=clock.now()) == 1
    assert run_due([noon], since=since, now=clock.now()) == 0
    assert len(diary.entries) == 1


def test_a_job_that_fails_is_recorded_and_does_not_stop_the_others(
    app: Flask, clock: FixedClock
) -> None:
    diary = Diary()

    def fail(now: datetime) -> dict[str, Any]:
        raise RuntimeError

    failing = Job("failing", CronTrigger(hour=2, timezone=UTC), fail, catch_up=True)
    noon = diary.job("noon", CronTrigger(hour=12, timezone=UTC), catch_up=True)
    since = clock.now()
    clock.advance(timedelta(hours=23))
    run_due([failing, noon], since=since, now=clock.now())
    states = {run.job: run.state for run in db.session.scalars(sa.select(JobRun))}
    assert states == {"failing": RunState.FAILED, "noon": RunState.DONE}
    assert len(diary.entries) == 1


def test_jobs_go_on_after_the_clock_was_moved_back(app: Flask, clock: FixedClock) -> None:
    diary = Diary()
    often = diary.job("often", IntervalTrigger(minutes=1, start_date=EPOCH), catch_up=False)
    since = clock.now()
    for moved in (timedelta(minutes=1), timedelta(days=9), timedelta(days=-8)):
        clock.advance(moved)
        run_due([often], since=since, now=clock.now())
    assert [(at - since).days for _, at in diary.entries] == [0, 9, 1]
    assert run_due([often], since=since, now=clock.now()) == 0
