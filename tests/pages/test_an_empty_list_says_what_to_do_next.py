"""Every list of every page in an office where nothing has happened, and where work has just begun.

The pages are found, not listed: all addresses without a variable, and whatever they lead to.
"""

from __future__ import annotations

from collections import deque
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from flask import g
from jinja2 import Environment, FileSystemLoader, nodes

from exam.booking.models import Plan, Session
from exam.booking.services import publishing, rounds, solving
from exam.db import db, new_id, transaction
from exam.examday import services as day_services
from exam.pages.navigation import first_page
from exam.people.models import Account, Office, RoleGrant, School
from exam.people.roles import Role
from exam.people.sign_in import manager
from tests.application import Browser
from tests.booking import factories as booking
from tests.entering import put_in
from tests.people.conftest import make_person
from tests.web.page_check import VOID

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from uuid import UUID

    from flask import Flask

    from exam.clock import FixedClock

    World = Callable[[Flask, FixedClock], None]

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
ITEMS = {"ul": "li", "ol": "li", "dl": "dt", "tbody": "tr"}
HEADINGS = ("h1", "h2", "h3")
SCHOOL_ROLES = {Role.SCHOOL_CLERK, Role.SCHOOL_MANAGER}


class Lists(HTMLParser):
    """What a page's main part says in its lists and below its headings."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.problems: list[str] = []
        self._open: list[tuple[str, str]] = []
        self._items: list[int] = []
        self._told = True
        self._heading: tuple[int, str] | None = None
        self._next: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        css = dict(attrs).get("class") or ""
        if tag in HEADINGS:
            self._end_heading(int(tag[1]))
            self._heading, self._told = (int(tag[1]), ""), False
        elif self._heading is not None and tag in {"input", "button", "select", "img", "textarea"}:
            self._told = True
        if tag in ITEMS and self._in_main():
            self._items.append(0)
        elif self._items and tag in ITEMS.values():
            self._items[-1] += 1
        if "nothing" in css.split():
            self._next.append("")
        if tag not in VOID:
            self._open.append((tag, css))

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID or tag not in [x for x, _ in self._open]:
            return
        if tag in ITEMS and self._in_main() and not self._items.pop():
            self.problems.append(f"a <{tag}> with nothing in it")
        if tag == "main":
            self._end_heading(1)
            self._heading = None
        while True:
            name, css = self._open.pop()
            if "nothing" in css.split() and not self._next.pop().strip():
                self.problems.append("an empty list without a next step")
            if name == tag:
                return

    def handle_data(self, data: str) -> None:
        inside = [name for name, _ in self._open]
        if self._heading and any(x in HEADINGS for x in inside):
            self._heading = (self._heading[0], self._heading[1] + data.strip())
        elif data.strip():
            self._told = True
        if self._next and any("next" in css.split() for _, css in self._open):
            self._next[-1] += data

    def _in_main(self) -> bool:
        return any(name == "main" for name, _ in self._open)

    def _end_heading(self, level: int) -> None:
        """A heading must be followed by words, unless a lower heading takes over."""
        if self._heading and not self._told and level <= self._heading[0]:
            self.problems.append(f"nothing below the heading {self._heading[1]!r}")


def problems_of(page: str) -> list[str]:
    """What is wrong with the lists of a page."""
    reader = Lists()
    reader.feed(page)
    reader.close()
    return reader.problems


def bare(app: Flask, clock: FixedClock) -> None:
    """An office with its sites and a school, and nothing else."""
    del app
    clock.move_to(booking.NOW)
    _people(booking.make_city())


def begun(app: Flask, clock: FixedClock) -> None:
    """A plan without sessions, a round without applications, a day without candidates."""
    del app
    clock.move_to(booking.NOW)
    city = booking.make_city()
    _people(city)
    booking.make_candidates(city, 1, permit_issued=None)
    plan = booking.make_plan(city, [booking.session_draft(city)])
    booking.make_round(city, plan)
    with transaction() as session:
        session.add(Plan(id=new_id(), office_id=city.office_id, code="E", **_days()))
    for site_id in city.sites.values():
        day_services.start_day(site_id, booking.TODAY, now=booking.NOW)


def over(app: Flask, clock: FixedClock) -> None:
    """A published round in which nobody applied, whose sessions are gone from the plan's page."""
    clock.move_to(booking.NOW)
    city = booking.make_city()
    _people(city)
    found = booking.make_round(city, booking.make_plan(city, [booking.session_draft(city)]))
    folder = app.config["KAOCHANG"].data_folder
    rounds.close_round(city.planner, found.id, now=booking.NOW, reason="测试")
    solving.advance(now=booking.NOW, pack=booking.PACK, data_folder=folder)
    publishing.sign_round(city.planner, found.id, now=booking.NOW)
    publishing.publish_round(city.leader, found.id, now=booking.NOW, data_folder=folder)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Session))


def _days() -> dict[str, object]:
    return {"state": "draft", "first_day": booking.FIRST_DAY, "last_day": booking.LAST_DAY}


