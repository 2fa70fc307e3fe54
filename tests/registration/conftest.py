from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from flask import g
from flask.testing import FlaskClient

from exam import create_app
from exam.clock import FixedClock
from exam.db import db
from tests.databases import empty
from tests.registration.factories import NOW, PASSWORD, House, give_password, make_house

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from flask import Flask
    from werkzeug.test import TestResponse

    from exam.people.roles import Actor


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def app(database_url: str, tmp_path: Path, clock: FixedClock) -> Iterator[Flask]:
    app = create_app(
        time=clock,
        database_url=database_url,
        secret_key="of the tests alone, and longer than it has to be",
        data_folder=tmp_path,
        demo=True,
        secure_cookies=False,
    )
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()
    empty(database_url)


@pytest.fixture
def house(app: Flask) -> House:
    return make_house()


class Browser(FlaskClient):
    """A client whose requests do not remember whom the one before was for.

    The tests hold an application context open, and a request inside it would share its `g`.
    """

    def open(self, *args: Any, **named: Any) -> TestResponse:
        for name in ("actor", "_login_user"):
            g.pop(name, None)
        return super().open(*args, **named)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    app.test_client_class = Browser
    return app.test_client()


@pytest.fixture
def sign_in(client: FlaskClient) -> Callable[[Actor], FlaskClient]:
    """A client signed in as an actor."""

    def enter(actor: Actor) -> FlaskClient:
        name = give_password(actor)
        answer = client.post("/sign-in", data={"username": name, "password": PASSWORD})
        assert answer.status_code == 303
        return client

    return enter
