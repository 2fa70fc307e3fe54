"""An application on a real database, emptied after each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from flask import g

from exam.app import create_app
from exam.clock import FixedClock
from exam.db import db
from exam.people.sign_in import manager
from tests import databases
from tests.booking.factories import NOW, City, make_city

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from flask import Flask
    from flask.testing import FlaskClient

    from exam.people.roles import Actor


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def app(database_url: str, tmp_path: Path, clock: FixedClock) -> Iterator[Flask]:
    made = create_app(
        time=clock,
        database_url=database_url,
        secret_key="of the tests alone, and longer than it has to be",
        data_folder=tmp_path,
        secure_cookies=False,
    )
    made.config["WTF_CSRF_ENABLED"] = False
    with made.app_context():
        yield made
        db.session.remove()
        db.engine.dispose()
    databases.empty(database_url)


@pytest.fixture
def city(app: Flask) -> City:
    return make_city()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def enter(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> Callable[[Actor], FlaskClient]:
    """Signs an actor in without the cost of a password."""
    monkeypatch.setattr(manager, "session_protection", None)

    def sign_in(actor: Actor) -> FlaskClient:
        # The fixture's application context outlives a request, and with it what Flask keeps in `g`.
        for kept in ("actor", "_login_user"):
            g.pop(kept, None)
        with client.session_transaction() as session:
            session.clear()
            session["_user_id"] = f"{actor.account_id}:0"
            session["_fresh"] = True
        return client

    return sign_in
