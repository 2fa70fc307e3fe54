"""The application for tests: a fixed clock, a folder of its own, an emptied database afterwards."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from exam import create_app
from exam.clock import FixedClock
from exam.db import db
from tests.databases import empty

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask import Flask

MONDAY = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
"""Nine in the morning of a working Monday at the site."""


@pytest.fixture
def fixed_clock() -> FixedClock:
    """A clock that stands on a Monday morning until a test moves it."""
    return FixedClock(MONDAY)


@pytest.fixture
def app(database_url: str, tmp_path: Path, fixed_clock: FixedClock) -> Iterator[Flask]:
    """An application on this worker's database, inside its context."""
    application = create_app(
        time=fixed_clock,
        DATABASE_URL=database_url,
        secret_key="of the tests alone, and longer than it has to be",
        data_folder=tmp_path,
        demo=True,
        secure_cookies=False,
    )
    application.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    with application.app_context():
        yield application
        db.session.remove()
        db.engine.dispose()
    empty(database_url)
