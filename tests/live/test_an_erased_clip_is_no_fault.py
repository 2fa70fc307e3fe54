from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from exam.db import db
from exam.live.files import clip_path
from exam.live.models import CameraEvent, Evidence, LedgerPosition
from exam.live.reading import SeenEvent
from exam.live.states import View
from exam.live.streams import WatchedCamera
from exam.live.worker import DEMO_KEEP_BYTES, order_of
from proctor.erasure import erase
from tests.live.conftest import Worker, forward_all

if TYPE_CHECKING:
    from flask import Flask


def test_the_forwarder_reads_on_and_the_page_has_no_clip_to_show(
    app: Flask, worker: Worker
) -> None:
    worker.clip(worker.seen())
    forward_all(worker)
    worker.ledger.close()
    erase(worker.folder, ["evidence/0001.mp4"], rule="term over", authorised="order-7")
    worker.ledger = type(worker.ledger)(worker.folder, clock=worker.clock.now, key=None)
    worker.count = 1
    worker.seen(at_ms=60_000)
    forward_all(worker)
    position = db.session.get_one(LedgerPosition, worker.folder.name)
    assert position.broken_seq is None
    assert position.seq == len(worker.path.read_bytes().splitlines())
    event = db.session.scalars(sa.select(CameraEvent).where(CameraEvent.event == 1)).one()
    seen = SeenEvent(event, db.session.scalars(sa.select(Evidence)).one())
    assert clip_path(app.config["KAOCHANG"].data_folder, seen) is None


def test_only_the_demos_cameras_erase_by_size() -> None:
    camera = WatchedCamera(stream="seat-05", source="seat.mp4", view=View.SEAT, people=1)
    assert order_of(camera, Path("data"), keep_bytes=None).keep_bytes is None
    assert order_of(camera, Path("data"), keep_bytes=DEMO_KEEP_BYTES).keep_bytes == 200_000_000
