"""Jobs: due by the application's clock, claimed once, every run recorded.

The jobs process asks once a second what has fallen due. Where the clock has moved on by weeks
(the demo's may), a job that catches up runs for each due time it passed, in order with the others,
and is told that time; the others run once, for the last. What fell due while no process was there
counts as passed, and a run whose process was killed, or lost its database, is done again.
"""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
import structlog
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy.dialects.postgresql import insert

from exam.db import db, new_id, transaction
from exam.system.models import JobRun, RunState

log = structlog.get_logger()
INSTANT = timedelta(microseconds=1)
AGAIN = 5
"""How often a run is begun again whose process died: one that kills it must not do so for ever."""


@dataclass(frozen=True)
class Job:
    """A piece of regular work.

    ``work(now)`` must be safe to run again, and returns numbers for the record. ``trigger`` is an
    APScheduler trigger, read on the application's clock.
    """

    name: str
    trigger: BaseTrigger
    work: Callable[[datetime], dict[str, Any]]
    catch_up: bool = False


def run_due(jobs: Sequence[Job], *, since: datetime, now: datetime) -> int:
    """Run what was left undone and what fell due up to ``now``; returns runs.

    A job that never ran begins after ``since``, any other one after its last recorded run.
    """
    due = sorted(
        ((at, job) for job in jobs for at in _due_times(job, since, now)),
        key=lambda pair: (pair[0], pair[1].name),
    )
    again = sum(_run_again(job, run) for job, run in _undone(jobs))
    return again + sum(_run(job, at) for at, job in due)


def _due_times(job: Job, since: datetime, now: datetime) -> list[datetime]:
    # Runs of a future from which the demo's clock was moved back must not hold up those of now.
    runs = sa.select(sa.func.max(JobRun.due_at)).where(JobRun.job == job.name, JobRun.due_at <= now)
    after = db.session.scalar(runs) or since
    db.session.rollback()
    if job.catch_up:
        return list(_fire_times(job.trigger, after, now))
    if isinstance(job.trigger, IntervalTrigger):
        # Only the last is wanted: a month of seconds is not counted through.
        after = max(after, now - job.trigger.interval - INSTANT)
    return list(_fire_times(job.trigger, after, now))[-1:]


def _fire_times(trigger: BaseTrigger, after: datetime, until: datetime) -> Iterator[datetime]:
    at = trigger.get_next_fire_time(None, after + INSTANT)
    while at is not None and at <= until:
        yield at
        at = trigger.get_next_fire_time(None, at + INSTANT)


def _undone(jobs: Sequence[Job]) -> list[tuple[Job, JobRun]]:
    """Runs that began and have not ended, the earliest first; some may be at work elsewhere."""
    by_name = {job.name: job for job in jobs}
    runs = (
        sa.select(JobRun)
        .where(JobRun.state == RunState.RUNNING, JobRun.job.in_(by_name))
        .order_by(JobRun.due_at, JobRun.job)
    )
    found = [(by_name[run.job], run) for run in db.session.scalars(runs)]
    db.session.expunge_all()
    db.session.rollback()
    return found


def _run_again(job: Job, run: JobRun) -> bool:
    with _held(run.id) as held:
        if not held or (times := _begun_again(run.id)) is None:
            return False
        if times > AGAIN:
            log.error("job.given_up", job=job.name, due_at=run.due_at.isoformat())
            _end(run.id, RunState.FAILED, {"error": "abandoned", "again": AGAIN})
            return False
        log.warning("job.again", job=job.name, due_at=run.due_at.isoformat(), times=times)
        _work(job, run.id, run.due_at)
    return True


def _begun_again(run_id: UUID) -> int | None:
    """How often it was begun again, this time included; None if it has ended meanwhile."""
    with transaction() as session:
        run = session.get(JobRun, run_id)
        if run is None or run.state is not RunState.RUNNING:
            return None
        times = int(run.detail.get("again", 0)) + 1
        run.detail = {"again": times}
    return times


def _run(job: Job, due_at: datetime) -> bool:
    run_id = new_id()
    with _held(run_id):
        if not _claim(job, due_at, run_id):
            return False
        _work(job, run_id, due_at)
    return True


def _work(job: Job, run_id: UUID, due_at: datetime) -> None:
    """Do it and record how it ended; without a database nothing ends, and it is done again."""
    try:
        detail = job.work(due_at)
        ended = RunState.DONE
    except sa.exc.OperationalError:
        db.session.rollback()
        raise
    except Exception as error:
        db.session.rollback()
        log.exception("job.failed", job=job.name)
        detail, ended = {"error": type(error).__name__}, RunState.FAILED
    _end(run_id, ended, detail)


def _end(run_id: UUID, state: RunState, detail: dict[str, Any]) -> None:
    with transaction() as session:
        session.execute(
            sa.update(JobRun)
            .where(JobRun.id == run_id)
            .values(state=state, detail=detail, finished_at=sa.func.clock_timestamp())
        )


@contextlib.contextmanager
def _held(run_id: UUID) -> Iterator[bool]:
    """Hold a run for as long as this process lives; false if another one holds it.

    Race stopped: a second process taking a run for abandoned that is still at work. The lock ends
    with its connection, so that of a killed process ends with it.
    """
    key = int.from_bytes(run_id.bytes[8:], signed=True)
    engine = db.engine.execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        held = bool(connection.scalar(sa.select(sa.func.pg_try_advisory_lock(key))))
        try:
            yield held
        finally:
            if held and not connection.invalidated:
                with contextlib.suppress(sa.exc.OperationalError):
                    connection.execute(sa.select(sa.func.pg_advisory_unlock(key)))


def _claim(job: Job, due_at: datetime, run_id: UUID) -> bool:
    """Race stopped: two jobs processes running the same due time; the unique key lets one in."""
    row = insert(JobRun).values(
        id=run_id,
        job=job.name,
        due_at=due_at,
        started_at=sa.func.clock_timestamp(),
        state=RunState.RUNNING,
        detail={},
    )
    with transaction() as session:
        won = session.execute(row.on_conflict_do_nothing().returning(JobRun.id)).first()
    return won is not None
