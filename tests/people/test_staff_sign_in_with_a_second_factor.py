from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pyotp
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from exam import config
from exam.audit.models import AuditRecord
from exam.db import db, transaction
from exam.errors import Conflict, InvalidInput, NotAllowed, NotFound, WrongState
from exam.people import factor_resets, second_factor
from exam.people.access_models import FactorReset, RecoveryCode, SecondFactor
from exam.people.roles import Actor, Role
from exam.sealing.keyring import CannotOpen
from tests.people.conftest import make_office, sign_in

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from flask import Flask
    from flask.testing import FlaskClient

    from exam.clock import FixedClock
    from tests.people.conftest import Made


@pytest.fixture
def strict(app: Flask) -> None:
    """An installation that asks its staff for a second factor."""
    app.config["KAOCHANG"] = app.config["KAOCHANG"].model_copy(update={"second_factor": True})


def enrol(browser: FlaskClient, clock: FixedClock) -> tuple[str, list[str]]:
    """Set an authenticator up on the way in; its secret and the recovery codes."""
    page = browser.get("/sign-in/enrol", follow_redirects=True).text
    found = re.search(r"<code>([A-Z2-7 ]+)</code>", page)
    assert found is not None, page
    secret = found.group(1).replace(" ", "")
    answer = browser.post("/sign-in/enrol", data={"code": pyotp.TOTP(secret).at(clock.now())})
    return secret, re.findall(r"<code>([A-Z0-9]{4}(?:-[A-Z0-9]{4}){2})</code>", answer.text)


def is_in(browser: FlaskClient) -> bool:
    return browser.get("/account").status_code == 200


@pytest.mark.usefixtures("strict")
def test_staff_get_in_only_after_setting_one_up(
    browser: Callable[..., FlaskClient], account: Callable[..., Made], clock: FixedClock
) -> None:
    here = browser()
    assert sign_in(here, account(Role.REVIEWER)) == "/sign-in/enrol"
    assert not is_in(here)
    secret, codes = enrol(here, clock)
    assert is_in(here)
    assert len(set(codes)) == second_factor.RECOVERY_CODES
    assert here.get("/sign-in/enrol/qr.svg").status_code != 200, "the secret is shown no more"
    kept = db.session.scalars(sa.select(SecondFactor)).one()
    assert secret.encode() not in kept.secret_sealed.raw
    assert all(
        x.startswith("$argon2id$") for x in db.session.scalars(sa.select(RecoveryCode.code_hash))
    )


@pytest.mark.usefixtures("strict")
def test_the_picture_is_our_own_and_only_for_whom_it_concerns(
    browser: Callable[..., FlaskClient], account: Callable[..., Made]
) -> None:
    here, stranger = browser(), browser()
    sign_in(here, account(Role.PLANNER))
    page = here.get("/sign-in/enrol", follow_redirects=True).text
    assert 'src="/sign-in/enrol/qr.svg"' in page
    picture = here.get("/sign-in/enrol/qr.svg")
    assert picture.mimetype == "image/svg+xml"
    assert picture.headers["Cache-Control"] == "no-store"
    assert "/sign-in" in stranger.get("/sign-in/enrol/qr.svg").headers["Location"]


@pytest.mark.usefixtures("strict")
def test_candidates_and_schools_are_not_asked(
    browser: Callable[..., FlaskClient], account: Callable[..., Made]
) -> None:
    assert sign_in(browser(), account(Role.CANDIDATE)) == "/inside"


def test_the_demo_does_not_ask_whoever_has_none(
    browser: Callable[..., FlaskClient], account: Callable[..., Made]
) -> None:
    assert sign_in(browser(), account(Role.REVIEWER)) == "/inside"


def test_an_installation_that_says_nothing_asks() -> None:
    common = {"DATABASE_URL": "postgresql://x/y", "secret_key": "x" * 40, "data_folder": "."}
    assert config.load(**common, demo=False).staff_need_second_factor
    assert not config.load(**common, demo=True).staff_need_second_factor
    assert config.load(**common, demo=True, second_factor=True).staff_need_second_factor


