"""Every page of every role in Chromium: light on a desk, and elder, dark, on a phone."""

from __future__ import annotations

import threading
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from flask import g
from werkzeug.exceptions import HTTPException
from werkzeug.serving import make_server

from exam import create_app
from exam.clock import FixedClock
from exam.db import db
from exam.people.models import Account
from exam.people.sign_in import manager
from tests.databases import empty
from tests.pages.worlds import WORLDS
from tests.web.page_check import page_problems

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask
    from playwright.sync_api import Browser, BrowserContext, Page, Response

    from exam.people.roles import Actor

pytestmark = [
    pytest.mark.browser,
    # The development server forgets a file whose reader hangs up in the middle, as players do.
    pytest.mark.filterwarnings("ignore:.*FileIO.*:pytest.PytestUnraisableExceptionWarning"),
]
AXE = Path(__file__).resolve().parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
DESK = {"width": 1280, "height": 900}
PHONE = {"width": 360, "height": 740}
HARD = {"mode": "elder", "theme": "dark"}
LISTEN = """window.broken = []; document.addEventListener('securitypolicyviolation',
    e => window.broken.push(e.violatedDirective + ' ' + e.blockedURI));"""
LOOK = """async rules => {
  const found = await axe.run(document, {runOnly: rules});
  const icons = [...document.querySelectorAll('svg.icon use')].filter(u => u.getClientRects().length);
  return [
    ...found.violations.flatMap(v => v.nodes.map(n => `${v.id}: ${n.html.slice(0, 160)}`)),
    ...window.broken.map(x => `policy: ${x}`),
    ...icons.filter(u => !u.getBBox().width).map(u => `no such icon: ${u.getAttribute('href')}`),
    ...(document.scrollingElement.scrollWidth > window.innerWidth ? ['wider than the screen'] : []),
  ];
}"""
ENGLISH = """() => {
  const walker = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
  const found = [];
  for (let node; (node = walker.nextNode());) {
    const words = node.data.match(/[A-Za-z][a-z]+( [A-Za-z][a-z]+)+/);
    if (words && !node.parentElement.closest('code, pre, script, style')) found.push(words[0]);
  }
  return found;
}"""


@pytest.fixture
def clock() -> FixedClock:
    from tests.application import MONDAY

    return FixedClock(MONDAY)


@pytest.fixture
def app(database_url: str, tmp_path: Path, clock: FixedClock) -> Iterator[Flask]:
    made = create_app(
        time=clock,
        database_url=database_url,
        secret_key="of the tests alone, and longer than it has to be",
        data_folder=tmp_path,
        demo=True,
        secure_cookies=False,
    )
    made.config["WTF_CSRF_ENABLED"] = False
    with made.app_context():
        yield made
        db.session.remove()
        db.engine.dispose()
    empty(database_url)


@pytest.fixture
def address(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(manager, "session_protection", None)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    app.extensions["kaochang.wall"].close()
    server.shutdown()
    server.server_close()
    thread.join(timeout=5)


class Visitor:
    """Somebody's two screens; gathers what is wrong, page by page."""

    def __init__(self, walk: Walk, actor: Actor | None) -> None:
        self.walk, self.name = walk, str(actor.role) if actor else "nobody"
        cookies = [] if actor is None else [walk.session_of(actor)]
        self.screens = {
            "light": walk.context(DESK, cookies),
            "elder, dark, on a phone": walk.context(
                PHONE, [*cookies, *({"name": k, "value": v} for k, v in HARD.items())]
            ),
        }

    def close(self) -> None:
        for context in self.screens.values():
            context.close()

    def look_at(self, paths: list[str]) -> None:
        waiting = deque((path, True) for path in paths)
        while waiting:
            path, wanted = waiting.popleft()
            endpoint = self.walk.endpoint(path)
            if endpoint is None or (endpoint in self.walk.seen and not wanted):
                continue
            links = self._both(path, endpoint)
            waiting.extend((link, False) for link in links)

    def _both(self, path: str, endpoint: str) -> list[str]:
        links: list[str] = []
        for mode, context in self.screens.items():
            page = context.new_page()
            told: list[str] = []
            page.on("console", lambda m, t=told: t.append(m.text) if m.type == "error" else None)
            page.on("pageerror", lambda error, t=told: t.append(str(error)))
            answer = self.walk.open(page, path)
            if answer is not None:
                self.walk.seen.add(endpoint)
                problems = self._problems(page, answer, told)
                self.walk.problems += [f"{self.name} {path} {mode}: {x}" for x in problems]
                links = page.eval_on_selector_all("a[href^='/']", "x => x.map(a => a.pathname)")
            page.close()
            if answer is None:
                self.walk.seen.add(endpoint)
                break
        return links

    def _problems(self, page: Page, answer: Response, told: list[str]) -> list[str]:
        page.evaluate(self.walk.axe)
        sound = page_problems(answer.text())
        english = [f"English: {x}" for x in page.evaluate(ENGLISH) if x not in self.walk.names]
        console = [x for x in told if answer.status == 200 or "Failed to load" not in x]
        status = [] if answer.status in {200, 404} else [f"answers {answer.status}"]
        return [*page.evaluate(LOOK, RULES), *sound, *english, *console, *status]


class Walk:
    """One world's visit."""

    names = frozenset({"kaochang commit", "Test office"})

    def __init__(self, app: Flask, chromium: Browser, address: str) -> None:
        self.app, self.chromium, self.address = app, chromium, address
        self.axe = AXE.read_text(encoding="utf-8")
        self.seen: set[str] = set()
        self.problems: list[str] = []
        self.urls = app.url_map.bind("127.0.0.1")

    def context(self, size: dict[str, int], cookies: list[dict[str, str]]) -> BrowserContext:
        made = self.chromium.new_context(viewport=size, locale="zh-CN")
        made.add_cookies([{**x, "url": self.address} for x in cookies])
        made.add_init_script(LISTEN)
        return made

    def session_of(self, actor: Actor) -> dict[str, str]:
        client = self.app.test_client()
        account = db.session.get_one(Account, actor.account_id)
        user = f"{account.id}:{account.session_epoch}"
        db.session.rollback()
        for kept in list(g):
            g.pop(kept)
        with client.session_transaction() as session:
            session["_user_id"], session["_fresh"] = user, True
        cookie = client.get_cookie("session")
        assert cookie is not None
        return {"name": "session", "value": cookie.value}

    def endpoint(self, path: str) -> str | None:
        try:
            found: str = self.urls.match(path.split("?", maxsplit=1)[0], method="GET")[0]
        except HTTPException:
            return path
        return found

    def open(self, page: Page, path: str) -> Response | None:
        """None where a file is answered instead of a page."""
        kind = page.request.fetch(self.address + path, method="HEAD").headers["content-type"]
        if not kind.startswith("text/html"):
            return None
        return page.goto(self.address + path)


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
            visitor.close()
    assert walk.problems == []
    missing = PAGES[name] - walk.seen
    assert not missing, f"never met: {sorted(missing)}"


PAGES: dict[str, frozenset[str]] = {name: frozenset() for name in WORLDS}
