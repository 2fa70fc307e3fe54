from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from exam.db import db
from exam.live import services
from exam.live.models import CameraEvent, ReviewItem
from exam.live.states import EventGroup, ItemState, Severity
from exam.people.roles import Role
from tests.application import MONDAY
from tests.live.conftest import Worker, forward_all

if TYPE_CHECKING:
    from collections.abc import Callable

    from exam.people.roles import Actor


def items() -> list[ReviewItem]:
    return list(db.session.scalars(sa.select(ReviewItem).order_by(ReviewItem.number)))


def test_an_event_becomes_an_item_that_says_when_and_how_sure(worker: Worker) -> None:
    worker.seen("several_faces", at_ms=5000, severity="alert", faces=2, expected=1)
    forward_all(worker)
    (item,) = items()
    (event,) = db.session.scalars(sa.select(CameraEvent))
    assert (item.group, item.severity, item.state) == (
        EventGroup.CONDUCT,
        Severity.ALERT,
        ItemState.OPEN,
    )
    assert item.opened_at == MONDAY + timedelta(seconds=5)
    assert item.last_at == MONDAY + timedelta(seconds=8)
    assert (event.event, event.open, event.confidence_pm) == (1, False, 930)
    assert event.facts == {"faces": 2, "expected": 1}


def test_events_within_thirty_seconds_share_an_item(worker: Worker) -> None:
    worker.seen(at_ms=0)
    worker.seen(at_ms=33_000)  # the last one ended at 3 s
    forward_all(worker)
    assert len(items()) == 1


def test_a_longer_calm_begins_a_new_item(worker: Worker) -> None:
    worker.seen(at_ms=0)
    worker.seen(at_ms=33_001)
    forward_all(worker)
    assert len(items()) == 2


def test_an_event_that_goes_on_keeps_its_item_however_long(worker: Worker) -> None:
    worker.open("face_absent", at_ms=0)
    worker.seen("looking_away", at_ms=300_000)
    forward_all(worker)
    assert len(items()) == 1


def test_conduct_and_equipment_never_share_an_item(worker: Worker) -> None:
    worker.seen("face_absent", at_ms=0)
    worker.seen("camera_covered", at_ms=1000)
    forward_all(worker)
    assert [item.group for item in items()] == [EventGroup.CONDUCT, EventGroup.EQUIPMENT]


def test_a_notice_that_lasts_becomes_an_alert(worker: Worker) -> None:
    number = worker.open("face_absent", at_ms=0)
    forward_all(worker)
    assert items()[0].severity is Severity.NOTICE
    worker.update(number, "face_absent", 0, 15_000, severity="alert")
    forward_all(worker)
    db.session.expire_all()
    assert items()[0].severity is Severity.ALERT


def test_what_comes_after_an_acknowledgement_is_not_hidden_behind_it(
    worker: Worker, actor_with: Callable[..., Actor]
) -> None:
    worker.seen(at_ms=0)
    forward_all(worker)
    number = items()[0].number
    services.acknowledge(actor_with(Role.EXAMINER), number, now=MONDAY)
    worker.seen(at_ms=5000)
    forward_all(worker)
    assert [item.state for item in items()] == [ItemState.ACKNOWLEDGED, ItemState.OPEN]


def test_a_kind_newer_than_this_release_is_kept(worker: Worker) -> None:
    worker.seen("humming", at_ms=0)
    forward_all(worker)
    assert db.session.scalar(sa.select(CameraEvent.kind)) == "humming"


def test_a_restarted_worker_tells_when_its_timeline_began(worker: Worker) -> None:
    from proctor.ledger.lines import LineType

    worker.clock.advance(timedelta(minutes=10))
    worker.line(LineType.START, origin_ms=50_000, stream="x")
    worker.seen(at_ms=52_000)
    forward_all(worker)
    assert items()[0].opened_at == MONDAY + timedelta(minutes=10, seconds=2)