@pytest.mark.usefixtures("strict")
def test_a_code_is_taken_once_and_only_in_its_minute(
    browser: Callable[..., FlaskClient], account: Callable[..., Made], clock: FixedClock
) -> None:
    made = account(Role.SUPERVISOR)
    first = browser()
    sign_in(first, made)
    secret, _codes = enrol(first, clock)
    second, third = browser(), browser()
    assert sign_in(second, made) == "/sign-in/second"
    same = {"code": pyotp.TOTP(secret).at(clock.now())}
    assert second.post("/sign-in/second", data=same).status_code == 422, "used for enrolling"
    clock.advance(timedelta(seconds=30))
    fresh = {"code": pyotp.TOTP(secret).at(clock.now())}
    assert second.post("/sign-in/second", data=fresh).status_code == 303
    assert is_in(second)
    sign_in(third, made)
    assert third.post("/sign-in/second", data=fresh).status_code == 422
    old = {"code": pyotp.TOTP(secret).at(clock.now() - timedelta(minutes=5))}
    assert third.post("/sign-in/second", data=old).status_code == 422
    assert not is_in(third)


@pytest.mark.usefixtures("strict")
def test_a_recovery_code_works_once(
    browser: Callable[..., FlaskClient], account: Callable[..., Made], clock: FixedClock
) -> None:
    made = account(Role.EXAMINER)
    first = browser()
    sign_in(first, made)
    _secret, codes = enrol(first, clock)
    typed = codes[3].lower().replace("-", " ")
    second = browser()
    sign_in(second, made)
    assert second.post("/sign-in/second", data={"code": typed}).status_code == 303
    third = browser()
    sign_in(third, made)
    assert third.post("/sign-in/second", data={"code": typed}).status_code == 422
    used = db.session.scalars(
        sa.select(AuditRecord).where(AuditRecord.act == "factor.recovery_used")
    )
    assert [x.facts["left"] for x in used] == [second_factor.RECOVERY_CODES - 1]


@pytest.mark.usefixtures("strict")
def test_a_checked_password_does_not_wait_for_ever(
    browser: Callable[..., FlaskClient], account: Callable[..., Made], clock: FixedClock
) -> None:
    here = browser()
    sign_in(here, account(Role.REVIEWER))
    clock.advance(second_factor.WAIT + timedelta(seconds=1))
    assert here.get("/sign-in/enrol").headers["Location"].endswith("/sign-in")


def with_factor(made: Made, clock: FixedClock) -> str:
    second_factor.begin(made.id, now=clock.now())
    shown = second_factor.enrolment_of(made.row())
    assert shown is not None
    code = pyotp.TOTP(shown.secret).at(clock.now())
    second_factor.confirm(made.id, code, now=clock.now())
    return shown.secret


def test_two_names_take_a_lost_one_away_and_every_browser_is_out(
    app: Flask, browser: Callable[..., FlaskClient], account: Callable[..., Made], clock: FixedClock
) -> None:
    made, admin, boss = (
        account(Role.EXAMINER),
        account(Role.ADMINISTRATOR),
        account(Role.SUPERVISOR),
    )
    here = browser()
    sign_in(here, made)
    with_factor(made, clock)
    asked = factor_resets.ask(admin.actor(), made.username, "电话丢失，当面核对", now=clock.now())
    key = asked.id
    with pytest.raises(Conflict):
        factor_resets.ask(admin.actor(), made.username, "再来一次", now=clock.now())
    with pytest.raises(NotAllowed):
        factor_resets.decide(admin.actor(), key, granted=True, now=clock.now())
    factor_resets.decide(boss.actor(), key, granted=True, now=clock.now())
    with pytest.raises(WrongState):
        factor_resets.decide(boss.actor(), key, granted=False, now=clock.now())
    assert not is_in(here)
    assert second_factor.factor_of(made.id) is None
    assert second_factor.codes_left(made.id) == 0
    acts = db.session.scalars(sa.select(AuditRecord).where(AuditRecord.act.like("factor.reset%")))
    assert [(x.act, x.role) for x in acts] == [
        ("factor.reset_asked", "administrator"),
        ("factor.reset", "supervisor"),
    ]


