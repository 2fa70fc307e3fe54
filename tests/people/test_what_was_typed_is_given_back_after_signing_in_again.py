"""Over real HTTP: a form that arrives too late is kept for its owner, and for nobody else."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import mechanicalsoup
import pytest
import sqlalchemy as sa
from itsdangerous import base64_decode
from werkzeug.serving import make_server

from exam.db import db
from exam.live.models import ReviewItem
from exam.live.states import ItemState
from exam.people import kept_forms
from exam.people.access_models import KeptForm
from exam.people.roles import Role
from exam.privacy.models import LegalHold
from exam.web.forms import Form, never_kept
from tests.live.conftest import Worker, camera, forward_all, place, worker
from tests.people.conftest import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from uuid import UUID

    from flask import Flask
    from playwright.sync_api import Browser as Chromium

    from exam.clock import FixedClock
    from tests.live.conftest import Place
    from tests.people.conftest import Made

__all__ = ["camera", "place", "worker"]
TYPED = {"document": "110101199805050013", "reason": "家属要求保留，编号 7788"}
LATE = timedelta(minutes=61)


@pytest.fixture
def office(place: Place) -> object:
    return place.office


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    app.config["WTF_CSRF_ENABLED"] = True
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


class Person:
    """Somebody with a browser."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.browser = mechanicalsoup.StatefulBrowser(user_agent="Mozilla Firefox/130")
        self.browser.session.headers["Accept-Language"] = "en"

    def open(self, path: str) -> str:
        return str(self.browser.open(self.address + path).text)

    def form(self) -> mechanicalsoup.Form:
        return self.browser.select_form("main form:has(button.btn-primary)")

    def write(self, fields: dict[str, str]) -> None:
        form = self.form()
        for name, value in fields.items():
            form.set(name, value)

    def send(self) -> str:
        return str(self.browser.submit_selected().text)

    def sign_in(self, who: Made) -> str:
        if self.path != "/sign-in":
            self.open("/sign-in")
        self.write({"username": who.username, "password": PASSWORD})
        return self.send()

    @property
    def path(self) -> str:
        return urlsplit(self.browser.url or "").path

    def shown(self, name: str) -> str:
        found = self.browser.page.select_one(f"main [name={name}]")
        return (found.get("value") or found.text or "").strip() if found else ""

    def cookie(self) -> bytes:
        """All that the session's cookie says, unpacked."""
        value = next(x.value for x in self.browser.session.cookies if x.name == "session")
        packed = value.startswith(".")
        content = base64_decode(value.lstrip(".").split(".")[0])
        if not packed:
            return content
        import zlib

        return zlib.decompress(content)

    def close(self) -> None:
        self.browser.session.cookies.clear()


@pytest.fixture
def reviewer(account: Callable[..., Made]) -> Made:
    return account(Role.REVIEWER)


@pytest.fixture
def typing(address: str, reviewer: Made) -> Person:
    """A reviewer who has filled in a form and not sent it."""
    her = Person(address)
    her.sign_in(reviewer)
    her.open("/privacy/holds")
    her.write(TYPED)
    return her


def kept() -> list[UUID]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(KeptForm.id)))


def test_after_an_idle_sign_out_the_text_stands_in_the_form_again(
    typing: Person, reviewer: Made, clock: FixedClock
) -> None:
    clock.advance(LATE)
    assert "kept for an hour" in typing.send()
    assert typing.path == "/sign-in"
    assert db.session.scalars(sa.select(LegalHold)).all() == []
    page = typing.sign_in(reviewer)
    assert typing.path == "/privacy/holds"
    assert "was not sent yet" in page
    assert {name: typing.shown(name) for name in TYPED} == TYPED
    typing.form()
    typing.browser["document"] = ""
    typing.browser["item"] = "1"
    assert "has no review item" in typing.send(), "it went to the service this time"
    assert kept() == []
    assert "was not sent yet" not in typing.open("/privacy/holds?kept=1")


def test_nothing_of_it_stands_in_clear_in_the_cookie_or_the_database(
    typing: Person, clock: FixedClock
) -> None:
    clock.advance(LATE)
    typing.send()
    content = typing.cookie()
    assert b"kept_form" in content
    for value in TYPED.values():
        assert value.encode() not in content
    row = db.session.execute(sa.text("SELECT kept_form::text FROM kept_form")).scalar_one()
    for value in TYPED.values():
        assert value not in row
        assert value.encode().hex() not in row


