"""The machine's clock was wrong and is set right: what is decided stays, and nobody is put out."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pyotp
import pytest
import sqlalchemy as sa

from exam.audit.models import AuditRecord
from exam.audit.services import first_broken, link
from exam.booking.models import Application, Round, RoundState, Session
from exam.booking.rules import Wish
from exam.booking.services import applications
from exam.booking.services.rounds import follow_clock
from exam.clock import FixedClock
from exam.db import db
from exam.errors import InvalidInput, KaochangError
from exam.people import second_factor
from exam.people.access_models import SecondFactor, Visit
from exam.people.roles import Role
from exam.policy.subjects import Subject
from tests.application import MONDAY
from tests.booking.conftest import city
from tests.booking.factories import (
    NOW,
    PACK,
    City,
    make_candidates,
    make_plan,
    make_round,
    session_draft,
)
from tests.people.conftest import account, browser, office, password_hash, sign_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from tests.people.conftest import Made

__all__ = ["account", "browser", "city", "office", "password_hash"]
BACK = timedelta(hours=5)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


def test_a_round_that_is_closed_stays_closed_and_its_record_whole(city: City) -> None:
    found = make_round(city, make_plan(city, [session_draft(city)]))
    round_id, closes = found.id, found.closes_at
    (her,) = make_candidates(city, 1)
    late = closes + timedelta(hours=1)
    assert follow_clock(now=late)["closed"] == 1
    assert follow_clock(now=late - BACK) == {"opened": 0, "closed": 0}
    assert db.session.get_one(Round, round_id).state is RoundState.CLOSED
    (session,) = db.session.scalars(sa.select(Session.id))
    wish = Wish(her.case_id, Subject.S1, (session,))
    with pytest.raises(KaochangError):
        applications.apply(her.actor, round_id, wish, now=late - BACK, pack=PACK)
    assert db.session.scalars(sa.select(Application.id)).all() == []
    link()
    rows = db.session.scalars(sa.select(AuditRecord).order_by(AuditRecord.number)).all()
    assert first_broken(rows) is None


def test_a_visit_goes_on_and_idleness_is_counted_from_the_time_that_is_right(
    account: Callable[..., Made], browser: Callable[..., FlaskClient], clock: FixedClock
) -> None:
    clock.move_to(MONDAY + timedelta(days=1))
    here = browser()
    sign_in(here, account(Role.CANDIDATE))
    clock.advance(-BACK)
    assert here.get("/account").status_code == 200
    assert db.session.scalar(sa.select(Visit.last_seen_at)) == clock.now()
    clock.advance(timedelta(minutes=31))
    assert here.get("/account").status_code == 303, "left alone for longer than half an hour"


def test_a_code_that_was_taken_is_not_taken_again(
    account: Callable[..., Made], clock: FixedClock
) -> None:
    made = account(Role.EXAMINER)
    second_factor.begin(made.id, now=clock.now())
    secret = db.session.get_one(SecondFactor, made.id).secret
    first = pyotp.TOTP(secret).at(clock.now())
    second_factor.confirm(made.id, first, now=clock.now())
    clock.advance(timedelta(minutes=1))
    second = pyotp.TOTP(secret).at(clock.now())
    second_factor.check(made.id, second, now=clock.now())
    clock.advance(timedelta(minutes=-1))
    for code in (first, second):
        with pytest.raises(InvalidInput):
            second_factor.check(made.id, code, now=clock.now())
