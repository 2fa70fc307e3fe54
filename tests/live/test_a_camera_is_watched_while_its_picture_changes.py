from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from flask import current_app

from exam.db import db, transaction
from exam.errors import Conflict, InvalidInput
from exam.live import services
from exam.live.forwarder import Forwarder, known_streams
from exam.live.models import LedgerPosition
from exam.live.pulse import Pulse
from exam.live.states import View
from exam.live.streams import TILE, folder_of, read_list
from tests.live.conftest import Place, make_camera

if TYPE_CHECKING:
    from pathlib import Path

    from exam.clock import FixedClock
    from exam.live.models import Camera


@pytest.fixture
def tile(camera: Camera) -> Path:
    folder = folder_of(current_app.config["KAOCHANG"].data_folder, camera.stream)
    folder.mkdir(parents=True)
    (folder / TILE).write_bytes(b"first")
    return folder / TILE


def health() -> str:
    db.session.rollback()
    return str(current_app.test_client().get("/healthz").get_json()["cameras"]["seat-05"])


def beat(pulse: Pulse) -> None:
    pulse.beat(known_streams())


def change(tile: Path) -> None:
    import os

    before = tile.stat().st_mtime_ns
    os.utime(tile, ns=(before, before + 1_000_000))


@pytest.fixture
def pulse() -> Pulse:
    return Pulse(current_app.config["KAOCHANG"].data_folder)


def test_a_picture_that_lies_there_is_no_sign_of_life(tile: Path, pulse: Pulse) -> None:
    beat(pulse)
    beat(pulse)
    assert health() == "silent"


def test_a_picture_that_changes_is(tile: Path, pulse: Pulse) -> None:
    beat(pulse)
    change(tile)
    beat(pulse)
    assert health() == "watched"


def test_fifteen_seconds_without_change_are_silence_whatever_the_demos_clock_says(
    tile: Path, pulse: Pulse, clock: FixedClock
) -> None:
    beat(pulse)
    change(tile)
    beat(pulse)
    clock.advance(timedelta(days=30))
    assert health() == "watched"
    with transaction() as session:
        past = sa.func.clock_timestamp() - timedelta(seconds=16)
        session.execute(sa.update(LedgerPosition).values(alive_at=past))
    assert health() == "silent"


def test_a_camera_that_never_sent_a_picture_is_silent(camera: Camera) -> None:
    Forwarder(current_app).step()
    assert health() == "silent"


def test_the_list_for_workers_holds_the_enabled_cameras_and_no_names(place: Place) -> None:
    make_camera(place, "seat-05")
    off = make_camera(place, "seat-06")
    make_camera(place, "room-1", view=View.ROOM, terminal_id=None, room_id=place.room.id, people=8)
    off.enabled = False
    db.session.commit()
    folder = current_app.config["KAOCHANG"].data_folder
    result = current_app.test_cli_runner().invoke(args=["camera", "list"])
    assert result.output.split() == ["room-1", "seat-05"]
    assert [(x.stream, x.people, x.seat) for x in read_list(folder)] == [
        ("room-1", 8, ""),
        ("seat-05", 1, "05"),
    ]
    assert "终端" not in (folder / "cameras.json").read_text()


@pytest.mark.parametrize("stream", ["", "Seat", "a/b", "../x", "座位", "x" * 64])
def test_a_stream_is_named_so_that_it_can_be_a_folder(place: Place, stream: str) -> None:
    with pytest.raises(InvalidInput):
        make_camera(place, stream)


def test_two_cameras_never_share_a_stream(place: Place) -> None:
    make_camera(place, "seat-05")
    with pytest.raises(Conflict):
        make_camera(place, "seat-05")


def test_a_fresh_stream_is_asked_for_by_command(camera: Camera) -> None:
    runner = current_app.test_cli_runner()
    assert runner.invoke(args=["camera", "renew", "seat-05"]).output.strip() == "seat-05-r2"
    assert "no camera writes" in runner.invoke(args=["camera", "renew", "other"]).output
    assert services.publish_list(current_app.config["KAOCHANG"].data_folder)[0].stream == (
        "seat-05-r2"
    )
