"""A browser's camera, chunk by chunk, from the candidate's page to an item on the examiner's wall."""

from __future__ import annotations

import io
import os
import shutil
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import av
import pytest
import sqlalchemy as sa
from playwright.sync_api import sync_playwright
from werkzeug.serving import make_server

from exam.audit.models import AuditRecord
from exam.backups import copying
from exam.db import db
from exam.errors import InvalidInput, NotFound, WrongState
from exam.examday import attempts
from exam.live import services, webcam
from exam.live.forwarder import Forwarder
from exam.live.models import Camera, CameraEvent, ReviewItem
from exam.live.sources import reach_of
from exam.live.streams import folder_of, inbox_of, read_list
from exam.live.worker import order_of, reachable
from exam.policy.subjects import Subject
from proctor.inbox import Inbox
from proctor.watch import watch
from tests.browsers import QUIET
from tests.examday.factories import PACK, REPORT, Booked, book, examiner_of, make_hall, seat
from tests.live.conftest import sign_in
from tests.web.page_check import page_problems

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from uuid import UUID

    from flask import Flask
    from flask.testing import FlaskClient
    from playwright.sync_api import Browser, Page

    from exam.clock import FixedClock
    from exam.examday.models import Sitting
    from exam.people.roles import Actor
    from tests.examday.factories import Hall

WEBM = b"\x1a\x45\xdf\xa3"
FAKE = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
NO_H264 = """
const asked = MediaRecorder.isTypeSupported.bind(MediaRecorder);
MediaRecorder.isTypeSupported = (type) => !type.includes("264") && !type.includes("avc1") && asked(type);
"""


@pytest.fixture
def hall(app: Flask, clock: FixedClock) -> Hall:
    clock.move_to(REPORT)
    return make_hall()


@pytest.fixture
def sitting(hall: Hall) -> tuple[Booked, Sitting]:
    """A candidate whose theory exam runs at a terminal."""
    who, day = book(hall, Subject.S1), hall.opened()
    found = seat(hall, day, who)
    attempts.open_attempt(examiner_of(hall, found.id), found.id, pack=PACK, now=REPORT)
    db.session.commit()
    return who, found


def folder(app: Flask) -> Path:
    path: Path = app.config["KAOCHANG"].data_folder
    return path


def begun(app: Flask, who: Booked, sitting_id: UUID) -> int:
    return webcam.begin(who.candidate, sitting_id, agreed=True, data_folder=folder(app), now=REPORT)


def taken(app: Flask, who: Booked, sitting_id: UUID, number: int = 0, **changes: object) -> None:
    chunk = {"recorder": 1, "kind": "video/webm", "data": WEBM + b"x"} | changes
    webcam.take(who.candidate, sitting_id, number=number, data_folder=folder(app), **chunk)  # type: ignore[arg-type]  # a chunk's own fields


def inbox(app: Flask) -> Inbox:
    source = db.session.scalars(sa.select(Camera.source)).one()
    return Inbox(inbox_of(folder(app), source))


def test_between_the_exam_and_the_retake_the_page_waits_and_records_nothing(
    app: Flask,
    hall: Hall,
    sitting: tuple[Booked, Sitting],
    client_of: Callable[[Actor], FlaskClient],
) -> None:
    who, found = sitting
    begun(app, who, found.id)
    examiner = examiner_of(hall, found.id)
    attempts.confirm_paper(examiner, found.id, 1, pack=PACK, now=REPORT)
    db.session.commit()
    candidate = client_of(who.candidate)
    result = candidate.get(f"/my/result/{found.id}").text
    assert f"/my/camera/{found.id}" in result
    page = candidate.get(f"/my/camera/{found.id}")
    assert page.status_code == 200
    assert page_problems(page.text) == []
    assert "data-start" not in page.text
    with pytest.raises(WrongState):
        begun(app, who, found.id)
    with pytest.raises(WrongState):
        taken(app, who, found.id)


def test_only_her_own_exam_while_it_runs_is_recorded(
    app: Flask, hall: Hall, sitting: tuple[Booked, Sitting]
) -> None:
    who, found = sitting
    other = book(hall, Subject.S1)
    with pytest.raises(NotFound):
        begun(app, other, found.id)
    with pytest.raises(WrongState):
        taken(app, who, found.id)
    with pytest.raises(InvalidInput) as refused:
        webcam.begin(who.candidate, found.id, agreed=False, data_folder=folder(app), now=REPORT)
    assert refused.value.field == "agreed"
    assert db.session.scalar(sa.select(Camera)) is None
    assert begun(app, who, found.id) == 1
    assert begun(app, who, found.id) == 2
    agreed = db.session.scalars(sa.select(AuditRecord).where(AuditRecord.act == "webcam.agreed"))
    assert [x.for_person_id for x in agreed] == [who.person_id]
    with pytest.raises(NotFound):
        taken(app, other, found.id)


def test_chunks_come_in_any_order_once_and_only_as_recordings(
    app: Flask, sitting: tuple[Booked, Sitting]
) -> None:
    who, found = sitting
    begun(app, who, found.id)
    for number in (2, 0, 1, 1):
        taken(app, who, found.id, number)
    assert [x.number for x in inbox(app).chunks()] == [0, 1, 2]
    assert not [x for x in copying.names(folder(app)) if "inbox" in x]
    for wrong in ({"kind": "image/jpeg"}, {"recorder": 2}, {"data": b""}, {"data": b"no video"}):
        with pytest.raises(InvalidInput):
            taken(app, who, found.id, **wrong)


