"""The jobs process: regular work by the application's clock, and news from the outbox."""

import logging
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import psycopg
import sqlalchemy as sa
import structlog
from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.interval import IntervalTrigger
from flask import Flask

from exam import clock
from exam.audit import services as audit
from exam.booking import jobs as booking
from exam.db import db
from exam.examday.jobs import JOBS as EXAM_DAY
from exam.people import kept_forms, visits
from exam.privacy.jobs import JOBS as PRIVACY
from exam.privacy.key_work import JOBS as KEYS
from exam.registration.jobs import JOBS as REGISTRATION
from exam.replanning.jobs import JOBS as REPLANNING
from exam.rostering.jobs import JOBS as ROSTERING
from exam.system import outbox
from exam.system.runs import Job, run_due

log = structlog.get_logger()
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
TICK_SECONDS = 1


def _link_audit(_now: datetime) -> dict[str, Any]:
    return {"linked": audit.link()}


def _forget_visits(_now: datetime) -> dict[str, Any]:
    """By the machine's clock, as visits run."""
    return {"forgotten": visits.forget_old(clock.real_now())}


def _forget_forms(_now: datetime) -> dict[str, Any]:
    return {"forgotten": kept_forms.forget_old(clock.real_now())}


JOBS: list[Job] = [
    Job("audit.link", IntervalTrigger(seconds=2, start_date=EPOCH, timezone=UTC), _link_audit),
    Job("people.visits", IntervalTrigger(days=1, start_date=EPOCH, timezone=UTC), _forget_visits),
    Job("people.forms", IntervalTrigger(minutes=10, start_date=EPOCH, timezone=UTC), _forget_forms),
    *booking.JOBS,
    *REPLANNING,
    *ROSTERING,
    *EXAM_DAY,
    *REGISTRATION,
    *PRIVACY,
    *KEYS,
]
"""Each feature's jobs are listed here."""


def run(app: Flask, jobs: Sequence[Job] = JOBS) -> None:
    """Run until the process is told to stop."""
    with app.app_context():
        started = clock.now()
    # A tick that is skipped because the one before still works is no news: runs are recorded.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    scheduler = BlockingScheduler(timezone=UTC)

    def tick() -> None:
        nonlocal started
        with app.app_context():
            try:
                now = clock.now()
                started = min(started, now)  # the demo's clock may be moved back
                run_due(jobs, since=started, now=now)
            except sa.exc.OperationalError:
                # What was begun is done again once the database answers.
                log.warning("jobs.connection_lost")

    scheduler.add_job(tick, "interval", seconds=TICK_SECONDS, max_instances=1, coalesce=True)
    threading.Thread(target=_listen, args=(app,), daemon=True, name="outbox").start()
    scheduler.start()


def _listen(app: Flask) -> None:
    """Deliver news as it comes; what was missed while away is found by number."""
    url = app.config["KAOCHANG"].database_url
    while True:
        try:
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute(f"LISTEN {outbox.CHANNEL}")
                while True:
                    _drain(app)
                    for _ in connection.notifies(timeout=5, stop_after=1):
                        pass
        except (psycopg.OperationalError, sa.exc.OperationalError):
            log.warning("outbox.connection_lost")
            threading.Event().wait(1)


def _drain(app: Flask) -> None:
    with app.app_context():
        while outbox.drain(now=clock.now()):
            pass
        db.session.remove()
