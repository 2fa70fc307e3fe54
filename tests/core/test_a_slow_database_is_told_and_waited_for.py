"""Whoever waits for a lock too long is told so, and whoever does not need it is served."""

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from exam.booking.models import Plan
from exam.db import db
from tests.web.page_check import page_problems


def test_a_slow_database_is_told_and_waited_for(app: Flask, client: FlaskClient) -> None:
    with app.app_context(), db.engine.connect() as other:
        other.execute(sa.text(f"LOCK TABLE {Plan.__tablename__} IN ACCESS EXCLUSIVE MODE"))
        kept_waiting = client.get("/public/plans")
        assert client.get("/public/rules").status_code == 200
        other.rollback()
    assert kept_waiting.status_code == 503
    assert page_problems(kept_waiting.text) == []
    assert client.get("/public/plans").status_code == 200
