"""Evidence as Chromium plays it: sealed on disk, served in ranges, while the worker still writes."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from werkzeug.serving import make_server

from exam.db import db
from exam.live.evidence_keys import ring_of
from exam.live.models import ReviewItem
from exam.people.roles import Role
from proctor.compose import Part, Script, compose
from proctor.kinds import View
from proctor.ledger.lines import LineType
from proctor.seal import EvidenceKey, SealedReader, SealedWriter
from proctor.settings import Settings
from proctor.shelf import file_facts
from proctor.watch import watch
from tests.application import MONDAY
from tests.live.conftest import Place, Worker, forward_all, make_account, sign_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
KEY = EvidenceKey("ab" * 16, bytes(32))
ARRIVED = (
    "() => { const v = document.querySelector('video'); return !v.seeking && v.readyState > 1; }"
)
SEEKABLE = "video => video.seekable.length ? video.seekable.end(video.seekable.length - 1) : 0"


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A clip of some 14 s as the engine writes it."""
    folder = tmp_path_factory.mktemp("clip")
    parts = ((Part.NORMAL, 5.0), (Part.CAMERA_COVERED, 4.0), (Part.NORMAL, 6.0))
    compose(Script("A", parts, seed=3), folder / "seat.mp4")
    out = folder / "out"
    watch(folder / "seat.mp4", Settings(view=View.SEAT, tile_every=0), out, seal=lambda: KEY)
    with SealedReader(next((out / "evidence").glob("*.mp4.sealed")), KEY) as file:
        return file.read()


@pytest.fixture
def page(app: Flask, place: Place, chromium: Browser) -> Iterator[Page]:
    app.login_manager.session_protection = None
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}"
    account = make_account(place, Role.EXAMINER, site=place.site)
    cookie = sign_in(app, account.id).get_cookie("session")
    assert cookie is not None
    context = chromium.new_context(locale="zh-CN", base_url=address)
    context.add_cookies([{"name": "session", "value": cookie.value, "url": address}])
    yield context.new_page()
    context.close()
    app.extensions["kaochang.wall"].close()
    server.shutdown()
    server.server_close()
    thread.join(timeout=5)
    app.login_manager.session_protection = "strong"


def seek(page: Page, to: float) -> float:
    video = page.locator("video")
    video.evaluate("(video, to) => { video.currentTime = to; }", to)
    page.wait_for_function(ARRIVED)
    at: float = video.evaluate("video => video.currentTime")
    return at


def playable(page: Page) -> float:
    """Open the item, play a little, and return how far one may seek."""
    number = db.session.scalars(sa.select(ReviewItem.number)).one()
    page.goto(f"/wall/items/{number}")
    video = page.locator("video")
    video.evaluate("video => { video.muted = true; return video.play(); }")
    page.wait_for_function("() => document.querySelector('video').currentTime > 0.2")
    video.evaluate("video => video.pause()")
    end: float = video.evaluate(SEEKABLE)
    return end


def test_what_is_there_plays_and_seeks_while_the_rest_is_still_written(
    app: Flask, worker: Worker, clip: bytes, page: Page
) -> None:
    key = ring_of(app.config["KAOCHANG"].data_folder).of_day(worker.folder.name, MONDAY)
    number = worker.open("camera_covered", severity="alert")
    path = worker.folder / "evidence" / f"{number:04}.mp4.sealed"
    path.parent.mkdir()
    writer = SealedWriter(path, key)
    writer.write(clip[: len(clip) // 2])
    forward_all(worker)

    grown = playable(page)
    assert grown > 3
    assert abs(seek(page, grown - 1) - (grown - 1)) < 0.2
    assert abs(seek(page, 0.5) - 0.5) < 0.2
    assert "仍在录制" in page.content()

    writer.write(clip[len(clip) // 2 :])
    writer.close()
    worker.close(number, "camera_covered", 0, 9000, severity="alert")
    size, sha256 = file_facts(path)
    name = Path("evidence", path.name).as_posix()
    worker.line(LineType.EVIDENCE, event=number, path=name, bytes=size, sha256=sha256)
    forward_all(worker)
    whole = playable(page)
    assert whole > grown + 3
    assert abs(seek(page, whole - 0.5) - (whole - 0.5)) < 0.2
    assert page.locator("video").evaluate("video => video.videoWidth") == 640
    assert page.locator("video").evaluate("video => video.error") is None
