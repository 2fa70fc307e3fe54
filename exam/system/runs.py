"""Jobs: due by the application's clock, claimed once, every run recorded.

The jobs process asks once a second what has fallen due. Where the clock has moved on by weeks
(the demo's may), a job that catches up runs for each due time it passed, in order with the others,
and is told that time; the others run once, for the last.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
import structlog
from apscheduler.triggers.base import BaseTrigger
from sqlalchemy.dialects.postgresql import insert

from exam.db import db, new_id, transaction
from exam.system.models import JobRun, RunState

log = structlog.get_logger()
INSTANT = timedelta(microseconds=1)


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
    """Run what fell due after the last recorded run (or ``since``) up to ``now``; returns runs."""
    due = sorted(
        ((at, job) for job in jobs for at in _due_times(job, since, now)),
        key=lambda pair: (pair[0], pair[1].name),
    )
    return sum(_run(job, at) for at, job in due)


def _due_times(job: Job, since: datetime, now: datetime) -> list[datetime]:
    # Runs of a future from which the demo's clock was moved back must not hold up those of now.
    runs = sa.select(sa.func.max(JobRun.due_at)).where(JobRun.job == job.name, JobRun.due_at <= now)
    last = db.session.scalar(runs)
    db.session.rollback()
    times = list(_fire_times(job.trigger, max(filter(None, [last, since])), now))
    return times if job.catch_up else times[-1:]


def _fire_times(trigger: BaseTrigger, after: datetime, until: datetime) -> Iterator[datetime]:
    at = trigger.get_next_fire_time(None, after + INSTANT)
    while at is not None and at <= until:
        yield at
        at = trigger.get_next_fire_time(None, at + INSTANT)


def _run(job: Job, due_at: datetime) -> bool:
    run_id = _claim(job, due_at)
    if run_id is None:
        return False
    try:
        detail = job.work(due_at)
        ended = RunState.DONE
    except Exception as error:
        db.session.rollback()
        log.exception("job.failed", job=job.name)
        detail, ended = {"error": type(error).__name__}, RunState.FAILED
    with transaction() as session:
        session.execute(
            sa.update(JobRun)
            .where(JobRun.id == run_id)
            .values(state=ended, detail=detail, finished_at=sa.func.clock_timestamp())
        )
    return True


def _claim(job: Job, due_at: datetime) -> UUID | None:
    """Race stopped: two jobs processes running the same due time; the unique key lets one in."""
    run_id = new_id()
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
    return run_id if won else None
