"""Whoever waits for the database too long is told so, and whoever does not need it is served."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from exam import create_app
from exam.booking.models import Plan
from exam.db import db
from tests.web.page_check import page_problems

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse


@pytest.fixture
def hurried(database_url: str, tmp_path: Path) -> Iterator[Callable[..., Flask]]:
    """An installation with little patience."""
    made: list[Flask] = []

    def make(**settings: Any) -> Flask:
        app = create_app(
            DATABASE_URL=database_url,
            secret_key="of the tests alone, and longer than it has to be",
            data_folder=tmp_path,
            secure_cookies=False,
            **settings,
        )
        made.append(app)
        return app

    yield make
    for app in made:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def asks_to_wait(answer: TestResponse) -> None:
    assert answer.status_code == 503
    assert page_problems(answer.text) == []
    assert "Traceback" not in answer.text


def test_a_slow_database_is_told_and_waited_for(app: Flask, client: FlaskClient) -> None:
    with app.app_context(), db.engine.connect() as other:
        other.execute(sa.text(f"LOCK TABLE {Plan.__tablename__} IN ACCESS EXCLUSIVE MODE"))
        kept_waiting = client.get("/public/plans")
        assert client.get("/public/rules").status_code == 200
        other.rollback()
    asks_to_wait(kept_waiting)
    assert client.get("/public/plans").status_code == 200


def test_when_every_connection_is_in_use_the_next_reader_is_asked_to_wait(
    hurried: Callable[..., Flask], capsys: pytest.CaptureFixture[str]
) -> None:
    app = hurried(pool_size=1, pool_wait_seconds=1)
    with app.app_context():
        taken = [db.engine.connect() for _ in range(3)]
    capsys.readouterr()
    asks_to_wait(app.test_client().get("/public/plans"))
    (line,) = [json.loads(x) for x in capsys.readouterr().err.splitlines()]
    assert line["code"] == "busy", "expected, and no history of an error"
    for connection in taken:
        connection.close()
    assert app.test_client().get("/public/plans").status_code == 200


def test_a_statement_without_end_is_broken_off(hurried: Callable[..., Flask]) -> None:
    app = hurried(statement_timeout_ms=1000)

    @app.get("/without-end")
    def without_end() -> str:
        return str(db.session.scalar(sa.text("SELECT count(*) FROM generate_series(1, 1e12)")))

    asks_to_wait(app.test_client().get("/without-end"))
    assert app.test_client().get("/public/plans").status_code == 200
