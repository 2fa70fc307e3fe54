"""Results that the national platform is said to have told."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from exam.db import db, new_id, transaction
from exam.registration.models import (
    Case,
    NationalImport,
    NationalRecord,
    ResultOutcome,
    SubjectResult,
)

if TYPE_CHECKING:
    from datetime import datetime

    from exam.policy.subjects import Subject


def pass_subject(
    case_id: UUID, subject: Subject, at: datetime, outcome: ResultOutcome = ResultOutcome.PASSED
) -> None:
    """Write one result row with its provenance."""
    with transaction() as session:
        office_id = db.session.get_one(Case, case_id).office_id
        delivery = NationalImport(
            id=new_id(),
            office_id=office_id,
            source="test",
            simulated=True,
            received_at=at,
            sha256=hashlib.sha256(uuid4().bytes).hexdigest(),
            records=1,
        )
        session.add(delivery)
        session.flush()
        record = NationalRecord(
            id=new_id(), import_id=delivery.id, position=1, kind="result", payload={}
        )
        session.add(record)
        session.flush()
        session.add(
            SubjectResult(
                id=new_id(),
                case_id=case_id,
                subject=subject,
                outcome=outcome,
                exam_at=at,
                exam_date=at.date(),
                booking_counts=outcome is not ResultOutcome.NO_FAULT,
                national_record_id=record.id,
                recorded_at=at,
            )
        )
