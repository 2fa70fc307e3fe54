from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from exam.clock import FixedClock
from tests.registration.factories import NOW, PASSWORD, House, give_password, make_house

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from flask.testing import FlaskClient

    from exam.people.roles import Actor


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def house(app: Flask) -> House:
    return make_house()


@pytest.fixture
def sign_in(client: FlaskClient) -> Callable[[Actor], FlaskClient]:
    """A client signed in as an actor."""

    def enter(actor: Actor) -> FlaskClient:
        name = give_password(actor)
        answer = client.post("/sign-in", data={"username": name, "password": PASSWORD})
        assert answer.status_code == 303
        return client

    return enter
