from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from flask_socketio import SocketIO
from flask_wtf import CSRFProtect
from werkzeug.serving import make_server

from exam import web
from tests.web import kit_sample

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.testing import FlaskClient

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def app() -> Flask:
    app = Flask("sample", template_folder=str(ROOT / "templates"), static_folder=None)
    app.config.update(TESTING=True, SECRET_KEY="only for this test", DEMO=True)
    CSRFProtect(app)
    web.init_app(app)
    kit_sample.register(app)
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """Serve the sample application, with Socket.IO, and return its address."""
    app.config["WTF_CSRF_ENABLED"] = False
    app.extensions["socket"] = SocketIO(app, async_mode="threading")
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join(timeout=5)
