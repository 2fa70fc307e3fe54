"""Measured in Chromium: axe-core in every mode, sizes, keyboard, no JavaScript, no policy broken."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, Page

pytestmark = pytest.mark.browser

AXE = Path(__file__).resolve().parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 360, "height": 740}
MODES = {
    "light": ({}, DESKTOP),
    "dark": ({"theme": "dark"}, DESKTOP),
    "elder": ({"mode": "elder"}, DESKTOP),
    "elder in the dark on a phone": ({"mode": "elder", "theme": "dark"}, PHONE),
    "phone": ({}, PHONE),
    "English": ({"lang": "en"}, DESKTOP),
}
BROKEN_RULES = "window.broken = []; document.addEventListener('securitypolicyviolation', e => window.broken.push(e.violatedDirective + ' ' + e.blockedURI));"

TARGETS = """(smallest) => [...document.querySelectorAll(
    'button, input:not([type=hidden]), select, textarea, .btn, .site-nav a, .tool, .back, .tab-list a, .pages a, summary')]
  .filter(e => e.getClientRects().length && !e.closest('.visually-hidden'))
  .map(e => e.closest('.choice') || e)
  .map(e => [e.outerHTML.slice(0, 80), e.getBoundingClientRect().height])
  .filter(([, height]) => height < smallest - 0.5)"""

SMALL_TEXT = """(smallest) => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  for (let node; (node = walker.nextNode());) {
    const parent = node.parentElement;
    if (!node.data.trim() || !parent.getClientRects().length) continue;
    const size = parseFloat(getComputedStyle(parent).fontSize);
    if (size < smallest) found.push(node.data.trim().slice(0, 30) + ' ' + size);
  }
  return found;
}"""


@pytest.fixture(params=MODES)
def mode(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def open_context(chromium: Browser, address: str, mode: str, **more: object) -> BrowserContext:
    cookies, size = MODES[mode]
    context = chromium.new_context(viewport=size, locale="zh-CN", **more)
    context.add_cookies([{"name": n, "value": v, "url": address} for n, v in cookies.items()])
    context.add_init_script(BROKEN_RULES)
    return context


@pytest.fixture
def page(chromium: Browser, address: str, mode: str) -> Iterator[Page]:
    context = open_context(chromium, address, mode)
    yield context.new_page()
    context.close()


def axe(page: Page) -> list[str]:
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
    return [
        f"{v['id']}: {n['target']} {n['failureSummary'][:200]}"
        for v in found["violations"]
        for n in v["nodes"]
    ]


def test_axe_finds_nothing_and_the_policy_holds(page: Page, address: str) -> None:
    assert_everybody_can_use(page, address + "/sample?flash")


@pytest.mark.parametrize("mode", ["light", "elder in the dark on a phone"], indirect=True)
@pytest.mark.parametrize("path", ["/sign-in", "/board", "/errors/404", "/errors/500"])
def test_axe_finds_nothing_on_the_other_layouts(page: Page, address: str, path: str) -> None:
    assert_everybody_can_use(page, address + path)


def assert_everybody_can_use(page: Page, url: str) -> None:
    page.goto(url)
    assert axe(page) == []
    assert page.evaluate("window.broken") == []
    assert page.evaluate("document.scrollingElement.scrollWidth <= window.innerWidth")


def test_wrong_answers_are_as_readable(page: Page, address: str, mode: str) -> None:
    page.goto(address + "/sample")
    page.locator("button.btn-primary[type=submit]").click()
    summary = page.locator("[data-error-summary]")
    assert summary.evaluate("e => e === document.activeElement")
    assert page.title().startswith("Error: " if mode == "English" else "错误：")
    assert axe(page) == []
    summary.get_by_role("link", name="请选择准驾车型").click()
    assert page.evaluate("document.activeElement.id") == "kind-0"


def test_targets_are_large_and_text_is_not_small(page: Page, address: str, mode: str) -> None:
    page.goto(address + "/sample")
    elder = "elder" in mode
    assert page.evaluate(TARGETS, 60 if elder else 44) == []
    assert page.evaluate(SMALL_TEXT, 18 if elder else 15) == []


def test_icons_are_drawn(chromium: Browser, address: str) -> None:
    context = open_context(chromium, address, "light")
    page = context.new_page()
    page.goto(address + "/sample")
    boxes = page.evaluate(
        "[...document.querySelectorAll('svg.icon use')].filter(u => u.getClientRects().length).map(u => u.getBBox().width)"
    )
    assert len(boxes) > 20
    assert min(boxes) > 0
    context.close()


def test_the_keyboard_alone_is_enough(chromium: Browser, address: str) -> None:
    context = open_context(chromium, address, "light")
    page = context.new_page()
    page.goto(address + "/sample")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("Tab")
    ring = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
    assert ring == "3px"
    context.close()


def test_everything_works_without_javascript(chromium: Browser, address: str) -> None:
    context = open_context(chromium, address, "light", java_script_enabled=False)
    page = context.new_page()
    page.goto(address + "/sample")
    page.get_by_role("button", name="长辈版（大字）").click()
    assert page.locator("html").get_attribute("data-mode") == "elder"
    page.get_by_role("button", name="提交").click()
    assert page.locator("[data-error-summary] li").count() == 7
    assert page.get_by_role("button", name="打印").count() == 0
    page.locator("details summary").click()
    assert page.get_by_text("用于核对身份。").is_visible()
    context.close()


def test_long_work_asks_again_and_ends_by_itself(chromium: Browser, address: str) -> None:
    context = open_context(chromium, address, "light")
    page = context.new_page()
    page.goto(address + "/sample")
    page.get_by_text("排考完成").wait_for(timeout=8000)
    assert page.locator("#working").count() == 0
    assert page.evaluate("window.broken") == []
    context.close()


def test_a_failed_update_leaves_the_page_and_says_so(chromium: Browser, address: str) -> None:
    context = open_context(chromium, address, "light")
    page = context.new_page()
    page.goto(address + "/sample")
    assert page.locator("#request-trouble").is_hidden()
    page.evaluate("htmx.ajax('GET', '/nothing-here', {target: '.summary', swap: 'outerHTML'})")
    page.locator("#request-trouble").wait_for(state="visible")
    assert page.locator(".summary").count() == 1
    context.close()


def test_a_second_press_sends_nothing(chromium: Browser, address: str) -> None:
    context = open_context(chromium, address, "light")
    page = context.new_page()
    sent: list[str] = []
    page.on(
        "request", lambda request: sent.append(request.url) if request.method == "POST" else None
    )
    page.goto(address + "/sample")
    page.evaluate(
        "const f = document.querySelector('form[novalidate]'); f.requestSubmit(); f.requestSubmit();"
    )
    page.locator("[data-error-summary]").wait_for()
    assert len(sent) == 1
    context.close()
