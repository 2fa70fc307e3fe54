"""A server for a browser: the application on this worker's database, in a thread."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from werkzeug.serving import make_server

from exam import create_app
from exam.clock import FixedClock
from exam.db import db
from exam.people.sign_in import manager
from tests.databases import empty

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from flask import Flask
    from playwright.sync_api import Browser, Page


@pytest.fixture
def clock() -> FixedClock:
    from tests.application import MONDAY

    return FixedClock(MONDAY)


@pytest.fixture
def app(database_url: str, tmp_path: Path, clock: FixedClock) -> Iterator[Flask]:
    made = create_app(
        time=clock,
        database_url=database_url,
        secret_key="of the tests alone, and longer than it has to be",
        data_folder=tmp_path,
        demo=True,
        secure_cookies=False,
    )
    made.config["WTF_CSRF_ENABLED"] = False
    with made.app_context():
        yield made
        db.session.remove()
        db.engine.dispose()
    empty(database_url)


@pytest.fixture
def address(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(manager, "session_protection", None)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    app.extensions["kaochang.wall"].close()
    server.shutdown()
    server.server_close()
    thread.join(timeout=5)


@pytest.fixture
def quiet(chromium: Browser, address: str) -> Callable[[], Page]:
    """A window without scripts."""

    def opened() -> Page:
        context = chromium.new_context(java_script_enabled=False, locale="zh-CN", base_url=address)
        context.set_default_timeout(30_000)
        return context.new_page()

    return opened