def test_whoever_else_signs_in_there_sees_nothing_of_it(
    typing: Person, account: Callable[..., Made], reviewer: Made, clock: FixedClock
) -> None:
    other = account(Role.REVIEWER, name="colleague")
    clock.advance(LATE)
    typing.send()
    page = typing.sign_in(other)
    assert typing.shown("reason") == ""
    assert TYPED["document"] not in page
    assert kept() == [], "and it is gone for good"
    typing.close()
    typing.sign_in(reviewer)
    assert TYPED["document"] not in typing.open("/privacy/holds?kept=1")


def test_another_browser_of_the_same_person_does_not_get_it(
    typing: Person, reviewer: Made, clock: FixedClock, address: str
) -> None:
    clock.advance(LATE)
    typing.send()
    there = Person(address)
    there.sign_in(reviewer)
    assert TYPED["document"] not in there.open("/privacy/holds?kept=1")
    typing.sign_in(reviewer)
    assert typing.shown("document") == TYPED["document"]


def test_it_is_kept_for_an_hour_and_no_longer(
    typing: Person, reviewer: Made, clock: FixedClock
) -> None:
    clock.advance(LATE)
    typing.send()
    clock.advance(timedelta(minutes=59))
    assert kept_forms.forget_old(clock.now()) == 0
    clock.advance(timedelta(minutes=2))
    typing.sign_in(reviewer)
    assert typing.shown("document") == ""
    assert kept() == []


def test_a_form_from_before_signing_in_anew_is_not_lost(typing: Person, reviewer: Made) -> None:
    """Its token is of a session that is over: the other window's sign-in made a new one."""
    before = typing.browser.form
    typing.open("/sign-in")  # signed in: it leads inside
    window = Person(typing.address)
    window.browser.session.cookies = typing.browser.session.cookies
    token = window.browser.page or None
    assert token is None
    window.open("/account")
    window.browser.select_form("form[action$='sign-out']")
    window.browser.submit_selected()
    window.sign_in(reviewer)
    typing.browser.open(typing.address + "/privacy/holds")
    answer = typing.browser.submit(before, typing.address + "/privacy/holds")
    assert "was not sent yet" in answer.text
    assert TYPED["reason"] in answer.text
    assert db.session.scalars(sa.select(LegalHold)).all() == []


def test_a_browser_that_was_closed_meanwhile_gets_it_too(typing: Person, reviewer: Made) -> None:
    typing.close()
    typing.send()
    typing.sign_in(reviewer)
    assert typing.shown("document") == TYPED["document"]


def test_a_form_that_has_no_page_of_its_own_is_given_back_where_it_stood(
    address: str, account: Callable[..., Made], worker: Worker, clock: FixedClock
) -> None:
    worker.seen()
    forward_all(worker)
    number = db.session.scalars(sa.select(ReviewItem.number)).one()
    watching = account(Role.SUPERVISOR)
    her = Person(address)
    her.sign_in(watching)
    her.open(f"/wall/items/{number}")
    her.form()
    her.send()
    her.write({"decision": ItemState.DISMISSED.value, "note": "镜头前走过一个人"})
    clock.advance(LATE)
    her.send()
    her.sign_in(watching)
    assert her.path == f"/wall/items/{number}"
    assert her.shown("note") == "镜头前走过一个人"


def test_passwords_and_files_are_never_kept(
    address: str, reviewer: Made, clock: FixedClock
) -> None:
    every = [x for one in Form.__subclasses__() for x in (one, *one.__subclasses__())]
    secret = {
        name
        for form in every
        for name, value in vars(form).items()
        if getattr(getattr(value, "field_class", None), "__name__", "")
        in {"PasswordField", "FileField"}
    }
    assert {"old", "password", "photo", "file", "picture"} <= secret <= never_kept()
    her = Person(address)
    her.sign_in(reviewer)
    her.open("/account/password")
    her.write({"old": PASSWORD, "password": "five other words in a row"})
    clock.advance(LATE)
    her.send()
    assert kept() == []
    her.sign_in(reviewer)
    assert her.path == "/account/password"


@pytest.mark.browser
def test_in_a_browser_the_text_is_there_again(
    chromium: Chromium, address: str, reviewer: Made, clock: FixedClock
) -> None:
    page = chromium.new_page(locale="zh-CN")
    page.goto(f"{address}/sign-in")

    def enter() -> None:
        page.fill("[name=username]", reviewer.username)
        page.fill("[name=password]", PASSWORD)
        page.click("main button.btn-primary")

    enter()
    page.goto(f"{address}/privacy/holds")
    for name, value in TYPED.items():
        page.fill(f"main [name={name}]", value)
    clock.advance(LATE)
    page.click("main button.btn-primary")
    page.wait_for_url("**/sign-in**")
    enter()
    page.wait_for_url("**/privacy/holds?kept=1")
    assert {name: page.input_value(f"main [name={name}]") for name in TYPED} == TYPED
    page.close()
