"""Whatever is typed into any form is found in no log, no event and on no page of an error."""

from __future__ import annotations

import importlib
import io
import json
import logging
import pkgutil
import re
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
import structlog
from flask import g
from flask_wtf import FlaskForm
from wtforms.fields import FileField, MultipleFileField

import exam
from exam import redaction
from exam.audit.models import AuditRecord
from exam.db import db, new_id, transaction
from exam.people.models import Account, RoleGrant
from exam.people.passwords import hash_password
from exam.people.roles import Role
from exam.system.models import OutboxEvent
from proctor.link import Shape
from tests.registration.factories import NOW, House, accepted, make_house

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

PASSWORD = "of this test alone"
MARKS = {
    "phone": "13987654321",
    "number": "330203199912319876",
    "last_four": "9Z8X",
    "address": "标记巷九十九号",
    "password": "MarkedPassword99",
}
WORDS = "标记王五"
SCHOOL_ROLES = {Role.SCHOOL_CLERK, Role.SCHOOL_MANAGER}


def form_classes() -> set[type[FlaskForm]]:
    for found in pkgutil.walk_packages(exam.__path__, "exam."):
        if found.name.endswith("forms"):
            importlib.import_module(found.name)
    waiting, seen = [FlaskForm], set()
    while waiting:
        for one in waiting.pop().__subclasses__():
            seen.add(one)
            waiting.append(one)
    return {x for x in seen if x.__module__.startswith("exam.")}


def field_names() -> dict[str, bool]:
    """Every field of every form, and whether it takes a file."""
    found: dict[str, bool] = {}
    for one in form_classes():
        for name, field in vars(one).items():
            kind = getattr(field, "field_class", None)
            if kind is not None:
                found[name] = issubclass(kind, (FileField, MultipleFileField))
    return found


def marked() -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, is_file in field_names().items():
        if is_file:
            values[name] = (io.BytesIO(f"{WORDS},{MARKS['number']}".encode()), f"{WORDS}.csv")
        else:
            values[name] = MARKS.get(name, f"{WORDS}{name}")
    return values


def sign_in(app: Flask, house: House, role: Role) -> FlaskClient:
    school = house.school_id if role in SCHOOL_ROLES else None
    with transaction() as session:
        account = Account(
            id=new_id(),
            office_id=house.office_id,
            username=f"one-{role.value}",
            display_name="某",
            created_at=NOW,
            password_hash=hash_password(PASSWORD),
        )
        account.grants = [
            RoleGrant(role=role, office_id=house.office_id, since=NOW, school_id=school)
        ]
        session.add(account)
    client = app.test_client()
    client.post("/sign-in", data={"username": f"one-{role.value}", "password": PASSWORD})
    return client


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """Everything that structlog and the libraries write."""
    written = io.StringIO()
    before = structlog.get_config()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(written))
    handler = logging.StreamHandler(written)
    root = logging.getLogger()
    root.addHandler(handler)
    yield written
    root.removeHandler(handler)
    structlog.configure(**before)


def finds(text: str) -> list[str]:
    return [x for x in (WORDS, *MARKS.values()) if x in text]


def doors(app: Flask) -> Iterator[tuple[str, str, Role | None]]:
    """Method, address and somebody who may enter, of every door."""

    def sample(part: re.Match[str]) -> str:
        return str(new_id()) if "uuid" in part.group() else "1"

    guards = app.extensions["kaochang.guards"]
    for rule in app.url_map.iter_rules():
        guard = guards.get(rule.endpoint.partition(".")[0])
        if guard is None or rule.endpoint == "account.sign_out":
            continue
        role = None if guard.public else min(guard.roles or {Role.CANDIDATE})
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            yield method, re.sub(r"<[^>]+>", sample, rule.rule), role


def test_every_form_of_the_house_is_among_them() -> None:
    names = field_names()
    assert len(form_classes()) >= 12
    assert {"phone", "address", "last_four", "password", "note", "number"} <= set(names)


