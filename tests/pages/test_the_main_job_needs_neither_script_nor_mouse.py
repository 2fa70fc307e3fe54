"""A candidate's and a reviewer's own work with scripts switched off and by the keyboard alone."""

from __future__ import annotations

import gzip
import re
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from exam.booking.models import Application
from exam.db import db, transaction
from exam.people.models import Account, Person
from exam.people.passwords import hash_password
from exam.people.services import issue_activation
from exam.registration.models import Case, CaseState
from tests.booking import factories as booking
from tests.registration import factories as registration

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from flask import Flask
    from playwright.sync_api import Page

    from exam.clock import FixedClock

pytestmark = pytest.mark.browser
PASSWORD = "paper boat on the lake"
FIRST_VIEW = 200_000
"""Bytes over the wire until a page stands: a second on a slow phone."""
STEPS = 120
"""More presses of the tabulator than any page here has things to reach."""


def to(page: Page, target: str) -> None:
    """Move the focus there by the tabulator, as somebody without a mouse does."""
    wanted = page.locator(target)
    expect(wanted).to_have_count(1)
    for _ in range(STEPS):
        page.keyboard.press("Tab")
        if page.locator(f"{target}:focus").count():
            return
    raise AssertionError(f"the keyboard does not reach {target} on {page.url}")


def write(page: Page, field: str, text: str) -> None:
    to(page, f"#{field}")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type(text)


def send(page: Page) -> None:
    """Press the main button by the keyboard, from where the focus is."""
    with page.expect_navigation():
        to(page, "main form .btn-primary")
        page.keyboard.press("Enter")


def enter(page: Page, account_id: UUID) -> None:
    with transaction() as session:
        account = session.get_one(Account, account_id)
        account.password_hash = hash_password(PASSWORD)
        name = account.username
    page.goto("/sign-in")
    write(page, "username", name)
    write(page, "password", PASSWORD)
    send(page)


def one_press(page: Page, target: str) -> None:
    with page.expect_navigation():
        to(page, target)
        page.keyboard.press("Enter")


def test_she_activates_confirms_and_is_accepted(
    quiet: Callable[[], Page], clock: FixedClock
) -> None:
    clock.move_to(registration.NOW)
    house = registration.make_house()
    (case,) = registration.cases_of(registration.registered(house))
    case_id = case.id
    with transaction() as session:
        person = session.get_one(Person, case.person_id)
        code = issue_activation(person, pack=registration.PACK, now=registration.NOW)
        last = person.document_number[-4:]
    page = quiet()
    page.goto("/activate")
    for field, text in (("code", code), ("last_four", "0000"), ("username", "xiaoming")):
        write(page, field, text)
    write(page, "password", PASSWORD)
    send(page)
    expect(page.get_by_role("alert").first).to_be_visible()
    kept = {x: page.locator(f"#{x}").input_value() for x in ("code", "username")}
    assert kept == {"code": code, "username": "xiaoming"}, "what was typed stays"
    write(page, "last_four", last)
    write(page, "password", PASSWORD)
    send(page)
    expect(page).to_have_url(re.compile("/my/$"))
    page.goto(f"/my/registration/{case_id}")
    write(page, "address", "新地址 8 号")
    to(page, "#correct")
    page.keyboard.press("Space")
    send(page)
    expect(page).to_have_url(re.compile("/my/$"))
    page.go_back()
    expect(page.locator("h1")).to_be_visible()
    page.reload()
    expect(page).to_have_url(re.compile("/my/$"))
    desk = quiet()
    enter(desk, house.reviewer.account_id)
    one_press(desk, f"a[href='/review/{case_id}']")
    one_press(desk, f"form[action='/review/{case_id}/accept'] button")
    db.session.expire_all()
    assert db.session.get_one(Case, case_id).state is CaseState.ACCEPTED
    expect(desk).to_have_url(re.compile("/review/$"))


def test_she_applies_and_withdraws(quiet: Callable[[], Page], clock: FixedClock) -> None:
    clock.move_to(booking.NOW)
    city = booking.make_city()
    drafts = [booking.session_draft(city, hour=x) for x in (9, 14)]
    booking.make_round(city, booking.make_plan(city, drafts))
    (her,) = booking.make_candidates(city, 1, permit_issued=None)
    page = quiet()
    enter(page, her.actor.account_id)
    page.goto("/my/booking/")
    one_press(page, "main a[href*='/my/booking/apply/']")
    to(page, "#order-1")
    page.keyboard.type("1")
    send(page)
    asked = db.session.scalars(sa.select(Application)).one()
    expect(page).to_have_url(re.compile(str(asked.id)))
    page.go_back()
    expect(page.locator("#order-1")).to_be_visible()
    page.goto(f"/my/booking/application/{asked.id}")
    one_press(page, "form[action$='/withdraw'] button")
    db.session.expire_all()
    assert db.session.get_one(Application, asked.id).state == "withdrawn"


@pytest.mark.parametrize("path", ["/", "/sign-in", "/activate", "/public/", "/sign-in/code"])
def test_a_first_view_is_light(app: Flask, path: str) -> None:
    client, wanted = app.test_client(), {"Accept-Encoding": "gzip"}
    page = client.get(path, headers=wanted)
    text = page.get_data(as_text=True)
    parts = set(re.findall(r'(?:href|src)="(/(?:assets|static)/[^"#]+)', text))
    assert len(parts) >= 3, "style, script and icons are counted"
    sizes = {}
    for part in parts:
        with client.get(part, headers=wanted) as answer:
            sizes[part] = len(answer.data)
    # A page is sent as it is, unless a proxy packs it: the larger of the two is counted.
    sizes[path] = max(len(page.data), len(gzip.compress(page.data)))
    assert sum(sizes.values()) < FIRST_VIEW, sizes
