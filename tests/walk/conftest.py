"""A fresh city with its processes running, and browsers for the people in it."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from exam import create_app
from exam.db import db
from exam.processes import table
from tests.walk import small_city
from tests.walk.installation import Installation
from tests.walk.visitors import Visitors

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

SECRET = "of the tests alone, and longer than it has to be"
HOST = "127.0.0.1"


@dataclass(frozen=True)
class Running:
    """A city in which everything works but the camera, which the walk switches on."""

    city: small_city.Made
    installation: Installation
    address: str
    data_folder: Path


@pytest.fixture
def running(fresh_database_url: str, tmp_path: Path) -> Iterator[Running]:
    """The city on a database of its own, and the processes that serve it."""
    data, logs = tmp_path / "data", tmp_path / "logs"
    for folder in (data, logs):
        folder.mkdir()
    environment = {
        "DATABASE_URL": fresh_database_url,
        "KAOCHANG_SECRET_KEY": SECRET,
        "KAOCHANG_DATA_FOLDER": str(data),
        "KAOCHANG_DEMO": "true",
        "KAOCHANG_SECURE_COOKIES": "false",
    }
    city = _city(fresh_database_url, data)
    installation, port = Installation(logs, environment), free_port()
    address = f"http://{HOST}:{port}"
    try:
        for command in (
            table.web(host=HOST, port=port),
            table.jobs(),
            table.vision(),
            table.forwarder(),
        ):
            installation.start(command)
        installation.wait_for(f"{address}/healthz")
        yield Running(city, installation, address, data)
    finally:
        installation.stop()


@pytest.fixture
def visitors(running: Running, chromium: Browser) -> Iterator[Visitors]:
    """Windows on the city."""
    made = Visitors(chromium, running.address)
    yield made
    made.leave()


def _city(database_url: str, data_folder: Path) -> small_city.Made:
    app = create_app(
        DATABASE_URL=database_url,
        secret_key=SECRET,
        data_folder=data_folder,
        demo=True,
        secure_cookies=False,
    )
    with app.app_context():
        made = small_city.make(data_folder)
        db.session.remove()
        db.engine.dispose()
    return made


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
