"""The wall in Chromium, against a server with real sockets and a clip of the composer."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect
from werkzeug.serving import make_server

from exam.db import db
from exam.live.forwarder import known_streams
from exam.live.models import CameraEvent, View
from exam.live.pulse import Pulse
from exam.live.streams import TILE, folder_of
from exam.people.roles import Role
from proctor.compose import Part, Script, compose
from proctor.kinds import View as EngineView
from proctor.settings import Settings
from proctor.watch import watch
from tests.live.conftest import Place, Worker, forward_all, make_account, make_camera, sign_in
from tests.web.page_check import page_problems

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask
    from playwright.sync_api import Browser, BrowserContext, Page

pytestmark = [
    pytest.mark.browser,
    # The development server forgets a file whose reader hangs up in the middle, as players do.
    pytest.mark.filterwarnings("ignore:.*FileIO.*evidence:pytest.PytestUnraisableExceptionWarning"),
]
AXE = Path(__file__).resolve().parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@dataclass(frozen=True)
class Watched:
    """What the engine leaves of a composed session in which the lens is covered."""

    clip: bytes
    tile: bytes


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Watched:
    folder = tmp_path_factory.mktemp("clip")
    parts = ((Part.NORMAL, 3.0), (Part.CAMERA_COVERED, 4.0), (Part.NORMAL, 2.0))
    compose(Script("A", parts, seed=3), folder / "seat.mp4")
    watch(folder / "seat.mp4", Settings(view=EngineView.SEAT), folder / "out")
    clip = next((folder / "out" / "evidence").glob("*.mp4"))
    return Watched(clip.read_bytes(), (folder / "out" / TILE).read_bytes())


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """Serve the application over real connections and return its address."""
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


@pytest.fixture
def context_of(
    app: Flask, place: Place, chromium: Browser, address: str
) -> Iterator[Callable[..., BrowserContext]]:
    """A browser window in which somebody with a role is signed in."""
    opened = []

    def opening(role: Role, **options: Any) -> BrowserContext:
        account = make_account(place, role, site=place.site)
        cookie = sign_in(app, account.id).get_cookie("session")
        assert cookie is not None
        context = chromium.new_context(locale="zh-CN", **options)
        context.add_cookies([{"name": "session", "value": cookie.value, "url": address}])
        opened.append(context)
        return context

    yield opening
    for context in opened:
        context.close()


@pytest.fixture
def wall(place: Place, worker: Worker, app: Flask, watched: Watched) -> Worker:
    """Two watched cameras and one that is silent."""
    data_folder = app.config["KAOCHANG"].data_folder
    make_camera(place, "seat-06", name_zh="6 号终端", name_en="Terminal 6")
    make_camera(
        place,
        "room-1",
        name_zh="一号考室全景",
        name_en="Room 1",
        view=View.ROOM,
        terminal_id=None,
        room_id=place.room.id,
        people=8,
    )
    pulse = Pulse(data_folder)
    for turn in range(2):
        for stream in ("seat-05", "seat-06"):
            tile = folder_of(data_folder, stream) / TILE
            tile.parent.mkdir(parents=True, exist_ok=True)
            tile.write_bytes(watched.tile)
            os.utime(tile, ns=(turn * 10**9 + 10**18, turn * 10**9 + 10**18))
        pulse.beat(known_streams())
    return worker


def kept(page: Page, name: str) -> None:
    """Keep a picture of the page where somebody asks for it."""
    if folder := os.environ.get("KAOCHANG_SCREENSHOTS"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def axe(page: Page) -> list[str]:
    page.evaluate(AXE.read_text())
    found = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
    return [f"{x['id']}: {n['html'][:120]}" for x in found["violations"] for n in x["nodes"]]


def test_from_the_event_over_the_clip_to_the_decision(
    wall: Worker, watched: Watched, address: str, context_of: Callable[..., BrowserContext]
) -> None:
    page = context_of(Role.EXAMINER, viewport={"width": 1600, "height": 1000}).new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.goto(address + "/wall")
    page.get_by_text("实时连接").wait_for()
    assert page.locator("[data-tile] img").count() == 2
    expect(page.get_by_text("超过 15 秒没有画面")).to_have_count(1)

    number = wall.open("face_absent", severity="alert")
    (wall.folder / "evidence").mkdir()
    (wall.folder / "evidence" / f"{number:04}.mp4").write_bytes(watched.clip)
    forward_all(wall)
    conduct = page.locator("[data-column=conduct] [data-item]")
    expect(conduct).to_have_count(1)
    expect(conduct.locator("h3")).to_have_text("考生座位处看不到人脸")
    expect(page.locator("[data-news]")).to_contain_text("疑似作弊，待核查")
    wall.seen("camera_covered", at_ms=1000, brightness=6, contrast=2, sharpness=1)
    forward_all(wall)
    expect(page.locator("[data-column=equipment] [data-item]")).to_have_count(1)
    expect(page.locator("[data-tile]").first).to_contain_text("5 号终端")
    kept(page, "wall")
    assert page_problems(page.request.get(address + "/wall").text()) == []
    assert axe(page) == []

    video = conduct.locator("video")
    video.evaluate("video => { video.muted = true; return video.play(); }")
    page.wait_for_function("() => document.querySelector('video').currentTime > 0.2")
    wall.close(number, "face_absent", 0, 9000, severity="alert")
    forward_all(wall)
    page.wait_for_function("() => document.querySelector('video').closest('[data-stale]')")
    video.evaluate("video => video.pause()")
    expect(conduct).not_to_have_attribute("data-going-on", "")

    conduct.get_by_role("button", name="确认：我来查看").click()
    expect(conduct).to_contain_text("正在查看")
    assert page.url == address + "/wall"
    conduct.get_by_role("link", name="作出处理").click()
    page.get_by_label("移交").check()
    page.get_by_label("您看到的情况和处理理由").fill("画面中座位无人约九秒")
    kept(page, "item")
    assert axe(page) == []
    page.get_by_role("button", name="记录我的处理").click()
    expect(page.get_by_text("先听取考生说明")).to_be_visible()
    page.get_by_text("存证链及自行核验方法").click()
    expect(page.get_by_text("python -m proctor verify seat-05")).to_be_visible()
    kept(page, "item_referred")
    assert troubles == []


def test_the_wall_works_without_javascript(
    wall: Worker, address: str, context_of: Callable[..., BrowserContext]
) -> None:
    page = context_of(Role.INVIGILATOR, java_script_enabled=False).new_page()
    page.goto(address + "/wall")
    wall.seen("several_faces", severity="alert", faces=2, expected=1)
    forward_all(wall)
    page.get_by_role("link", name="重新查看").click()
    assert "人脸多于应有人数" in page.content()
    page.get_by_role("button", name="确认：我来查看").click()
    assert "/wall/items/" in page.url
    assert "正在查看" in page.content()


def test_a_site_operator_on_a_phone_reads_states_and_no_faces(
    wall: Worker, address: str, context_of: Callable[..., BrowserContext]
) -> None:
    page = context_of(Role.SITE_OPERATOR, viewport={"width": 360, "height": 740}).new_page()
    wall.seen("camera_covered", brightness=6)
    wall.seen("face_absent")
    forward_all(wall)
    page.goto(address + "/wall")
    page.get_by_text("实时连接").wait_for()
    expect(page.locator("[data-item]")).to_have_count(1)
    assert page.locator("img").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    kept(page, "wall_operator_phone")
    assert axe(page) == []


def test_what_happened_while_the_connection_was_away_is_found(
    wall: Worker, address: str, context_of: Callable[..., BrowserContext]
) -> None:
    context = context_of(Role.EXAMINER)
    page = context.new_page()
    page.goto(address + "/wall")
    page.get_by_text("实时连接").wait_for()
    context.set_offline(True)
    page.evaluate("window.dispatchEvent(new Event('offline'))")
    page.get_by_text("连接中断").wait_for()
    wall.seen("several_faces", severity="alert")
    forward_all(wall)
    context.set_offline(False)
    expect(page.locator("[data-item]")).to_have_count(1, timeout=20_000)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(CameraEvent)) == 1
