"""Everybody's browser window, in Chinese; what a page complains of is kept."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from exam.demo.staff import PASSWORD

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

PICTURES = "KAOCHANG_WALK_PICTURES"
WITHIN_MS, USUAL_MS = 20_000, 5_000
"""How long a page may take here, and what Playwright allows everywhere else."""


class Visitors:
    """One window a person, so that each stays signed in beside the others."""

    def __init__(self, chromium: Browser, address: str) -> None:
        expect.set_options(timeout=WITHIN_MS)
        self.address = address
        self.troubles: list[str] = []
        self._chromium = chromium
        self._contexts: dict[str, BrowserContext] = {}
        self._pictures = 0

    def enter(self, name: str, password: str = PASSWORD) -> Page:
        """The page of a person, signed in over the form; the same one when she comes again."""
        if name in self._contexts:
            return self._contexts[name].pages[0]
        page = self.arrive(name)
        page.goto(f"{self.address}/sign-in")
        page.locator("#username").fill(name)
        page.locator("#password").fill(password)
        page.get_by_role("button", name="登录", exact=True).click()
        expect(page.get_by_role("button", name="退出")).to_be_visible()
        return page

    def arrive(self, name: str) -> Page:
        """A new window of somebody who is not signed in yet."""
        context = self._chromium.new_context(
            locale="zh-CN",
            base_url=self.address,
            viewport={"width": 1280, "height": 900},
        )
        context.set_default_timeout(WITHIN_MS)
        context.on("console", self._hear)
        context.on("weberror", lambda error: self.troubles.append(str(error.error)))
        self._contexts[name] = context
        return context.new_page()

    def look(self, page: Page, name: str) -> None:
        """Look at a whole page: in Chinese, nothing wider than the window; kept as a picture."""
        expect(page.locator("html")).to_have_attribute("lang", re.compile("^zh"))
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name
        self._pictures += 1
        if folder := os.environ.get(PICTURES):
            Path(folder).mkdir(parents=True, exist_ok=True)
            path = Path(folder, f"{self._pictures:02d}-{name}.png")
            page.screenshot(path=path, full_page=True)

    def pages(self) -> str:
        """What every window shows now, for a failure's report."""
        return "\n".join(
            f"===== {name}: {page.url}\n{page.locator('body').inner_text(timeout=5000)}"
            for name, context in self._contexts.items()
            for page in context.pages
        )

    def leave(self) -> None:
        """Close all windows."""
        for context in self._contexts.values():
            context.close()
        expect.set_options(timeout=USUAL_MS)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.troubles.append(f"{message.type}: {message.text} {message.location}")
