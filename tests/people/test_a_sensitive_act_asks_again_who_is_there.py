"""A browser that was left open does nothing dear: after some minutes it asks who is there."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pyotp
import pytest
import sqlalchemy as sa

from exam.audit.models import AuditRecord
from exam.db import db
from exam.people import second_factor
from exam.people.access_models import FactorReset, SecondFactor, Visit, VisitEnd
from exam.people.roles import Role
from tests.people.conftest import PASSWORD, make_office, sign_in
from tests.web.page_check import page_problems

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from flask import Flask
    from flask.testing import FlaskClient

    from exam.clock import FixedClock
    from tests.people.conftest import Made

LATER = timedelta(minutes=16)
ENDPOINTS = {
    "account.add_factor",
    "account.change_password",
    "account.factor_qr",
    "account.renew_codes",
    "examiner.exception",
    "hall.decide",
    "hall.exception",
    "holding.agree",
    "holding.ask_lift",
    "holding.lift",
    "holding.listed",
    "key_erasing.decide",
    "key_erasing.listed",
    "replanning.decide",
    "rights.colleague",
    "rights.decide",
    "rights.end_visit",
    "rights.resets",
    "rostering.decide",
}
"""What changes a proof of oneself, a right, a hold or a rule; a new one is entered here."""


def acts(kind: str) -> list[AuditRecord]:
    db.session.rollback()
    query = sa.select(AuditRecord).where(AuditRecord.act == kind).order_by(AuditRecord.arrival)
    return list(db.session.scalars(query))


def visit_of(made: Made) -> UUID:
    query = sa.select(Visit.id).where(Visit.account_id == made.id).order_by(Visit.since.desc())
    return db.session.scalars(query).first() or pytest.fail("nobody is signed in")


@pytest.fixture
def administrator(account: Callable[..., Made]) -> Made:
    return account(Role.ADMINISTRATOR)


@pytest.fixture
def owner(account: Callable[..., Made], clock: FixedClock) -> Made:
    """Somebody with a second factor."""
    made = account(Role.PLANNER)
    second_factor.begin(made.id, now=clock.now())
    code = pyotp.TOTP(secret_of(made)).at(clock.now())
    second_factor.confirm(made.id, code, now=clock.now())
    return made


def secret_of(made: Made) -> str:
    return db.session.get_one(SecondFactor, made.id).secret


def test_the_acts_that_ask_are_those_of_the_list(app: Flask) -> None:
    marked = {
        name
        for name, view in app.view_functions.items()
        if getattr(view, "asks_again", False)
        or getattr(getattr(view, "__wrapped__", None), "asks_again", False)
    }
    assert marked == ENDPOINTS


def test_a_fresh_sign_in_is_proof_enough_and_an_old_one_is_not(
    browser: Callable[..., FlaskClient], administrator: Made, owner: Made, clock: FixedClock
) -> None:
    here = browser()
    sign_in(here, administrator)
    asked = {"username": owner.username, "reason": "phone lost, card seen"}
    clock.advance(LATER)
    answer = here.post("/rights/", data=asked)
    assert answer.headers["Location"].startswith("/account/prove?next=")
    assert db.session.scalars(sa.select(FactorReset)).all() == []
    door = answer.headers["Location"]
    assert page_problems(here.get(door).text) == []
    assert here.post(door, data={"password": "wrong"}).status_code == 422
    assert here.post("/rights/", data=asked).headers["Location"].startswith("/account/prove")
    assert here.post(door, data={"password": PASSWORD}).status_code == 303
    assert here.post("/rights/", data=asked).headers["Location"] == "/rights/"
    assert len(db.session.scalars(sa.select(FactorReset)).all()) == 1
    (proof,) = acts("visit.proven")
    assert (proof.account_id, proof.subject_id) == (administrator.id, visit_of(administrator))


def test_whoever_has_a_second_factor_shows_it_and_the_password_does_not_do(
    browser: Callable[..., FlaskClient], owner: Made, clock: FixedClock
) -> None:
    here = browser()
    clock.advance(timedelta(minutes=1))
    assert sign_in(here, owner) == "/sign-in/second"
    code = pyotp.TOTP(secret_of(owner)).at(clock.now())
    assert here.post("/sign-in/second", data={"code": code}).status_code == 303
    clock.advance(LATER)
    assert here.post("/account/second-factor/codes").status_code == 303
    door = "/account/prove"
    assert here.post(door, data={"password": PASSWORD}).status_code == 422
    assert here.post(door, data={"code": code}).status_code == 422, "one that was used before"
    fresh = pyotp.TOTP(secret_of(owner)).at(clock.now())
    assert here.post(door, data={"code": fresh}).status_code == 303
    assert here.post("/account/second-factor/codes").status_code == 200


@pytest.mark.parametrize("path", ["/account/password", "/account/second-factor"])
def test_a_form_that_asks_for_secrets_asks_before_it_is_filled_in(
    browser: Callable[..., FlaskClient], administrator: Made, clock: FixedClock, path: str
) -> None:
    here = browser()
    sign_in(here, administrator)
    clock.advance(LATER)
    answer = here.get(path)
    assert answer.headers["Location"] == f"/account/prove?next={path}"
    proven = here.post(answer.headers["Location"], data={"password": PASSWORD})
    assert proven.headers["Location"] == path


def test_reading_asks_nothing(
    browser: Callable[..., FlaskClient], administrator: Made, clock: FixedClock
) -> None:
    here = browser()
    sign_in(here, administrator)
    clock.advance(LATER)
    assert here.get("/rights/").status_code == 200
    assert here.get("/account").status_code == 200


def test_guessing_at_this_door_is_counted_as_at_the_others(
    browser: Callable[..., FlaskClient], administrator: Made
) -> None:
    here = browser()
    sign_in(here, administrator)
    answers = [here.post("/account/prove", data={"password": "x"}).status_code for _ in range(11)]
    assert answers == [422] * 10 + [429]


def test_an_administrator_sees_and_ends_a_colleagues_visit_and_both_are_recorded(
    browser: Callable[..., FlaskClient], administrator: Made, account: Callable[..., Made]
) -> None:
    clerk = account(Role.REVIEWER, name="clerk")
    there, here = browser("10.0.0.7"), browser()
    sign_in(there, clerk)
    sign_in(here, administrator)
    page = here.post("/rights/visits", data={"username": "clerk"}).text
    assert page_problems(page) == []
    assert "10.0.0.7" in page
    assert "Firefox" in page
    (looked,) = acts("visit.looked_at")
    assert (looked.account_id, looked.subject_id) == (administrator.id, clerk.id)
    key = visit_of(clerk)
    door = f"/rights/visits/{key}/end"
    assert page_problems(here.get(door).text) == []
    assert here.post(door, data={"reason": " "}).status_code == 422
    assert there.get("/account").status_code == 200
    assert here.post(door, data={"reason": "the laptop was lost"}).status_code == 303
    assert there.get("/account").status_code == 303
    db.session.expire_all()
    assert db.session.get_one(Visit, key).ended_why is VisitEnd.ENDED_BY_OFFICE
    (ended,) = acts("visit.ended")
    assert ended.account_id == administrator.id
    assert ended.role == Role.ADMINISTRATOR
    assert ended.reason == "the laptop was lost"
    assert ended.facts["whose"] == str(clerk.id)
    assert here.post(door, data={"reason": "again"}).status_code == 404


def test_of_another_office_an_administrator_learns_nothing(
    browser: Callable[..., FlaskClient],
    administrator: Made,
    account: Callable[..., Made],
) -> None:
    stranger = account(Role.REVIEWER, name="stranger")
    there, here = browser(), browser()
    sign_in(there, stranger)
    stranger.row().office_id = make_office("elsewhere").id
    db.session.commit()
    sign_in(here, administrator)
    for name in ("stranger", "nobody-at-all"):
        answer = here.post("/rights/visits", data={"username": name})
        assert answer.status_code == 422
    door = f"/rights/visits/{visit_of(stranger)}/end"
    assert here.get(door).status_code == 404
    assert here.post(door, data={"reason": "x"}).status_code == 404
    assert there.get("/account").status_code == 200


def test_a_supervisor_alone_may_not_look(
    browser: Callable[..., FlaskClient], account: Callable[..., Made]
) -> None:
    here = browser()
    sign_in(here, account(Role.SUPERVISOR))
    assert here.get("/rights/visits").status_code == 403
