"""A city with its own database server, all of it kept by a supervisor."""

from __future__ import annotations

import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from exam import create_app
from exam.db import db
from exam.processes import table
from exam.processes.postgres import EmbeddedPostgres, ensure_database
from tests.databases import ROOT, migrate
from tests.faults.household import Household, wait_for_database
from tests.walk import small_city
from tests.walk.conftest import HOST, SECRET, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask


@dataclass(frozen=True)
class Town:
    """An installation that is being served, and the application that looks into its books."""

    address: str
    city: small_city.Made
    app: Flask
    household: Household
    data_folder: Path


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the database's own user can reach, as it cannot pytest's."""
    with tempfile.TemporaryDirectory(prefix="kaochang-") as made:
        yield Path(made)


@pytest.fixture
def town(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    """The city of the walk with everything running, cameras included."""
    data = folder / "data"
    data.mkdir()
    # Only the processes die here, not the machine: what the kernel was given is safe.
    postgres = EmbeddedPostgres(folder / "postgres", durable=False)
    postgres.prepare()
    household = Household(folder / "log")
    household.keep(postgres.command())
    try:
        wait_for_database(postgres)
        ensure_database(postgres.url(), "town")
        url = postgres.url("town")
        migrate(url)
        settings = {
            "DATABASE_URL": url,
            "KAOCHANG_SECRET_KEY": SECRET,
            "KAOCHANG_DATA_FOLDER": str(data),
            "KAOCHANG_DEMO": "true",
            "KAOCHANG_SECURE_COOKIES": "false",
        }
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        app = create_app(
            DATABASE_URL=url, secret_key=SECRET, data_folder=data, demo=True, secure_cookies=False
        )
        with app.app_context():
            city = small_city.make(data)
            db.session.remove()
        port = free_port()
        subprocess.run(table.camera_list().argv, cwd=ROOT, check=True, capture_output=True)
        for command in (
            table.web(host=HOST, port=port),
            table.jobs(),
            table.vision(),
            table.forwarder(),
            table.cameras(),
        ):
            household.keep(command)
        yield Town(f"http://{HOST}:{port}", city, app, household, data)
        with app.app_context():
            db.engine.dispose()
    finally:
        household.stop()
        postgres.release()
