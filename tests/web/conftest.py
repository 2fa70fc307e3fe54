from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tests.web import kit_sample
import pytest
from flask import Flask
from flask_wtf import CSRFProtect

from exam import web

if TYPE_CHECKING:
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
