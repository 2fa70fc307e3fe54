from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
import sqlalchemy as sa

from exam import clock as clocks
from exam.db import db
from exam.people import visits
from exam.people.access_models import Visit
from exam.people.passwords import USUAL
from exam.people.roles import Role
from exam.people.services import change_password, open_visit
from tests.people.conftest import PASSWORD, sign_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from flask.testing import FlaskClient

    from exam.clock import FixedClock
    from tests.people.conftest import Made


IN, OUT = 200, 303


def look(browser: FlaskClient) -> int:
    """What one's own page answers: shown, or led to the sign-in."""
    return browser.get("/account").status_code


def is_in(browser: FlaskClient) -> bool:
    return look(browser) == IN


def keys(made: Made) -> list[str]:
    query = sa.select(Visit.id).where(Visit.account_id == made.id).order_by(Visit.id)
    return [str(x) for x in db.session.scalars(query)]


@pytest.fixture
def made(account: Callable[..., Made]) -> Made:
    return account(Role.CANDIDATE)


def test_one_is_ended_and_the_others_stay(browser: Callable[..., FlaskClient], made: Made) -> None:
    here, there, third = browser(), browser("10.0.0.9"), browser()
    for one in (here, there, third):
        sign_in(one, made)
    page = here.get("/account").text
    assert "10.0.0.9" in page
    assert "Firefox" in page
    assert here.post(f"/account/visits/{keys(made)[1]}/end").status_code == 303
    assert [is_in(x) for x in (here, there, third)] == [True, False, True]
    here.post("/account/visits/end-others")
    assert [is_in(x) for x in (here, there, third)] == [True, False, False]


def test_nobody_ends_what_is_somebody_elses(
    browser: Callable[..., FlaskClient], account: Callable[..., Made], made: Made
) -> None:
    here, stranger = browser(), browser()
    sign_in(here, made)
    sign_in(stranger, account(Role.REVIEWER))
    assert stranger.post(f"/account/visits/{keys(made)[0]}/end").status_code == 404
    assert is_in(here)


def test_signing_out_ends_the_visit_and_not_only_the_cookie(
    browser: Callable[..., FlaskClient], made: Made
) -> None:
    here, thief = browser(), browser()
    sign_in(here, made)
    cookie = here.get_cookie("session")
    assert cookie is not None
    here.post("/sign-out")
    thief.set_cookie("session", cookie.value)
    assert not is_in(thief)


def test_another_password_signs_out_everywhere_else(
    browser: Callable[..., FlaskClient], made: Made
) -> None:
    here, there = browser(), browser()
    sign_in(here, made)
    sign_in(there, made)
    wrong = here.post("/account/password", data={"old": "x", "password": "paper boat on the lake"})
    assert wrong.status_code == 422
    right = {"old": PASSWORD, "password": "paper boat on the lake"}
    assert here.post("/account/password", data=right).status_code == 303
    assert [is_in(here), is_in(there)] == [True, False]
    assert sign_in(browser(), made) == "422"
    assert sign_in(browser(), made, "paper boat on the lake") == "/inside"


def test_a_sign_in_that_was_checked_before_the_change_is_over_when_it_begins(
    app: Flask, browser: Callable[..., FlaskClient], made: Made
) -> None:
    here = browser()
    sign_in(here, made)
    epoch = made.row().session_epoch
    visit = db.session.get_one(Visit, UUID(keys(made)[0]))
    change_password(visit, PASSWORD, "paper boat on the lake", rules=USUAL, now=clocks.real_now())
    late = open_visit(made.id, epoch=epoch, device="", address="", now=clocks.real_now())
    assert visits.find(late.id) is None
    assert visits.find(visit.id) is not None


@pytest.mark.parametrize(
    ("role", "minutes", "status"),
    [
        (Role.CANDIDATE, 29, IN),
        (Role.CANDIDATE, 31, OUT),
        (Role.REVIEWER, 59, IN),
        (Role.REVIEWER, 61, OUT),
    ],
)
def test_whoever_leaves_a_browser_alone_is_signed_out(
    browser: Callable[..., FlaskClient],
    account: Callable[..., Made],
    clock: FixedClock,
    role: Role,
    minutes: int,
    status: int,
) -> None:
    here = browser()
    sign_in(here, account(role, name="idle"))
    clock.advance(timedelta(minutes=minutes))
    assert look(here) == status


@pytest.mark.parametrize(("mode", "status"), [("standard", OUT), ("elder", IN)])
def test_large_text_gives_ten_minutes_whatever_the_configuration(
    app: Flask,
    browser: Callable[..., FlaskClient],
    made: Made,
    clock: FixedClock,
    mode: str,
    status: int,
) -> None:
    short = {"idle_minutes_candidate": 2}
    app.config["KAOCHANG"] = app.config["KAOCHANG"].model_copy(update=short)
    here = browser()
    here.set_cookie("mode", mode)
    sign_in(here, made)
    clock.advance(timedelta(minutes=9))
    assert look(here) == status


def test_being_seen_is_written_once_a_minute(
    browser: Callable[..., FlaskClient],
    made: Made,
    clock: FixedClock,
    statements: Callable[[Callable[[], object]], list[str]],
) -> None:
    here = browser()
    sign_in(here, made)

    def writes() -> int:
        return sum("UPDATE visit" in x for x in statements(lambda: here.get("/account")))

    assert writes() == 0
    clock.advance(timedelta(minutes=2))
    assert writes() == 1
    assert writes() == 0


def test_no_browser_stays_signed_in_for_ever(
    browser: Callable[..., FlaskClient], made: Made, clock: FixedClock
) -> None:
    here = browser()
    sign_in(here, made)
    for _half_hour in range(33):
        clock.advance(timedelta(minutes=29, seconds=30))
        found = is_in(here)
    assert not found


def test_what_is_long_past_is_forgotten(
    browser: Callable[..., FlaskClient], made: Made, clock: FixedClock
) -> None:
    sign_in(browser(), made)
    assert visits.forget_old(clock.now() + timedelta(days=89)) == 0
    assert visits.forget_old(clock.now() + timedelta(days=91)) == 1


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537 Chrome/140 Safari/537", "Chrome, Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19) MicroMessenger/8.0", "WeChat, iPhone"),
        ("curl/8", "?, ?"),
    ],
)
def test_a_device_is_named_in_two_words(agent: str, device: str) -> None:
    assert visits.device_of(agent) == device
