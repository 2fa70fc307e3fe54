from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from exam.db import db
from exam.notify.models import SimulatedText
from exam.people import one_time_codes
from exam.people.access_models import OneTimeCode
from exam.people.roles import Role
from exam.system import outbox
from tests.people.conftest import make_person
from tests.web.page_check import page_problems

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from flask.testing import FlaskClient

    from exam.clock import FixedClock
    from exam.people.models import Office
    from tests.people.conftest import Made

NUMBER = "330203199801031037"


@pytest.fixture
def her(office: Office, account: Callable[..., Made]) -> Made:
    return account(Role.CANDIDATE, name="her", person=make_person(office, NUMBER, date(1998, 1, 3)))


def ask(browser: FlaskClient, clock: FixedClock, number: str = NUMBER) -> str:
    """Ask for a code; what the phone got."""
    answer = browser.post("/sign-in/code", data={"document_number": number})
    assert answer.headers["Location"] == "/sign-in/code/enter"
    outbox.drain(now=clock.now())
    query = sa.select(SimulatedText).order_by(SimulatedText.sent_at.desc(), SimulatedText.id.desc())
    text = db.session.scalars(query).first()
    return text.facts["code"] if text else ""


def give(browser: FlaskClient, code: str) -> int:
    return browser.post("/sign-in/code/enter", data={"code": code}).status_code


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


@pytest.mark.usefixtures("her")
def test_the_code_that_came_lets_her_in_once(
    browser: Callable[..., FlaskClient], clock: FixedClock
) -> None:
    here = browser()
    code = ask(here, clock, f" {NUMBER[:6]} {NUMBER[6:]} ")
    assert code not in here.get("/sign-in/code/enter").text
    assert code in browser().get("/demo/phones").text, "the demo shows what a phone would"
    assert give(here, code) == 303
    assert here.get("/account").status_code == 200
    asked = db.session.scalars(sa.select(OneTimeCode)).one()
    assert code not in (asked.code_hmac or "")
    again = browser()
    with again.session_transaction() as kept:
        kept["code"] = str(asked.id)
    assert give(again, code) == 422


@pytest.mark.usefixtures("her")
def test_few_tries_and_a_short_life(browser: Callable[..., FlaskClient], clock: FixedClock) -> None:
    here = browser()
    code = ask(here, clock)
    for _try in range(one_time_codes.TRIES):
        assert give(here, wrong(code)) == 422
    assert give(here, code) == 422, "the sixth try is one too many, right or not"
    clock.advance(timedelta(seconds=1))
    code = ask(here, clock)
    clock.advance(one_time_codes.VALID)
    assert give(here, code) == 422


@pytest.mark.usefixtures("her")
def test_another_browser_cannot_use_her_code(
    browser: Callable[..., FlaskClient], clock: FixedClock
) -> None:
    code = ask(browser(), clock)
    stranger = browser()
    ask(stranger, clock, "330203199801031038")
    assert give(stranger, code) == 422


@pytest.mark.usefixtures("her")
def test_nobody_learns_whether_a_number_is_on_file(
    browser: Callable[..., FlaskClient],
    clock: FixedClock,
    statements: Callable[[Callable[[], object]], list[str]],
) -> None:
    """The same pages, headers and statements: what differs happens after the answer."""
    seen = []
    for number in (NUMBER, "330203199801031038"):
        here = browser()
        kept: list[tuple[int, str]] = []

        def asking(here: FlaskClient = here, number: str = number, kept: list = kept) -> None:
            answer = here.post("/sign-in/code", data={"document_number": number})
            kept.append((answer.status_code, answer.headers["Location"]))

        sent = statements(asking)
        page = here.get("/sign-in/code/enter").text
        guesses = statements(lambda here=here: give(here, "000000"))
        seen.append((sent, page, kept, len(guesses)))
    assert seen[0] == seen[1]


def test_staff_are_sent_none(
    office: Office,
    account: Callable[..., Made],
    browser: Callable[..., FlaskClient],
    clock: FixedClock,
) -> None:
    person = make_person(office, NUMBER, date(1998, 1, 3))
    account(Role.CANDIDATE, Role.EXAMINER, name="both", person=person)
    assert ask(browser(), clock) == ""


@pytest.mark.usefixtures("her")
def test_an_office_without_a_gateway_offers_none(
    app: Flask, browser: Callable[..., FlaskClient]
) -> None:
    app.config["CODE_SIGN_IN"] = False
    assert browser().get("/sign-in/code").status_code == 404
    assert "/sign-in/code" not in browser().get("/sign-in").text


def test_the_pages_are_sound(browser: Callable[..., FlaskClient], clock: FixedClock) -> None:
    here = browser()
    pages = [here.get("/sign-in/code").text]
    ask(here, clock)
    pages += [here.get("/sign-in/code/enter").text, here.get("/demo/phones").text]
    assert [page_problems(x) for x in pages] == [[], [], []]
