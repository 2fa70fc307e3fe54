"""The application for tests: a fixed clock, a folder of its own, an emptied database afterwards."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from flask import g
from flask.testing import FlaskClient

from exam import create_app
from exam.clock import Clock, FixedClock
from exam.db import db
from tests.databases import empty

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from flask import Flask
    from werkzeug.test import TestResponse

MONDAY = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
"""Nine in the morning of a working Monday at the site."""


@pytest.fixture
def clock() -> FixedClock:
    """A clock that stands on a Monday morning until a test moves it."""
    return FixedClock(MONDAY)


@pytest.fixture
def data_folder(tmp_path: Path) -> Path:
    """Where the application keeps its files."""
    return tmp_path


@pytest.fixture
def app(database_url: str, data_folder: Path, clock: Clock) -> Iterator[Flask]:
    """An application on this worker's database, inside its context."""
    application = create_app(
        time=clock,
        DATABASE_URL=database_url,
        secret_key="of the tests alone, and longer than it has to be",
        data_folder=data_folder,
        demo=True,
        secure_cookies=False,
    )
    application.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    with application.app_context():
        yield application
        db.session.remove()
        db.engine.dispose()
    empty(database_url)


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
    """Somebody's browser, signed in as nobody."""
    app.test_client_class = Browser
    return app.test_client()


@pytest.fixture
def statements(app: Flask) -> Callable[[Callable[[], object]], list[str]]:
    """The statements that an act sends to the database: its cost, whatever the machine."""

    def of(act: Callable[[], object]) -> list[str]:
        sent: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            sent.append(statement)

        sa.event.listen(db.engine, "before_cursor_execute", note)
        try:
            act()
        finally:
            sa.event.remove(db.engine, "before_cursor_execute", note)
        return sent

    return of
