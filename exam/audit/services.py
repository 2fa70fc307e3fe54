"""Recording acts and chaining the record."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import rfc8785
import sqlalchemy as sa

from exam.audit.models import AuditRecord
from exam.db import advisory_lock, changed, db, transaction

FIRST_PREV = "0" * 64


def record(
    act: str,
    subject: Any,
    *,
    now: datetime,
    account_id: UUID | None,
    role: str | None = None,
    for_person_id: UUID | None = None,
    reason: str | None = None,
    **facts: Any,
) -> None:
    """Write one act into the caller's transaction.

    Args:
        act: dotted name, such as ``case.accepted``.
        subject: the row that was acted on; its table name and id are kept.
        now: the injected time.
        account_id: who; None for the system itself.
        role: the role in which the person acted.
        for_person_id: the person concerned, so that she can see who did what for her.
        reason: the person's words, where the act needs them.
        facts: parameters of the decision (rule id, pack edition, numbers), never rendered text.
    """
    db.session.add(
        AuditRecord(
            at=now,
            account_id=account_id,
            role=role,
            act=act,
            subject_kind=subject.__tablename__,
            subject_id=subject.id,
            for_person_id=for_person_id,
            reason=reason,
            facts=changed(facts),
        )
    )


def link(*, limit: int = 5_000) -> int:
    """Chain records that are not yet linked; returns how many.

    Race stopped: two linkers giving the same number. One holds the advisory lock; readers and
    writers of records never wait for it.
    """
    with transaction() as session:
        advisory_lock("audit", "linker")
        last = session.execute(
            sa.select(AuditRecord.number, AuditRecord.hash)
            .where(AuditRecord.number.is_not(None))
            .order_by(AuditRecord.number.desc())
            .limit(1)
        ).first()
        number, prev = (last.number, last.hash) if last else (0, FIRST_PREV)
        rows = session.scalars(
            sa.select(AuditRecord)
            .where(AuditRecord.hash.is_(None))
            .order_by(AuditRecord.arrival)
            .limit(limit)
        ).all()
        for place, row in enumerate(rows, number + 1):
            row.number, row.prev = place, prev
            row.hash = prev = hash_of(row)
        return len(rows)


def hash_of(row: AuditRecord) -> str:
    """SHA-256 over the RFC 8785 form of the record without its own hash."""
    body = {
        "number": row.number,
        "prev": row.prev,
        "id": str(row.id),
        "at": row.at.isoformat(),
        "account": str(row.account_id),
        "role": row.role,
        "act": row.act,
        "subject": [row.subject_kind, str(row.subject_id)],
        "for": str(row.for_person_id),
        "reason": row.reason,
        "facts": row.facts,
    }
    return hashlib.sha256(rfc8785.dumps(body)).hexdigest()


def first_broken(rows: Iterable[AuditRecord]) -> int | None:
    """The number of the first record that does not fit its chain, or None if all do."""
    prev = FIRST_PREV
    for number, row in enumerate(rows, 1):
        if row.number != number or row.prev != prev or row.hash != hash_of(row):
            return number
        prev = row.hash
    return None
