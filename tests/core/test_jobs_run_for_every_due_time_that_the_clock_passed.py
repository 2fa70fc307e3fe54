"""Jobs follow the application's clock, run once each, and are recorded."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger
from flask import Flask

from exam.clock import FixedClock
from exam.db import db
from exam.system.models import JobRun, RunState
from exam.system.runs import AGAIN, Job, run_due

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


def test_what_fell_due_while_no_process_was_there_is_made_up_for(
    app: Flask, clock: FixedClock
) -> None:
    diary = Diary()
    noon = diary.job("noon", CronTrigger(hour=12, timezone=UTC), catch_up=True)
    since = clock.now()
    clock.advance(timedelta(days=1))
    run_due([noon], since=since, now=clock.now())
    clock.advance(timedelta(days=1))
    # A process that was started again a moment ago knows of no earlier time by itself.
    assert run_due([noon], since=clock.now(), now=clock.now()) == 1
    assert [at.day for _, at in diary.entries] == [2, 3]


def test_a_run_whose_process_was_killed_is_done_again_and_only_then(
    app: Flask, clock: FixedClock
) -> None:
    diary = Diary()
    attempts: list[datetime] = []
    since = clock.now()

    def work(now: datetime) -> dict[str, Any]:
        attempts.append(now)
        # While it works, nobody else takes it for abandoned.
        assert run_due([noon], since=since, now=clock.now()) == 0
        if len(attempts) == 1:
            raise SystemExit  # what a killed process leaves: a run begun, its lock let go
        diary.entries.append(("noon", now))
        return {"done": 1}

    noon = Job("noon", CronTrigger(hour=12, timezone=UTC), work, catch_up=True)
    clock.advance(timedelta(days=1))
    with pytest.raises(SystemExit):
        run_due([noon], since=since, now=clock.now())
    db.session.remove()
    assert db.session.scalars(sa.select(JobRun.state)).all() == [RunState.RUNNING]
    db.session.remove()
    assert run_due([noon], since=since, now=clock.now()) == 1
    assert [at.day for _, at in diary.entries] == [2]
    run = db.session.scalars(sa.select(JobRun)).one()
    assert (run.state, run.detail) == (RunState.DONE, {"done": 1})


def test_a_run_that_kills_its_process_each_time_is_given_up(app: Flask, clock: FixedClock) -> None:
    def work(now: datetime) -> dict[str, Any]:
        raise SystemExit

    noon = Job("noon", CronTrigger(hour=12, timezone=UTC), work, catch_up=True)
    since = clock.now()
    clock.advance(timedelta(days=1))
    for _ in range(1 + AGAIN):
        with pytest.raises(SystemExit):
            run_due([noon], since=since, now=clock.now())
        db.session.remove()
    assert run_due([noon], since=since, now=clock.now()) == 0
    assert db.session.scalars(sa.select(JobRun.state)).all() == [RunState.FAILED]
