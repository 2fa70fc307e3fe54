from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from flask import g

from exam.db import db
from exam.live.sockets import NAMESPACE
from exam.people import visits
from exam.people.access_models import Visit, VisitEnd
from exam.people.models import RoleGrant
from exam.people.roles import Role
from tests.application import MONDAY, Browser
from tests.entering import put_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask

    from tests.people.conftest import Made


@pytest.fixture
def wall(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Made], Any]]:
    """Open the wall as somebody; it is there when the listener hears of visits."""
    monkeypatch.setattr(app.login_manager, "session_protection", None)

    def opened(made: Made) -> Any:
        for name in list(g):
            g.pop(name)
        browser = Browser(app, app.response_class, use_cookies=True)
        with browser.session_transaction() as session:
            put_in(session, made.id)
        page = app.extensions["socketio"].test_client(
            app, namespace=NAMESPACE, flask_test_client=browser
        )
        _until(lambda: any(x["name"] == "missed" for x in page.get_received(NAMESPACE)))
        return page

    yield opened
    app.extensions["kaochang.wall"].close()


def _until(there: Callable[[], bool]) -> None:
    """Wait for another thread's work; one that has not come in 20 s fails the test."""
    pause = threading.Event()
    for _ in range(400):
        if there():
            return
        pause.wait(0.05)
    raise AssertionError("it did not happen")


def visit_of(made: Made) -> Visit:
    return db.session.scalars(sa.select(Visit).where(Visit.account_id == made.id)).one()


def test_an_ended_visit_hears_nothing_more(
    wall: Callable[[Made], Any], account: Callable[..., Made]
) -> None:
    made = account(Role.SUPERVISOR)
    page = wall(made)
    assert page.is_connected(NAMESPACE)
    visits.end(made.id, visit_of(made).id, why=VisitEnd.ENDED_BY_OWNER, now=MONDAY)
    _until(lambda: not page.is_connected(NAMESPACE))


def test_another_role_is_another_connection(
    wall: Callable[[Made], Any], account: Callable[..., Made]
) -> None:
    made = account(Role.EXAMINER, Role.SUPERVISOR)
    page = wall(made)
    query = sa.select(RoleGrant).where(
        RoleGrant.account_id == made.id, RoleGrant.role == Role.SUPERVISOR
    )
    visits.choose_role(visit_of(made).id, db.session.scalars(query).one(), now=MONDAY)
    _until(lambda: not page.is_connected(NAMESPACE))
