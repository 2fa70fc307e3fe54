"""The outbox: at least once, in order, and a failing handler loses nothing."""

from datetime import datetime
from typing import ClassVar

import pytest
import sqlalchemy as sa
from flask import Flask

from exam.clock import FixedClock
from exam.db import db, transaction
from exam.system import outbox
from exam.system.models import OutboxEvent
from exam.system.outbox import DomainEvent, Subscriptions


class Rang(DomainEvent):
    name: ClassVar[str] = "test.rang"
    bell: int


@pytest.fixture
def heard(app: Flask) -> list[int]:
    bells: list[int] = []
    subscriptions: Subscriptions = app.extensions["kaochang.outbox"]

    def listen(event: Rang, now: datetime) -> None:
        bells.append(event.bell)

    subscriptions.add(Rang, listen)
    return bells


def _ring(clock: FixedClock, *bells: int) -> None:
    with transaction():
        for bell in bells:
            outbox.publish(Rang(bell=bell), now=clock.now())


def test_events_arrive_in_order_and_once(app: Flask, clock: FixedClock, heard: list[int]) -> None:
    _ring(clock, 1, 2, 3)
    assert outbox.drain(now=clock.now()) == 3
    assert outbox.drain(now=clock.now()) == 0
    assert heard == [1, 2, 3]


def test_news_of_a_transaction_that_failed_is_not_told(
    app: Flask, clock: FixedClock, heard: list[int]
) -> None:
    def ring_and_fail() -> None:
        with transaction():
            outbox.publish(Rang(bell=1), now=clock.now())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ring_and_fail()
    assert outbox.drain(now=clock.now()) == 0
    assert heard == []


def test_an_event_whose_handler_fails_is_tried_again(
    app: Flask, clock: FixedClock, heard: list[int]
) -> None:
    subscriptions: Subscriptions = app.extensions["kaochang.outbox"]
    failing = [True]

    def fail_first(event: Rang, now: datetime) -> None:
        if failing:
            raise RuntimeError("the bell fell down")

    subscriptions.add(Rang, fail_first)
    _ring(clock, 7)
    outbox.drain(now=clock.now(), limit=1)
    row = db.session.scalars(sa.select(OutboxEvent)).one()
    assert (row.handled_at, row.attempts, row.last_error) == (None, 1, "RuntimeError")
    db.session.rollback()
    failing.clear()
    outbox.drain(now=clock.now(), limit=1)
    db.session.expire_all()
    assert db.session.scalars(sa.select(OutboxEvent)).one().handled_at is not None
