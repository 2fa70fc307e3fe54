"""Every page of every role in Chromium: light on a desk, and elder, dark, on a phone."""

from __future__ import annotations

from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from flask import g
from werkzeug.exceptions import HTTPException

from exam.clock import FixedClock
from exam.db import db
from exam.people.models import Account
from tests.entering import put_in
from tests.pages.worlds import WORLDS
from tests.web.page_check import page_problems

if TYPE_CHECKING:
    from flask import Flask
    from playwright.sync_api import (
        Browser,
        BrowserContext,
        ConsoleMessage,
        Page,
        Response,
        ViewportSize,
    )

    from exam.people.roles import Actor

pytestmark = [
    pytest.mark.browser,
    # The development server forgets a file whose reader hangs up in the middle, as players do.
    pytest.mark.filterwarnings("ignore:.*FileIO.*:pytest.PytestUnraisableExceptionWarning"),
]
AXE = Path(__file__).resolve().parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


class Mode(NamedTuple):
    """A screen, and what its owner has chosen."""

    size: ViewportSize
    cookies: dict[str, str]


DESK: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 360, "height": 740}
MODES = {
    "light": Mode(DESK, {}),
    "elder, dark, on a phone": Mode(PHONE, {"mode": "elder", "theme": "dark"}),
}
LISTEN = """window.broken = []; document.addEventListener('securitypolicyviolation',
    e => window.broken.push(e.violatedDirective + ' ' + e.blockedURI));"""
LOOK = """async rules => {
  const found = await axe.run(document, {runOnly: rules, resultTypes: ['violations']});
  const icons = [...document.querySelectorAll('svg.icon use')].filter(u => u.getClientRects().length);
  return [
    ...found.violations.flatMap(v => v.nodes.map(n => `${v.id}: ${n.html.slice(0, 160)}`)),
    ...window.broken.map(x => `policy: ${x}`),
    ...icons.filter(u => !u.getBBox().width).map(u => `no such icon: ${u.getAttribute('href')}`),
    ...(document.scrollingElement.scrollWidth > window.innerWidth
      ? ['wider than the screen', ...[...document.querySelectorAll('body *')]
          .filter(e => e.getBoundingClientRect().right > window.innerWidth + 1)
          .map(e => `too wide: ${e.outerHTML.slice(0, 120)}`).slice(-3)]
      : []),
  ];
}"""
ENGLISH = """() => {
  const walker = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
  const found = [];
  for (let node; (node = walker.nextNode());) {
    const words = node.data.match(/[A-Za-z][a-z]+( [A-Za-z][a-z]+)+/);
    if (words && !node.parentElement.closest('code, pre, script, style, noscript')) found.push(words[0]);
  }
  return found;
}"""


class Visitor:
    """Somebody's two screens; gathers what is wrong, page by page."""

    def __init__(self, walk: Walk, actor: Actor | None) -> None:
        self.walk, self.name = walk, str(actor.role) if actor else "nobody"
        cookies = {} if actor is None else {"session": walk.session_of(actor)}
        self.screens = walk.screens
        for mode, (page, _) in self.screens.items():
            walk.remember(page.context, cookies | MODES[mode].cookies)

    def look_at(self, paths: list[str]) -> None:
        waiting = deque((path, True) for path in paths)
        while waiting:
            path, wanted = waiting.popleft()
            endpoint = self.walk.endpoint(path)
            if endpoint in self.walk.seen and not wanted:
                continue
            links = self._both(path, endpoint)
            waiting.extend((link, False) for link in links)

    def _both(self, path: str, endpoint: str) -> list[str]:
        links: list[str] = []
        self.walk.seen.add(endpoint)
        if not self.walk.is_page(self.screens["light"][0], path):
            return links
        for mode, (page, told) in self.screens.items():
            told.clear()
            answer = page.goto(self.walk.address + path)
            assert answer is not None
            problems = self._problems(page, answer, told)
            self.walk.problems += [f"{self.name} {path} {mode}: {x}" for x in problems]
            links = page.eval_on_selector_all("a[href^='/']", "x => x.map(a => a.pathname)")
        return links

    def _problems(self, page: Page, answer: Response, told: list[str]) -> list[str]:
        page.evaluate(self.walk.axe)
        sound = page_problems(answer.text())
        english = [f"English: {x}" for x in page.evaluate(ENGLISH) if x not in self.walk.names]
        console = [x for x in told if answer.status == 200 or "Failed to load" not in x]
        status = [] if answer.status in {200, 404} else [f"answers {answer.status}"]
        return [*page.evaluate(LOOK, RULES), *sound, *english, *console, *status]


def _listening(page: Page) -> list[str]:
    """What the page's console says is wrong, as it comes."""
    told: list[str] = []

    def console(message: ConsoleMessage) -> None:
        if message.type == "error":
            told.append(message.text)

    page.on("console", console)
    page.on("pageerror", lambda error: told.append(str(error)))
    return told


class Walk:
    """One world's visit."""

    names = frozenset({"kaochang commit", "Test office"})

    def __init__(self, app: Flask, chromium: Browser, address: str) -> None:
        self.app, self.chromium, self.address = app, chromium, address
        self.axe = AXE.read_text(encoding="utf-8")
        self.seen: set[str] = set()
        self.problems: list[str] = []
        self.urls = app.url_map.bind("127.0.0.1")
        # One pair of screens for all visitors: what a page loads is then fetched and compiled once.
        pages = {name: self.page(mode.size) for name, mode in MODES.items()}
        self.screens = {name: (page, _listening(page)) for name, page in pages.items()}

    def page(self, size: ViewportSize) -> Page:
        context = self.chromium.new_context(viewport=size, locale="zh-CN")
        context.add_init_script(LISTEN)
        return context.new_page()

    def remember(self, context: BrowserContext, cookies: dict[str, str]) -> None:
        """Let a screen be somebody else's: nothing is left of the visitor before."""
        context.clear_cookies()
        jar = [{"name": k, "value": v, "url": self.address} for k, v in cookies.items()]
        context.add_cookies(jar)

    def session_of(self, actor: Actor) -> str:
        client = self.app.test_client()
        account = db.session.get_one(Account, actor.account_id)
        key = account.id
        db.session.rollback()
        for kept in list(g):
            g.pop(kept)
        with client.session_transaction() as session:
            put_in(session, key)
        cookie = client.get_cookie("session")
        assert cookie is not None
        return cookie.value

    def endpoint(self, path: str) -> str:
        try:
            found: str = self.urls.match(path.split("?", maxsplit=1)[0], method="GET")[0]
        except HTTPException:
            return path
        return found

    def is_page(self, page: Page, path: str) -> bool:
        """Whether a page is answered, and not a file."""
        answer = page.request.fetch(self.address + path, method="HEAD")
        return answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("name", WORLDS)
def test_pages_are_sound_chinese_and_usable(
    app: Flask, clock: FixedClock, chromium: Browser, address: str, name: str
) -> None:
    make, now = WORLDS[name]
    clock.move_to(now)
    walk = Walk(app, chromium, address)
    for stage in make(app, clock):
        db.session.commit()
        for actor, paths in stage:
            visitor = Visitor(walk, actor)
            visitor.look_at(paths)
    assert not walk.problems, "\n".join(walk.problems)
