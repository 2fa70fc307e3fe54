"""Regular work of registration: cases end with their permits."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from apscheduler.triggers.cron import CronTrigger

from exam.db import db, transaction
from exam.registration.cases import locked_cases
from exam.registration.models import Case, CaseState, Permit
from exam.registration.progress import end_case
from exam.registration.review import today_at_office
from exam.system.runs import Job


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


JOBS = [
    Job(
        "registration.lapse",
        CronTrigger(hour=16, minute=5, timezone=UTC),
        lapse_ended,
        catch_up=True,
    ),
]
"""Shortly after midnight at the office."""
