"""Where the walk stands, and the words by which everybody in it finds the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.walk.small_city import ZONE
from tests.walk.upload import Person

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.walk.conftest import Running
    from tests.walk.visitors import Visitors

S1, S2 = "科目一", "科目二"
HALL = "望海市第一理论考场"
EARLY, LATE = "08:30", "10:00"
"""Two sessions of the first exam day at the hall."""


def zh(on: date) -> str:
    """A day as Chinese pages write it, up to the weekday."""
    return f"{on.year}年{on.month}月{on.day}日"


@dataclass
class Walk:
    """Where the walk stands."""

    running: Running
    visitors: Visitors
    person: Person = field(default_factory=Person)
    code: str = ""
    reference: str = ""
    ticket: str = ""
    examiner: str = ""

    @property
    def exam_day(self) -> date:
        return self.running.city.first_day

    def move_clock(self, to: datetime) -> None:
        to = to.astimezone(ZONE)
        page = self.visitors.enter("admin")
        page.get_by_label("调到下面填写的日期和时间").check()
        page.locator("#day").fill(f"{to:%Y-%m-%d}")
        page.locator("#time").fill(f"{to:%H:%M}")
        page.get_by_role("button", name="调整时钟").click()
        expect(page.get_by_text("时钟已调整")).to_be_visible()
        expect(page.locator("h1 + p")).to_contain_text(zh(to.date()))
        self.visitors.look(page, "clock")


def go(page: Page, menu: str) -> None:
    """Follow an entry of the navigation."""
    page.get_by_role("navigation").get_by_role("link", name=menu).click()