def _people(city: booking.City) -> None:
    with transaction() as session:
        school = School(
            id=new_id(),
            office_id=city.office_id,
            code="J1",
            name_zh="驾校",
            name_en="School",
            online=True,
            simulated=True,
        )
        session.add(school)
        session.flush()
        for role in Role:
            _account(city, role, school.id if role in SCHOOL_ROLES else None)


def _account(city: booking.City, role: Role, school_id: UUID | None) -> None:
    account = Account(
        id=new_id(),
        office_id=city.office_id,
        username=f"first {role}",
        display_name=role.value,
        created_at=booking.NOW,
    )
    since = {"office_id": city.office_id, "since": booking.NOW}
    account.grants = [RoleGrant(role=role, school_id=school_id, **since)]
    if role is Role.CANDIDATE:
        person = make_person(db.session.get_one(Office, city.office_id), "900", date(1999, 1, 1))
        account.person_id = person.id
    db.session.add(account)
    db.session.flush()


def visitors() -> list[tuple[str, UUID | None]]:
    """Everybody who can sign in, and one who does not."""
    rows = db.session.execute(sa.select(Account.username, Account.id)).all()
    return [("nobody", None), *((name, key) for name, key in rows)]


def pages(app: Flask, account_id: UUID | None, known: set[str]) -> Iterator[tuple[str, str]]:
    """Every page that one visitor reaches and that is not ``known``: address and text."""
    client = Browser(app, app.response_class, use_cookies=True)
    if account_id is not None:
        with client.session_transaction() as session:
            put_in(session, account_id)
    waiting = deque(
        x.rule
        for x in app.url_map.iter_rules()
        if not x.arguments and "GET" in (x.methods or set())
    )
    waiting.append("/board/north")
    seen = known | set(waiting)
    while waiting:
        path = waiting.popleft()
        if path in known:
            continue
        for kept in list(g):
            g.pop(kept)
        with client.get(path) as answer:
            if answer.status_code != 200 or answer.mimetype != "text/html":
                continue
            text = answer.get_data(as_text=True)
        yield path, text
        for link in links_of(text):
            if link not in seen:
                seen.add(link)
                waiting.append(link)


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.found += [x for name, x in attrs if name == "href" and x and x.startswith("/")]


def links_of(text: str) -> list[str]:
    reader = _Links()
    reader.feed(text)
    return [urlsplit(x)._replace(fragment="").geturl() for x in reader.found]


@pytest.mark.parametrize("world", [bare, begun, over], ids=lambda x: str(x.__name__))
def test_no_list_is_empty_without_a_next_step(
    app: Flask, clock: FixedClock, monkeypatch: pytest.MonkeyPatch, world: World
) -> None:
    monkeypatch.setattr(manager, "session_protection", None)
    app.config["RATELIMIT_ENABLED"] = False
    world(app, clock)
    urls = {x.endpoint: x.rule for x in app.url_map.iter_rules()}
    found: list[str] = []
    visited: dict[str, list[str]] = {}
    for name, account_id in visitors():
        for path, text in pages(app, account_id, set(visited.get("nobody", ()))):
            visited.setdefault(name, []).append(path)
            found += [f"{name} {path}: {x}" for x in problems_of(text)]
    for role in Role:
        assert urls[first_page(role)] in visited[f"first {role}"], "everybody is let in"
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("page", "wrong"),
    [
        ("<main><ul></ul></main>", 1),
        ("<main><table><tbody></tbody></table></main>", 1),
        ('<main><div class="nothing"><p>None.</p></div></main>', 1),
        ('<main><div class="nothing"><p>None.</p><p class="next">Do.</p></div></main>', 0),
        ("<main><h1>A</h1><h2>B</h2><h2>C</h2><p>d</p></main>", 1),
        ("<main><h1>A</h1><h2>B</h2><ul><li>c</li></ul></main>", 0),
    ],
)
def test_the_reader_of_lists_sees_what_is_wrong(page: str, wrong: int) -> None:
    assert len(problems_of(page)) == wrong


def _blocks() -> Iterator[tuple[str, nodes.For]]:
    folder = Environment(loader=FileSystemLoader(TEMPLATES), extensions=["jinja2.ext.i18n"])
    for name in folder.list_templates(extensions=["html"]):
        source = (TEMPLATES / name).read_text(encoding="utf-8")
        for one in folder.parse(source).find_all(nodes.For):
            yield name, one


def _said(block: list[nodes.Node]) -> str:
    parts = [x for one in block for x in one.find_all(nodes.TemplateData)]
    calls = [x for one in block for x in one.find_all(nodes.Name)]
    return "".join([*(x.data for x in parts), *(x.name for x in calls)])


def test_no_template_tells_of_an_empty_list_in_its_own_way() -> None:
    other = [
        f"{name}:{one.lineno}"
        for name, one in _blocks()
        if one.else_
        and any(f"<{x}" in _said(one.body) for x in ("li", "tr", "section", "article"))
        and "empty_state" not in _said(one.else_)
    ]
    assert not other, "use empty_state(text, next) of components/tables.html"