def test_what_is_too_large_or_not_agreed_to_is_refused_at_the_door(
    app: Flask, sitting: tuple[Booked, Sitting]
) -> None:
    who, found = sitting
    app.login_manager.session_protection = None
    client = sign_in(app, who.candidate.account_id)
    address = f"/my/camera/{found.id}"
    assert client.post(f"{address}/begin").status_code == 400
    assert client.post(f"{address}/begin", data={"agreed": "yes"}).json == {"recorder": 1}
    chunk, kind = f"{address}/chunks/1/0", {"content_type": "video/webm"}
    assert client.post(chunk, data=WEBM + bytes(5 * 2**20), **kind).status_code == 413
    assert client.post(chunk, data=WEBM + bytes(9), **kind).status_code == 204
    app.login_manager.session_protection = "strong"


def test_no_other_page_may_ask_for_a_camera(app: Flask, sitting: tuple[Booked, Sitting]) -> None:
    who, found = sitting
    app.login_manager.session_protection = None
    client = sign_in(app, who.candidate.account_id)
    policies = {
        path: client.get(path).headers["Permissions-Policy"].split(",")[0]
        for path in (f"/my/camera/{found.id}", f"/my/result/{found.id}", "/my/")
    }
    app.login_manager.session_protection = "strong"
    assert list(policies.values()) == ["camera=(self)", "camera=()", "camera=()"]


def test_when_her_exam_is_over_the_camera_leaves_the_wall_and_the_rest_goes(
    app: Flask, hall: Hall, sitting: tuple[Booked, Sitting]
) -> None:
    who, found = sitting
    begun(app, who, found.id)
    taken(app, who, found.id)
    waiting = inbox(app).folder
    assert [x.stream for x in services.publish_list(folder(app))] == [
        db.session.scalars(sa.select(Camera.stream)).one()
    ]
    attempts.confirm_paper(examiner_of(hall, found.id), found.id, right=95, pack=PACK, now=REPORT)
    with pytest.raises(WrongState):
        taken(app, who, found.id, 1)
    assert services.publish_list(folder(app)) == []
    assert not waiting.exists()


@pytest.fixture(scope="module")
def camera_browser() -> Iterator[Browser]:
    path = os.environ.get("KAOCHANG_CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*QUIET, *FAKE])
        yield browser
        browser.close()


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    app.login_manager.session_protection = None
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    app.extensions["kaochang.wall"].close()
    server.shutdown()
    server.server_close()
    thread.join(timeout=5)
    app.login_manager.session_protection = "strong"


def opened(app: Flask, browser: Browser, address: str, account: UUID | None) -> Page:
    cookie = sign_in(app, account).get_cookie("session")
    assert cookie is not None
    context = browser.new_context(locale="zh-CN", base_url=address)
    context.add_cookies([{"name": "session", "value": cookie.value, "url": address}])
    return context.new_page()


def recording(page: Page, sitting_id: UUID) -> None:
    page.goto(f"/my/camera/{sitting_id}")
    assert page.locator("[data-start]").is_disabled()
    page.locator("[data-agreed]").check()
    page.locator("[data-start]").click()
    page.wait_for_function("() => Number(document.querySelector('[data-sent]').textContent) >= 3")
    assert page.locator("[data-when=on]").is_visible()


def wait_for(what: Callable[[], bool], name: str) -> None:
    deadline = time.monotonic() + 90
    while not what():
        assert time.monotonic() < deadline, f"{name}: not within a minute and a half"
        time.sleep(0.1)


@pytest.mark.browser
def test_a_seat_that_is_empty_before_her_camera_is_called_on_the_wall(
    app: Flask,
    hall: Hall,
    sitting: tuple[Booked, Sitting],
    camera_browser: Browser,
    address: str,
) -> None:
    who, found = sitting
    page = opened(app, camera_browser, address, who.candidate.account_id)
    recording(page, found.id)
    services.publish_list(folder(app))
    (listed,) = reachable(read_list(folder(app)), reach_of(app.config["KAOCHANG"]))
    order = order_of(listed, folder(app), keep_bytes=None)
    stop = threading.Event()
    worker = threading.Thread(
        target=watch, args=(order.source, order.settings(), Path(order.out)), kwargs={"stop": stop}
    )
    worker.start()
    try:
        forwarder = Forwarder(app)

        def called() -> bool:
            forwarder.step()
            db.session.rollback()
            item = sa.select(ReviewItem.sitting_id).join(CameraEvent)
            return found.id in db.session.scalars(item.where(CameraEvent.kind == "face_absent"))

        # Chromium's drawn picture shows no face.
        wait_for(called, "an item")
    finally:
        stop.set()
        worker.join()
    wall = opened(app, camera_browser, address, hall.examiner.account_id)
    wall.goto("/wall")
    cards = wall.locator("[data-column=conduct] [data-item]")
    assert found.ticket in cards.first.inner_text()
    page.locator("[data-stop]").click()
    assert page.locator("[data-when=off]").is_visible()
    assert (folder_of(folder(app), listed.stream) / "ledger.jsonl").exists()
    for one in (page, wall):
        one.context.close()


@pytest.mark.browser
def test_a_browser_without_h264_sends_vp8(
    app: Flask, sitting: tuple[Booked, Sitting], camera_browser: Browser, address: str
) -> None:
    who, found = sitting
    page = opened(app, camera_browser, address, who.candidate.account_id)
    page.add_init_script(NO_H264)
    recording(page, found.id)
    page.context.close()
    data = b"".join(x.path.read_bytes() for x in inbox(app).chunks())
    with av.open(io.BytesIO(data)) as sent:
        assert sent.streams.video[0].codec_context.name == "vp8"
        assert len(list(sent.decode(video=0))) > 5
