"""An installation as an office runs it: over TLS, under its own name, not a demo."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from exam import create_app
from exam.db import db

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from flask import Flask

    from exam.clock import FixedClock

OFFICE = "https://exam.example.cn"


@pytest.fixture
def installation(
    database_url: str, tmp_path: Path, clock: FixedClock
) -> Iterator[Callable[..., Flask]]:
    """Wire an application with an office's settings and what a test changes in them."""
    made: list[Flask] = []

    def make(**changes: Any) -> Flask:
        settings = {
            "DATABASE_URL": database_url,
            "secret_key": "of these tests alone, and longer than it has to be",
            "data_folder": tmp_path,
            "trusted_hosts": ("exam.example.cn",),
        }
        made.append(create_app(time=clock, **(settings | changes)))
        return made[-1]

    yield make
    for app in made:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


@pytest.fixture
def office(installation: Callable[..., Flask]) -> Flask:
    return installation()
