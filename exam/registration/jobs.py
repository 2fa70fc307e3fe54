"""Regular work of registration: cases end with their permits."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from exam.db import db, transaction
from exam.registration import intake, own_door
from exam.registration.cases import locked_cases
from exam.registration.models import Case, CaseState, Permit
from exam.registration.permits import current_pack
from exam.registration.progress import end_case
from exam.registration.review import today_at_office
from exam.system.runs import Job

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


def lapse_ended(now: datetime) -> dict[str, Any]:
    """End the cases whose permit's last day has passed; their passes are void (O162 Art. 41).

    Race stopped: a result that completes the case at the same moment; the case row is locked, and
    a case that has moved on is left alone.
    """
    ended = (
        sa.select(Case.id)
        .join(Permit, Permit.case_id == Case.id)
        .where(Case.state == CaseState.ACCEPTED, Permit.valid_until < today_at_office(now))
    )
    with transaction():
        cases = locked_cases(set(db.session.scalars(ended)))
        open_ones = [x for x in cases if x.state is CaseState.ACCEPTED]
        for case in open_ones:
            end_case(case, rule="permit.valid_years", now=now)
    return {"lapsed": len(open_ones)}


def work_off_uploads(now: datetime) -> dict[str, Any]:
    """Go on with the large uploads of the schools."""
    return intake.work_off(now, current_pack())


JOBS = [
    Job(
        "registration.own_drafts",
        IntervalTrigger(minutes=1, start_date=EPOCH, timezone=UTC),
        own_door.forget_old,
    ),
    Job(
        "registration.uploads",
        IntervalTrigger(seconds=1, start_date=EPOCH, timezone=UTC),
        work_off_uploads,
    ),
    Job(
        "registration.lapse",
        CronTrigger(hour=16, minute=5, timezone=UTC),
        lapse_ended,
        catch_up=True,
    ),
]
"""Shortly after midnight at the office."""
