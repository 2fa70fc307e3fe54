"""A large upload in Chromium: the page moves on by itself, with scripts and without."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from exam.db import transaction
from exam.people.models import Account
from exam.people.passwords import hash_password
from exam.registration import intake
from tests.registration import factories as registration
from tests.registration.files import photos, xlsx

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

    from exam.clock import FixedClock

pytestmark = pytest.mark.browser
PASSWORD = "paper boat on the lake"
PHOTOS = intake.SLICE + 5


@pytest.mark.parametrize("script", [True, False], ids=["with scripts", "without"])
def test_the_page_moves_on_by_itself(
    chromium: Browser, address: str, clock: FixedClock, tmp_path: Path, *, script: bool
) -> None:
    clock.move_to(registration.NOW)
    house = registration.make_house()
    with transaction() as session:
        account = session.get_one(Account, house.clerk.account_id)
        account.password_hash = hash_password(PASSWORD)
        name = account.username
    rows = [registration.row(n, photo=f"{n}.jpg") for n in range(2, PHOTOS + 2)]
    table, album = tmp_path / "class.xlsx", tmp_path / "photos.zip"
    table.write_bytes(xlsx(rows))
    album.write_bytes(photos([f"{n}.jpg" for n in range(2, PHOTOS + 2)]))
    context = chromium.new_context(java_script_enabled=script, locale="zh-CN", base_url=address)
    context.set_default_timeout(30_000)
    page = context.new_page()
    page.goto("/sign-in?next=/school/uploads/new")
    page.fill("#username", name)
    page.fill("#password", PASSWORD)
    page.click("main form .btn-primary")
    page.set_input_files("#file", table)
    page.set_input_files("#photos", album)
    page.click("main form .btn-primary")
    bar = page.locator("progress")
    expect(bar).to_have_attribute("value", "0")
    expect(page.locator("#working")).to_have_attribute("role", "status")
    intake.work_off(registration.NOW, registration.PACK)
    expect(bar).to_have_attribute("value", str(intake.SLICE), timeout=30_000)
    intake.work_off(registration.NOW, registration.PACK)
    if script:
        page.get_by_role("link", name="查看各行结果").click()
    expect(page.locator("table tbody tr")).to_have_count(PHOTOS, timeout=30_000)
    context.close()
