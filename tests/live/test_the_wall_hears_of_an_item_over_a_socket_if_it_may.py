from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
import sqlalchemy as sa
from flask import g

from exam.db import db, transaction
from exam.live import services
from exam.live.listener import Listener, news_of
from exam.live.models import ReviewItem
from exam.live.sockets import NAMESPACE, rooms_of
from exam.people.models import Account
from exam.people.roles import Role
from tests.application import MONDAY
from tests.live.conftest import Place, Worker, forward_all, sign_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask

    from exam.people.roles import Actor


@pytest.fixture
def connect(app: Flask) -> Iterator[Callable[[Actor | None], Any]]:
    """Open a page of the wall as somebody; the listening thread ends with the test."""
    app.login_manager.session_protection = None
    opened = []

    def opening(actor: Actor | None) -> Any:
        for name in ("actor", "_login_user"):
            g.pop(name, None)
        browser = sign_in(app, actor.account_id) if actor else app.test_client()
        page = app.extensions["socketio"].test_client(
            app, namespace=NAMESPACE, flask_test_client=browser
        )
        opened.append(page)
        return page

    yield opening
    for page in opened:
        if page.is_connected(NAMESPACE):
            page.disconnect(NAMESPACE)
    app.extensions["kaochang.wall"].close()
    app.login_manager.session_protection = "strong"


def heard(page: Any, name: str = "item") -> list[dict[str, Any]]:
    return [x["args"][0] for x in page.get_received(NAMESPACE) if x["name"] == name]


def wait_until(listener: Listener, page: Any, name: str = "item") -> list[dict[str, Any]]:
    """What the page hears next under a name; a page that hears nothing in 20 s fails the test."""
    pause = threading.Event()
    for _ in range(400):
        if found := heard(page, name):
            return found
        pause.wait(0.05)
    raise AssertionError(f"no {name} was heard")


def told(app: Flask, payload: dict[str, Any]) -> None:
    """Pass news on as the listening thread does."""
    news = news_of(json.dumps(payload))
    app.extensions["socketio"].emit(news.name, news.message, to=news.rooms, namespace=NAMESPACE)


@pytest.mark.parametrize("role", [None, Role.REVIEWER, Role.ADMINISTRATOR, Role.HALL_OFFICER])
def test_without_a_role_that_watches_the_connection_is_refused(
    role: Role | None, connect: Callable[..., Any], actor_with: Callable[..., Actor]
) -> None:
    page = connect(actor_with(role) if role else None)
    assert not page.is_connected(NAMESPACE)


def test_a_message_holds_numbers_and_states_and_nothing_about_a_person(
    app: Flask, worker: Worker, connect: Callable[..., Any], actor_with: Callable[..., Actor]
) -> None:
    page = connect(actor_with(Role.EXAMINER))
    wait_until(app.extensions["kaochang.wall"], page, "missed")
    worker.seen("face_absent", severity="alert")
    forward_all(worker)
    (message,) = wait_until(app.extensions["kaochang.wall"], page)
    assert message.keys() == {"group", "item", "state", "severity"}
    assert message["state"] == "open"


def test_an_acknowledgement_reaches_the_other_pages(
    app: Flask, worker: Worker, connect: Callable[..., Any], actor_with: Callable[..., Actor]
) -> None:
    worker.seen()
    forward_all(worker)
    number = db.session.scalar(sa.select(ReviewItem.number))
    page = connect(actor_with(Role.SUPERVISOR, site=None))
    wait_until(app.extensions["kaochang.wall"], page, "missed")
    services.acknowledge(actor_with(Role.EXAMINER), number or 0, now=MONDAY)
    (message,) = wait_until(app.extensions["kaochang.wall"], page)
    assert (message["item"], message["state"]) == (number, "acknowledged")


def test_rooms_follow_site_and_group(
    app: Flask, place: Place, connect: Callable[..., Any], actor_with: Callable[..., Actor]
) -> None:
    pages = {
        "here": connect(actor_with(Role.EXAMINER)),
        "elsewhere": connect(actor_with(Role.EXAMINER, site=place.other, name="other")),
        "office": connect(actor_with(Role.SUPERVISOR, site=None)),
        "operator": connect(actor_with(Role.SITE_OPERATOR)),
    }
    for page in pages.values():
        page.get_received(NAMESPACE)
    where = {"office": str(place.office.id), "site": str(place.site.id)}
    for number, group in enumerate(("conduct", "equipment"), start=1):
        told(app, where | {"group": group, "item": number, "state": "open", "severity": "alert"})
    told(app, where | {"camera": "c", "state": "silent"})
    received = {name: page.get_received(NAMESPACE) for name, page in pages.items()}
    items = {
        name: [x["args"][0]["item"] for x in got if x["name"] == "item"]
        for name, got in received.items()
    }
    assert items == {"here": [1, 2], "elsewhere": [], "office": [1, 2], "operator": [2]}
    tiles = {name for name, got in received.items() if any(x["name"] == "tile" for x in got)}
    assert tiles == {"here", "office", "operator"}


def test_what_was_missed_is_found_by_number(
    worker: Worker, connect: Callable[..., Any], actor_with: Callable[..., Actor]
) -> None:
    for kind in ("face_absent", "camera_covered"):
        worker.seen(kind)
    forward_all(worker)
    first, second = db.session.scalars(sa.select(ReviewItem.number).order_by(ReviewItem.number))
    examiner, operator = connect(actor_with(Role.EXAMINER)), connect(actor_with(Role.SITE_OPERATOR))

    def newer(page: Any, after: Any) -> list[int]:
        answer = page.emit("newer", after, namespace=NAMESPACE, callback=True)
        return [item["item"] for item in answer["items"]]

    g.pop("actor", None)
    g.pop("_login_user", None)
    assert newer(operator, 0) == [second]
    g.pop("actor", None)
    g.pop("_login_user", None)
    assert newer(examiner, 0) == [first, second]
    assert newer(examiner, first) == [second]
    assert newer(examiner, second) == []
    for nonsense in ("x", None, True, -5, 1 << 80, [1]):
        assert newer(examiner, nonsense) in ([first, second], [])


def test_rights_that_ended_since_end_the_answers_and_the_connection(
    app: Flask, connect: Callable[..., Any], actor_with: Callable[..., Actor]
) -> None:
    actor = actor_with(Role.EXAMINER)
    page = connect(actor)
    assert page.is_connected(NAMESPACE)
    with transaction() as session:
        session.execute(
            sa.update(Account).where(Account.id == actor.account_id).values(enabled=False)
        )
    g.pop("actor", None)
    g.pop("_login_user", None)
    answer = page.emit("newer", 0, namespace=NAMESPACE, callback=True)
    assert answer == {"error": "not_signed_in"}
    app.extensions["kaochang.wall"]._recheck()
    assert not page.is_connected(NAMESPACE)


def test_a_site_operator_is_in_no_room_about_conduct(actor_with: Callable[..., Actor]) -> None:
    rooms = rooms_of(actor_with(Role.SITE_OPERATOR))
    assert not any("conduct" in room for room in rooms)


def test_news_travel_at_commit_and_name_the_item(
    app: Flask, worker: Worker, database_url: str
) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("LISTEN wall")
        worker.seen()
        forward_all(worker)
        (note,) = connection.notifies(timeout=20, stop_after=1)
    told_of = json.loads(note.payload)
    assert told_of["item"] == db.session.scalar(sa.select(ReviewItem.number))
    assert told_of["group"] == "conduct"