def decide_alone(key: UUID, account_id: UUID, clock: FixedClock) -> None:
    """What a script would do that knows nothing of the services."""
    with transaction():
        row = db.session.get_one(FactorReset, key)
        row.decided_by, row.decided_at, row.granted = account_id, clock.now(), True


def test_nobody_resets_his_own_and_no_other_office_can(
    app: Flask, account: Callable[..., Made], clock: FixedClock
) -> None:
    admin, boss = account(Role.ADMINISTRATOR), account(Role.SUPERVISOR)
    for made in (admin, boss):
        with_factor(made, clock)
    with pytest.raises(InvalidInput):
        factor_resets.ask(admin.actor(), admin.username, "自己的", now=clock.now())
    asked = factor_resets.ask(admin.actor(), boss.username, "丢失", now=clock.now())
    key = asked.id
    with pytest.raises(NotAllowed):
        factor_resets.decide(boss.actor(), key, granted=True, now=clock.now())
    foreign = Actor(account(Role.SUPERVISOR, name="far").id, Role.SUPERVISOR, make_office("far").id)
    with pytest.raises(NotFound):
        factor_resets.decide(foreign, key, granted=True, now=clock.now())
    with pytest.raises(Conflict) as refused:
        decide_alone(key, admin.id, clock)
    assert refused.value.facts["constraint"] == "ck_factor_reset_two_names"


def test_the_pages_of_a_reset_lead_from_one_name_to_the_other(
    app: Flask, browser: Callable[..., FlaskClient], account: Callable[..., Made], clock: FixedClock
) -> None:
    made, admin, boss = (
        account(Role.EXAMINER),
        account(Role.ADMINISTRATOR),
        account(Role.SUPERVISOR),
    )
    with_factor(made, clock)
    desk, office = browser(), browser()
    sign_in(desk, admin)
    sign_in(office, boss)
    wrong = desk.post("/rights/", data={"username": "nobody", "reason": "电话丢失"})
    assert wrong.status_code == 422
    assert "电话丢失" in wrong.text, "what was typed stays"
    sent = desk.post("/rights/", data={"username": made.username, "reason": "电话丢失"})
    assert sent.status_code == 303
    agrees = 'name="answer" value="grant"'
    assert agrees in office.get("/rights/").text
    assert agrees not in desk.get("/rights/").text
    key = db.session.scalars(sa.select(FactorReset.id)).one()
    assert office.post(f"/rights/{key}", data={"answer": "grant"}).status_code == 303
    assert second_factor.factor_of(made.id) is None


def test_a_secret_opens_in_its_own_row_only(
    app: Flask, account: Callable[..., Made], clock: FixedClock
) -> None:
    made, other = account(Role.EXAMINER), account(Role.SUPERVISOR)
    for one in (made, other):
        with_factor(one, clock)
    with transaction():
        mine, hers = (db.session.get_one(SecondFactor, x.id) for x in (made, other))
        assert mine.secret != hers.secret
        mine.secret_sealed = hers.secret_sealed
    with pytest.raises(CannotOpen):
        second_factor.check(made.id, "000000", now=clock.now())


@given(st.integers(300, 2**33), st.integers(-200, 200))
def test_a_code_fits_its_own_step_and_the_next_to_it(at: int, off: int) -> None:
    secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    made, now = datetime.fromtimestamp(at, UTC), datetime.fromtimestamp(at + off, UTC)
    code = pyotp.TOTP(secret).at(made)
    apart = abs(int(now.timestamp()) // 30 - at // 30)
    if apart <= second_factor.DRIFT_STEPS:
        assert second_factor.step_of(secret, code, now) is not None
    elif second_factor.step_of(secret, code, now) is not None:
        # Six digits meet by chance now and then: only then may an old code fit.
        near = range(int(now.timestamp()) // 30 - 1, int(now.timestamp()) // 30 + 2)
        assert code in {pyotp.TOTP(secret).at(x * 30) for x in near}
