from __future__ import annotations

import json
from typing import TYPE_CHECKING

import sqlalchemy as sa

from exam.db import db
from exam.live import services
from exam.live.intake import LEDGER_BROKEN
from exam.live.models import CameraEvent, LedgerPosition, ReviewItem
from exam.live.states import EventGroup, Severity
from proctor.ledger.lines import LineType
from tests.application import MONDAY
from tests.live.conftest import Worker, forward_all

if TYPE_CHECKING:
    import pytest


def position() -> LedgerPosition:
    db.session.expire_all()
    found = db.session.scalar(sa.select(LedgerPosition))
    assert found is not None
    return found


def broken_events() -> list[CameraEvent]:
    query = sa.select(CameraEvent).where(CameraEvent.kind == LEDGER_BROKEN)
    return list(db.session.scalars(query))


def alter(worker: Worker, number: int, **changes: object) -> None:
    lines = worker.path.read_bytes().splitlines(keepends=True)
    line = json.loads(lines[number - 1])
    line["payload"] |= changes
    lines[number - 1] = json.dumps(line, separators=(",", ":"), sort_keys=True).encode() + b"\n"
    worker.path.write_bytes(b"".join(lines))


def test_an_altered_line_is_an_alert_about_the_equipment_that_names_it(worker: Worker) -> None:
    worker.seen(at_ms=0)
    worker.seen(at_ms=5000)
    alter(worker, 4, confidence_pm=1)
    forward_all(worker)
    (event,) = broken_events()
    assert event.facts["line"] == 4
    assert position().broken_seq == 4
    assert position().seq == 3
    item = db.session.get_one(ReviewItem, event.item_id)
    assert (item.group, item.severity) == (EventGroup.EQUIPMENT, Severity.ALERT)


def test_nothing_behind_the_break_is_believed_and_it_is_told_once(worker: Worker) -> None:
    worker.seen(at_ms=0)
    alter(worker, 2, confidence_pm=1)
    forward_all(worker)
    worker.seen(at_ms=9000)
    forward_all(worker)
    forward_all(worker)
    assert len(broken_events()) == 1
    assert db.session.scalar(sa.select(sa.func.count()).select_from(CameraEvent)) == 1


def test_a_removed_line_shows(worker: Worker) -> None:
    worker.seen(at_ms=0)
    forward_all(worker)
    worker.seen(at_ms=5000)
    lines = worker.path.read_bytes().splitlines(keepends=True)
    worker.path.write_bytes(b"".join(lines[:3] + lines[4:]))
    forward_all(worker)
    assert broken_events()[0].facts["line"] == 4


def test_a_tail_that_was_cut_after_it_had_been_read_shows(worker: Worker) -> None:
    worker.seen(at_ms=0)
    forward_all(worker)
    worker.path.write_bytes(b"".join(worker.path.read_bytes().splitlines(keepends=True)[:2]))
    forward_all(worker)
    assert position().broken_seq == 4


def test_a_ledger_that_is_gone_shows(worker: Worker) -> None:
    worker.seen(at_ms=0)
    forward_all(worker)
    worker.path.unlink()
    forward_all(worker)
    assert position().broken_seq == 4


def test_a_ledger_that_is_not_there_yet_is_waited_for(worker: Worker) -> None:
    worker.path.unlink()
    forward_all(worker)
    assert position().broken_seq is None


def test_a_line_that_is_still_being_written_is_waited_for(worker: Worker) -> None:
    worker.seen(at_ms=0)
    data = worker.path.read_bytes()
    worker.path.write_bytes(data[:-20])
    forward_all(worker)
    assert (position().seq, position().broken_seq) == (2, None)
    worker.path.write_bytes(data)
    forward_all(worker)
    assert (position().seq, position().broken_seq) == (3, None)


def test_a_whole_line_that_does_not_say_what_it_must_is_a_break_too(worker: Worker) -> None:
    worker.line(LineType.OPENED, event=1, kind="face_absent", group="verdict")
    worker.seen(at_ms=9000)
    forward_all(worker)
    (event,) = broken_events()
    assert event.facts["line"] == 2
    assert "group" in str(event.facts["problem"])


def test_a_checkpoint_of_another_head_is_a_break(worker: Worker) -> None:
    worker.line(LineType.CHECKPOINT, head="0" * 64, key_id="k", signature="s")
    forward_all(worker)
    assert broken_events()[0].facts["line"] == 2


def test_a_camera_goes_on_with_a_fresh_stream_while_the_broken_one_stays(worker: Worker) -> None:
    worker.seen(at_ms=0)
    alter(worker, 2, confidence_pm=1)
    forward_all(worker)
    assert services.renew_stream(None, "seat-05", now=MONDAY) == "seat-05-r2"
    assert services.renew_stream(None, "seat-05-r2", now=MONDAY) == "seat-05-r3"
    second = Worker(worker.folder.parent / "seat-05-r3", worker.clock)
    second.seen(at_ms=0)
    forward_all(second)
    kinds = db.session.scalars(sa.select(CameraEvent.kind).where(CameraEvent.event > 0))
    assert list(kinds) == ["face_absent"]
    second.ledger.close()


def test_the_health_page_names_the_broken_ledger(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flask import current_app

    alter(worker, 1, stream="other")
    forward_all(worker)
    body = current_app.test_client().get("/healthz").get_json()
    assert body["cameras"] == {"seat-05": "ledger broken at seq 1"}
