"""Writing notices. The ladder of channels grows here; a page is the first rung."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from exam.db import changed, db, new_id, transaction
from exam.notify.models import Notice


@dataclass(frozen=True)
class Message:
    """A notice to be written: its kind, its parameters, and whom it is for."""

    kind: str
    person_id: UUID | None = None
    account_id: UUID | None = None
    dedup_key: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


def tell(
    kind: str,
    *,
    now: datetime,
    person_id: UUID | None = None,
    account_id: UUID | None = None,
    dedup_key: str | None = None,
    **facts: Any,
) -> None:
    """Write one notice into the caller's transaction; a repeated dedup key writes none."""
    tell_all([Message(kind, person_id, account_id, dedup_key, facts)], now=now)


def tell_all(messages: Iterable[Message], *, now: datetime) -> None:
    """Write notices into the caller's transaction; a repeated dedup key writes none."""
    rows = [
        {
            "id": new_id(),
            "person_id": x.person_id,
            "account_id": x.account_id,
            "kind": x.kind,
            "facts": changed(x.facts),
            "dedup_key": x.dedup_key,
            "created_at": now,
        }
        for x in messages
    ]
    if rows:
        query = insert(Notice).on_conflict_do_nothing(index_elements=["dedup_key"])
        db.session.execute(query, rows)


def latest(person_id: UUID, *, limit: int = 20) -> list[Notice]:
    """A person's notices, newest first."""
    query = (
        sa.select(Notice)
        .where(Notice.person_id == person_id)
        .order_by(Notice.created_at.desc(), Notice.id.desc())
        .limit(limit)
    )
    return list(db.session.scalars(query))


def latest_of_account(account_id: UUID, *, since: datetime) -> list[Notice]:
    """Notices to a member of staff from a time on, newest first."""
    query = (
        sa.select(Notice)
        .where(Notice.account_id == account_id, Notice.created_at >= since)
        .order_by(Notice.created_at.desc(), Notice.id.desc())
    )
    return list(db.session.scalars(query))


def mark_read(person_id: UUID, *, now: datetime) -> None:
    """The person has seen her page."""
    with transaction() as session:
        session.execute(
            sa.update(Notice)
            .where(Notice.person_id == person_id, Notice.read_at.is_(None))
            .values(read_at=now)
        )
