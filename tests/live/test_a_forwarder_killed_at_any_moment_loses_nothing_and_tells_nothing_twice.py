from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from exam.db import db, transaction
from exam.live.forwarder import forward, known_streams
from exam.live.models import CameraEvent, Checkpoint, Evidence, LedgerPosition, ReviewItem
from exam.live.streams import folder_of
from proctor.ledger.lines import LineType
from proctor.ledger.writer import LedgerWriter
from tests.application import MONDAY
from tests.live.conftest import Place, Worker, forward_all, make_camera, times

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask

    from exam.clock import FixedClock

ROOT = Path(__file__).resolve().parents[2]


def count(model: type) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def write_something(worker: Worker, chance: random.Random, number: int) -> None:
    kind = chance.choice(["face_absent", "several_faces", "camera_covered"])
    at_ms = number * 12_000 + chance.choice([0, 40_000])
    event = worker.open(kind, at_ms=at_ms)
    if chance.random() < 0.5:
        worker.update(event, kind, at_ms, at_ms + 4000, severity="alert")
    worker.close(event, kind, at_ms, at_ms + 5000, severity="alert")
    if chance.random() < 0.7:
        worker.clip(event)
    if chance.random() < 0.2:
        worker.line(
            LineType.CHECKPOINT, head=worker.ledger.head, key_id="k", signature=f"s{number}"
        )


def same_as_ledger(worker: Worker) -> None:
    """Every line of the ledger is a row, once, and rows say what the last line said."""
    lines = worker.ledger.lines_on_disk()
    last = {x["payload"]["event"]: x for x in lines if x["type"] in ("opened", "updated", "closed")}
    stream = CameraEvent.stream == worker.folder.name
    rows = {row.event: row for row in db.session.scalars(sa.select(CameraEvent).where(stream))}
    assert rows.keys() == last.keys()
    for number, row in rows.items():
        payload = last[number]["payload"]
        told = (row.kind, row.severity, row.start_ms, row.end_ms, row.open, row.seq)
        assert told == (
            payload["kind"],
            payload["severity"],
            payload["start_ms"],
            payload["end_ms"],
            last[number]["type"] != "closed",
            last[number]["seq"],
        )
        assert row.item_id is not None
    for model, kind in ((Evidence, "evidence"), (Checkpoint, "checkpoint")):
        mine = sa.select(sa.func.count()).where(model.stream == worker.folder.name)
        assert db.session.scalar(mine) == sum(line["type"] == kind for line in lines)


class ReadableWriter(LedgerWriter):
    """The engine's writer, which can also be asked what it has written."""

    def lines_on_disk(self) -> list[dict[str, object]]:
        import json

        self._file.seek(0)
        return [json.loads(line) for line in self._file.read().splitlines()]


@pytest.fixture
def workers(app: Flask, place: Place, clock: FixedClock) -> Iterator[list[Worker]]:
    made = []
    for stream in ("seat-05", "seat-06"):
        make_camera(place, stream)
        worker = Worker(folder_of(app.config["KAOCHANG"].data_folder, stream), clock)
        worker.ledger.close()
        worker.ledger = ReadableWriter(worker.folder, clock=clock.now, key=None)
        made.append(worker)
    yield made
    for worker in made:
        worker.ledger.close()


def start_forwarder(app: Flask) -> subprocess.Popen[bytes]:
    settings = app.config["KAOCHANG"]
    environment = {
        **os.environ,
        "DATABASE_URL": settings.database_url,
        "KAOCHANG_SECRET_KEY": settings.secret_key.get_secret_value(),
        "KAOCHANG_DATA_FOLDER": str(settings.data_folder),
    }
    return subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "exam", "forwarder", "run"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def read_up_to(seq: int, stream: str) -> bool:
    found = db.session.scalar(sa.select(LedgerPosition.seq).where(LedgerPosition.stream == stream))
    db.session.rollback()
    return (found or 0) >= seq


def wait_for(seq: int, stream: str) -> None:
    deadline = time.monotonic() + 60
    while not read_up_to(seq, stream):
        assert time.monotonic() < deadline, f"line {seq} of {stream} was not read within a minute"
        time.sleep(0.02)


def test_killed_processes_leave_what_an_undisturbed_one_would(
    app: Flask, workers: list[Worker]
) -> None:
    chance = random.Random(7)
    number = 0
    for _ in range(2):
        with start_forwarder(app) as process:
            read = workers[0].ledger._seq
            while workers[0].ledger._seq < read + 60:
                number += 1
                write_something(chance.choice(workers), chance, number)
            wait_for(read + chance.randrange(1, 50), workers[0].folder.name)
            process.kill()
    with start_forwarder(app) as process:
        for worker in workers:
            wait_for(worker.ledger._seq, worker.folder.name)
        process.terminate()
        assert process.wait(timeout=10) == 0
    for worker in workers:
        same_as_ledger(worker)
    unused = sa.select(sa.func.count(ReviewItem.id)).where(
        ReviewItem.id.not_in(sa.select(CameraEvent.item_id))
    )
    assert db.session.scalar(unused) == 0


class Killed(Exception):
    """Stands for the end of the process."""


@pytest.mark.parametrize("at", range(0, 60, 7))
def test_a_death_between_any_two_statements_leaves_no_half_of_a_line(
    at: int, workers: list[Worker]
) -> None:
    chance = random.Random(at)
    for number in range(8):
        write_something(workers[0], chance, number)
    streams = known_streams()
    left = at

    def die(*_args: object) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise Killed

    sa.event.listen(db.engine, "before_cursor_execute", die)
    try:
        with pytest.raises(Killed):
            forward(streams["seat-05"], workers[0].path, times=times())
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", die)
    assert (count(CameraEvent), count(ReviewItem), count(Evidence)) == (0, 0, 0)
    forward_all(workers[0])
    same_as_ledger(workers[0])


def test_a_position_that_was_set_back_changes_nothing(workers: list[Worker]) -> None:
    chance = random.Random(3)
    for number in range(20):
        write_something(workers[0], chance, number)
    forward_all(workers[0])
    before = (count(CameraEvent), count(ReviewItem), count(Evidence), count(Checkpoint))
    with transaction() as session:
        session.execute(sa.update(LedgerPosition).values(seq=0, head="0" * 64, bytes_read=0))
    forward_all(workers[0])
    assert (count(CameraEvent), count(ReviewItem), count(Evidence), count(Checkpoint)) == before
    same_as_ledger(workers[0])


def test_a_long_backlog_is_read_in_several_short_transactions(
    workers: list[Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("exam.live.tail.CHUNK", 2000)
    for number in range(10):
        write_something(workers[0], random.Random(number), number)
    streams = known_streams()
    assert forward(streams["seat-05"], workers[0].path, times=times(MONDAY)).more
    assert not read_up_to(workers[0].ledger._seq, "seat-05")
    forward_all(workers[0])
    same_as_ledger(workers[0])
