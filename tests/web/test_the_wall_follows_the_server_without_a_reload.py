from __future__ import annotations

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
    page.close()
