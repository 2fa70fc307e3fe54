"""The tests' city on a Monday in August."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from exam.clock import FixedClock
from exam.people.sign_in import manager
from tests.booking.factories import NOW, City, make_city
from tests.entering import put_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from flask.testing import FlaskClient

    from exam.people.roles import Actor


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def city(app: Flask) -> City:
    return make_city()


@pytest.fixture
def enter(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> Callable[[Actor], FlaskClient]:
    """Signs an actor in without the cost of a password."""
    monkeypatch.setattr(manager, "session_protection", None)

    def sign_in(actor: Actor) -> FlaskClient:
        with client.session_transaction() as session:
            session.clear()
            put_in(session, actor.account_id)
        return client

    return sign_in
