"""What replanning tells when it is told; a handler may run again."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from exam.booking.models import Booking, Pool, Session
from exam.db import db
from exam.notify.services import Message, tell_all
from exam.registration.models import Case
from exam.replanning.events import ReplanTold
from exam.replanning.models import Change, Replan, ReplanLine
from exam.replanning.reading import help_phone


def tell_everybody(event: ReplanTold, now: datetime) -> None:
    """One notice to everybody whose seat is not what it was; nobody else is disturbed."""
    found = db.session.get_one(Replan, event.replan_id)
    phone = help_phone(found.office_id)
    tell_all([_message(found, phone, row) for row in db.session.execute(_changed(found))], now=now)


def _changed(found: Replan) -> sa.Select[ReplanLine, UUID, date, date, str]:
    old, new = aliased(Booking), aliased(Booking)
    was, is_ = aliased(Session), aliased(Session)
    return (
        sa.select(ReplanLine, Case.person_id, was.date, is_.date, new.reference)
        .join(Case, Case.id == ReplanLine.case_id)
        .outerjoin(old, old.id == ReplanLine.booking_id)
        .outerjoin(was, was.id == old.session_id)
        .outerjoin(new, new.id == ReplanLine.new_booking_id)
        .outerjoin(Pool, Pool.id == new.pool_id)
        .outerjoin(is_, is_.id == Pool.session_id)
        .where(
            ReplanLine.replan_id == found.id,
            ReplanLine.change.not_in((Change.KEPT, Change.NOT_SEATED)),
        )
    )


def _message(found: Replan, phone: str, row: Any) -> Message:
    line, person_id, before, after, reference = row
    facts = {
        "subject": line.subject,
        "date": (before or after).isoformat(),
        "because": found.kind,
        "phone": phone,
        "reference": reference,
    }
    if line.change is Change.LOST:
        kind = "replan.lost"
    elif line.change is Change.SEATED:
        kind = "replan.seated"
    else:
        kind = "replan.pool" if line.change is Change.POOL else "replan.moved"
    return Message(kind, person_id=person_id, dedup_key=f"replan:{line.id}", facts=facts)