def test_no_door_tells_what_was_typed(app: Flask, logged: io.StringIO) -> None:
    house = make_house()
    accepted(house, 1)
    visitors: dict[Role | None, FlaskClient] = {None: app.test_client()}
    told = []
    for method, address, role in doors(app):
        if role not in visitors:
            assert role is not None
            visitors[role] = sign_in(app, house, role)
        g.pop("actor", None)
        g.pop("_login_user", None)
        data = marked() if method == "POST" else None
        with visitors[role].open(
            f"{address}?page={MARKS['phone']}", method=method, data=data
        ) as answer:
            told += [(method, address, x) for x in leaks(answer)]
    assert told == []
    assert '"event"' in logged.getvalue()
    assert finds(logged.getvalue()) == []
    events = db.session.scalars(sa.select(OutboxEvent.payload)).all()
    facts = db.session.scalars(sa.select(AuditRecord.facts)).all()
    assert finds(json.dumps([*events, *facts], ensure_ascii=False)) == []


def leaks(answer: TestResponse) -> list[str]:
    """What an error page repeats; the reader's own form, shown again, may."""
    if answer.status_code in (200, 303, 422):
        return []
    own_address = re.compile(r'(?:value|href)="[^"]*\?page=[^"]*"')
    return finds(own_address.sub("", answer.get_data(as_text=True)))


def test_an_unexpected_failure_is_told_without_what_it_quotes(
    app: Flask, logged: io.StringIO, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> str:
        try:
            int(f"{WORDS} {MARKS['number']}")
        except ValueError as error:
            statement = sa.text("SELECT CAST(:given AS date)")
            try:
                db.session.execute(statement, {"given": f"{WORDS} {MARKS['phone']}"})
            except sa.exc.DBAPIError as inner:
                raise RuntimeError(f"{WORDS} {MARKS['address']}") from inner
            raise RuntimeError from error
        return ""

    monkeypatch.setitem(app.view_functions, "home.landing", broken)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    answer = client.get("/")
    assert answer.status_code == 500
    assert finds(answer.get_data(as_text=True)) == []
    line = logged.getvalue()
    assert finds(line) == []
    assert "RuntimeError" in line
    assert "InvalidDatetimeFormat" in line or "22007" in line


@pytest.mark.parametrize(
    "text",
    [
        "33020319991231987X",
        "110101900307123",
        "139 8765 4321",
        "+86 13987654321",
        "E12345678",
        "a.b@example.org",
    ],
)
def test_numbers_of_people_are_hidden_wherever_they_stand(text: str) -> None:
    assert redaction.redacted(f"said {text}, and left") == f"said {redaction.HIDDEN}, and left"
    assert text not in str(redaction.safe("anything", f"a:{text}"))


@pytest.mark.parametrize(
    "text",
    [
        "0193fd3c-7e4b-7cc3-98c4-dc0c0c07398f",
        "2026-11-22T07:24:03.021734Z",
        "R20261122",
        "round.step_failed",
    ],
)
def test_ids_times_and_codes_stay_readable(text: str) -> None:
    assert redaction.safe("round_id", text) == text


def test_a_cameras_shape_can_be_read_and_words_beside_it_cannot() -> None:
    shape = str(Shape(width=1280, height=720, rate=25))
    assert redaction.safe("shape", shape) == shape
    assert redaction.safe("shape", f"{shape} {MARKS['phone']}") == f"{shape} {redaction.HIDDEN}"
    assert redaction.safe("size", shape) == redaction.HIDDEN


def test_lines_of_libraries_pass_the_same_filter(app: Flask) -> None:
    record = logging.LogRecord("gunicorn.error", 40, "", 1, "at %s", (MARKS["number"],), None)
    assert redaction.Redacting().filter(record)
    assert finds(record.getMessage()) == []
    assert any(
        isinstance(x, redaction.Redacting) for x in logging.getLogger("gunicorn.error").filters
    )
