from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from flask import Flask
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser


def test_a_tile_is_fetched_again_when_the_server_names_it(
    chromium: Browser, app: Flask, address: str
) -> None:
    page = chromium.new_page()
    page.goto(address + "/board")
    page.get_by_text("已连接").wait_for()
    seen = page.locator("[data-seen]")
    expect(seen).to_have_text(["2", "2", "2", "2"])  # what was missed before the connection stood
    app.extensions["socket"].emit("tile", {"id": 3})
    expect(seen).to_have_text(["2", "2", "3", "2"], timeout=1000)
    app.extensions["socket"].emit("item", {"id": 1})
    expect(page.locator("[data-asked]")).to_have_text("3", timeout=1000)
    page.close()


def test_without_a_connection_the_wall_says_so_and_asks_by_itself(
    chromium: Browser, address: str
) -> None:
    page = chromium.new_page()
    page.clock.install()
    page.route("**/socket.io/**", lambda route: route.abort())
    page.route_web_socket(re.compile("socket.io"), lambda socket: socket.close())
    page.goto(address + "/board")
    expect(page.locator("[data-connected=no]")).to_be_attached()
    expect(page.get_by_text("正在连接")).to_be_visible()
    for asked in ("2", "3"):
        page.clock.run_for(5000)
        expect(page.locator("[data-seen]")).to_have_text([asked] * 4)
    page.close()
