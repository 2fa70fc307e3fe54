from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from exam.db import db
from exam.people.access_models import Visit, VisitEnd
from exam.people.roles import Role
from tests.people.conftest import sign_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from tests.people.conftest import Made

OLD = "session"


@pytest.fixture
def made(account: Callable[..., Made]) -> Made:
    return account(Role.CANDIDATE)


def test_a_copied_cookie_is_worth_nothing_after_the_next_sign_in(
    browser: Callable[..., FlaskClient], made: Made
) -> None:
    here, thief = browser(), browser()
    sign_in(here, made)
    cookie = here.get_cookie(OLD)
    assert cookie is not None
    thief.set_cookie(OLD, cookie.value)
    assert thief.get("/account").status_code == 200
    sign_in(here, made)
    assert here.get("/account").status_code == 200
    assert thief.get("/account").status_code == 303
    ended = db.session.scalars(sa.select(Visit.ended_why).order_by(Visit.id)).all()
    assert ended == [VisitEnd.SIGNED_OUT, None]


def test_a_refused_sign_in_is_in_the_log_without_what_was_typed(
    browser: Callable[..., FlaskClient], made: Made
) -> None:
    with capture_logs() as lines:
        sign_in(browser(), made, "wrong words all along")
    told = [line for line in lines if line["event"] == "form.refused"]
    assert [(x["code"], x["field"]) for x in told] == [("invalid_input", "username")]
    assert "wrong words" not in str(lines)
    assert made.username not in str(told).replace("username", "")
