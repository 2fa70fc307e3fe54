"""Somebody's browser on an installation that may not answer: whoever gets no page looks again."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import mechanicalsoup
import requests
from bs4 import BeautifulSoup, Tag

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PAGE_SECONDS = 10.0
PAUSE_SECONDS = 0.1
STEP_SECONDS = 120.0
Page = BeautifulSoup


class Unanswered(Exception):
    """No answer, or the server's word that it could not: nobody knows whether it was done."""


@dataclass
class Window:
    """One person's window; `promised` is what each page showed last, and must show again."""

    address: str
    refusals: list[str] = field(default_factory=list)
    promised: dict[str, Callable[[Page], bool]] = field(default_factory=dict)
    unanswered: int = 0

    def __post_init__(self) -> None:
        self.browser = mechanicalsoup.StatefulBrowser(
            soup_config={"features": "lxml"}, user_agent="walk"
        )
        self.browser.session.headers["Accept-Language"] = "zh-CN"

    def open(self, path: str) -> Page:
        """Load a page.

        Raises:
            Unanswered: nothing came, or half a page, or a server error.
        """
        return self._answer(lambda: self.browser.open(self.address + path, timeout=PAGE_SECONDS))

    def press(self, button: str, values: Mapping[str, Any] | None = None) -> Page:
        """Fill the form of a button by the names of its fields, and press it.

        Raises:
            Unanswered: as for `open`; it may have been done all the same.
        """
        page = self.page
        pressed = next((x for x in page.find_all("button") if button in x.get_text()), None)
        assert isinstance(pressed, Tag), f"no button {button} on {self.browser.url}\n{text(page)}"
        form = pressed.find_parent("form")
        filled = self.browser.select_form(form)
        for name, value in (values or {}).items():
            filled.set(name, value)
        return self._answer(lambda: self.browser.submit_selected(pressed, timeout=PAGE_SECONDS))

    @property
    def page(self) -> Page:
        """The page that is shown."""
        page = self.browser.page
        assert page is not None
        return page

    def until(self, path: str, seen: Callable[[Page], bool], act: Callable[[Page], None]) -> Page:
        """Look, and act while it is not seen, as a person does whose answer did not come."""
        deadline = time.monotonic() + STEP_SECONDS
        while True:
            assert time.monotonic() < deadline, f"{path}: never seen\n{self.refusals[-5:]}"
            try:
                page = self.open(path)
                if seen(page):
                    self.promised[path] = seen
                    return page
                act(page)
            except Unanswered:
                self.unanswered += 1
            time.sleep(PAUSE_SECONDS)

    def sign_in(self, name: str, password: str) -> None:
        """Sign in; nothing happens to whoever is signed in already."""
        page = self.open("/sign-in")
        if has_button(page, "退出"):
            return
        self.press("登录", {"username": name, "password": password})

    def _answer(self, ask: Callable[[], requests.Response]) -> Page:
        try:
            answer = ask()
        except requests.RequestException as error:
            raise Unanswered from error
        if answer.status_code >= 500:
            raise Unanswered
        if answer.status_code >= 400:
            self.refusals.append(f"{answer.status_code} {answer.url}: {text(self.page)[:300]}")
        if "html" in answer.headers.get("Content-Type", ""):
            # A page that was cut off is no page: nobody may be shown half of something.
            assert answer.text.rstrip().endswith("</html>"), answer.url
        return self.page


def text(page: Page) -> str:
    """What a page says, between header and footer."""
    main = page.find("main") or page
    return re.sub(r"\s+", " ", main.get_text(" "))


def says(*words: str) -> Callable[[Page], bool]:
    """Whether a page says one of these."""
    return lambda page: any(word in text(page) for word in words)


def has_button(page: Page, words: str) -> bool:
    """Whether something can be pressed."""
    return any(words in x.get_text() for x in page.find_all("button"))


def link(page: Page, words: str) -> str:
    """Where a link leads."""
    found = next((x for x in page.find_all("a") if words in x.get_text()), None)
    assert isinstance(found, Tag), f"no link {words}\n{text(page)}"
    return str(found["href"])
