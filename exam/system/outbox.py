"""Domain events: published in a transaction, delivered at least once after it.

An event is a frozen pydantic model. Handlers are subscribed in `exam.app`, run one at a time in
number order, each in its own transaction together with the mark that it was handled; a handler
must therefore be safe to run again.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, ClassVar, TypeVar

import sqlalchemy as sa
import structlog
from flask import Flask, current_app
from pydantic import BaseModel, ConfigDict

from exam.db import changed, db, transaction, wake
from exam.system.models import OutboxEvent

log = structlog.get_logger()
CHANNEL = "outbox"
ATTEMPTS = 10


class DomainEvent(BaseModel):
    """Base of all events; ``name`` is stable, since rows outlive releases."""

    model_config = ConfigDict(frozen=True)
    name: ClassVar[str]


Ev = TypeVar("Ev", bound=DomainEvent)
Handler = Callable[[Any, datetime], None]


class Subscriptions:
    """Who listens to what; filled once while the application is wired."""

    def __init__(self) -> None:
        self._handlers: dict[str, list[tuple[type[DomainEvent], Handler]]] = defaultdict(list)

    def add(self, event: type[Ev], handler: Callable[[Ev, datetime], None]) -> None:
        """Call ``handler(event, now)`` for each ``event``, after its transaction."""
        self._handlers[event.name].append((event, handler))

    def deliver(self, row: OutboxEvent, now: datetime) -> None:
        """Run the handlers of one row inside the open transaction."""
        for kind, handler in self._handlers.get(row.name, []):
            handler(kind.model_validate(row.payload), now)


def init_app(app: Flask) -> Subscriptions:
    """Create the application's subscriptions."""
    app.extensions["kaochang.outbox"] = subscriptions = Subscriptions()
    return subscriptions


def publish(event: DomainEvent, *, now: datetime) -> None:
    """Write the event into the caller's transaction and wake the dispatcher at commit."""
    publish_all([event], now=now)


def publish_all(events: Iterable[DomainEvent], *, now: datetime) -> None:
    """Write events, in their order, and wake the dispatcher once."""
    rows = [
        OutboxEvent(name=x.name, payload=changed(x.model_dump(mode="json")), created_at=now)
        for x in events
    ]
    if rows:
        db.session.add_all(rows)
        wake(CHANNEL, rows[0].name)


def drain(*, now: datetime, limit: int = 200) -> int:
    """Try the waiting events once, in number order; returns how many were delivered.

    One that fails stays, with its attempts counted, and is tried again by a later call; what its
    handler did is undone alone.

    Race stopped: two dispatchers taking the same row. Rows are locked with SKIP LOCKED, and the
    marks are written in the transaction in which the handlers worked.
    """
    subscriptions: Subscriptions = current_app.extensions["kaochang.outbox"]
    waiting = (
        sa.select(OutboxEvent)
        .where(OutboxEvent.handled_at.is_(None), OutboxEvent.attempts < ATTEMPTS)
        .order_by(OutboxEvent.number)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    with transaction() as session:
        rows = session.scalars(waiting).all()
        return sum([_deliver(row, subscriptions, now) for row in rows])


def _deliver(row: OutboxEvent, subscriptions: Subscriptions, now: datetime) -> bool:
    try:
        with db.session.begin_nested():
            subscriptions.deliver(row, now)
    except Exception as error:
        log.exception("outbox.handler_failed", event_id=str(row.id))
        row.attempts += 1
        row.last_error = type(error).__name__
        return False
    row.handled_at = now
    return True
