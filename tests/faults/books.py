"""What the database must hold in the end: everything once, nothing begun and left."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from exam.audit.models import AuditRecord
from exam.audit.services import first_broken
from exam.booking.models import Application, Booking
from exam.db import db
from exam.examday.models import Attempt, Signature, Sitting
from exam.live.models import CameraEvent, LedgerPosition
from exam.notify.models import Notice
from exam.people.models import Account
from exam.people.models import Person as PersonRow
from exam.registration.models import Case, Permit, SubjectResult, Upload
from exam.system.models import JobRun, OutboxEvent, RunState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.walk.upload import Person


def once_for_each(people: Sequence[Person]) -> dict[str, tuple[int, int]]:
    """Rows that there are and rows that there must be, by what they are."""
    ours = sa.select(PersonRow.id).where(PersonRow.name.in_([x.name for x in people])).subquery()
    cases = sa.select(Case.id).where(Case.person_id.in_(sa.select(ours)))
    sittings = (
        sa.select(Sitting.id)
        .join(Booking, Booking.id == Sitting.booking_id)
        .where(Booking.case_id.in_(cases))
    )
    count = len(people)
    expected = {
        "persons": (sa.select(ours), count),
        "accounts": (sa.select(Account.id).where(Account.person_id.in_(sa.select(ours))), count),
        "cases": (cases, count),
        "applications": (sa.select(Application.id).where(Application.case_id.in_(cases)), count),
        "bookings": (sa.select(Booking.id).where(Booking.case_id.in_(cases)), count),
        "sittings": (sittings, count),
        "attempts": (sa.select(Attempt.id).where(Attempt.sitting_id.in_(sittings)), count),
        "signatures": (
            sa.select(Signature.id).where(Signature.sitting_id.in_(sittings)),
            2 * count,
        ),
        "results": (sa.select(SubjectResult.id).where(SubjectResult.case_id.in_(cases)), count),
        "permits": (sa.select(Permit.id).where(Permit.case_id.in_(cases)), count),
        "uploads": (sa.select(Upload.id), 1),
    }
    found = {
        what: (int(db.session.scalar(sa.select(sa.func.count()).select_from(q.subquery())) or 0), n)
        for what, (q, n) in expected.items()
    }
    db.session.remove()
    return found


def told_twice() -> list[str]:
    """Notices of one kind with the same facts to the same person."""
    rows = db.session.execute(
        sa.select(Notice.kind)
        .group_by(Notice.kind, Notice.person_id, Notice.account_id, Notice.facts)
        .having(sa.func.count() > 1)
    )
    found = [kind for (kind,) in rows]
    db.session.remove()
    return found


def left_undone() -> dict[str, int]:
    """Outbox events that wait, and job runs that began and did not end or that failed."""
    waiting = sa.select(sa.func.count()).where(OutboxEvent.handled_at.is_(None))
    runs = sa.select(sa.func.count()).where(JobRun.state != RunState.DONE)
    found = {
        "events": int(db.session.scalar(waiting) or 0),
        "runs": int(db.session.scalar(runs) or 0),
    }
    db.session.remove()
    return found


def broken_audit() -> int | None:
    """The first audit record that does not fit its chain."""
    rows = db.session.scalars(
        sa.select(AuditRecord).where(AuditRecord.number.is_not(None)).order_by(AuditRecord.number)
    ).all()
    db.session.expunge_all()
    db.session.remove()
    return first_broken(rows)


def forwarded(stream: str) -> tuple[int, set[int]]:
    """How far a stream's ledger was read, and the events that arrived."""
    seq = db.session.scalar(sa.select(LedgerPosition.seq).where(LedgerPosition.stream == stream))
    events = set(
        db.session.scalars(sa.select(CameraEvent.event).where(CameraEvent.stream == stream))
    )
    db.session.remove()
    return int(seq or 0), events
