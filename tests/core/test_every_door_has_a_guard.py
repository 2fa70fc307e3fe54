"""Every blueprint declares who may enter, and the declaration is what happens."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from exam.clock import FixedClock
from exam.db import db, new_id, transaction
from exam.people.guards import Guard
from exam.people.models import Account, Office, OfficeKind, RoleGrant, School
from exam.people.passwords import hash_password
from exam.people.roles import Role

WITHOUT_GUARD = {"assets", "preferences"}
"""Style, script and the reader's own settings: the page kit's, for everybody."""
PASSWORD = "of this test alone"
SCHOOL_ROLES = {Role.SCHOOL_CLERK, Role.SCHOOL_MANAGER}


def _guards(app: Flask) -> dict[str, Guard]:
    guards: dict[str, Guard] = app.extensions["kaochang.guards"]
    return guards


def _doors(app: Flask) -> list[tuple[str, str]]:
    """(blueprint, address) of every page that can be asked for with GET."""
    return [
        (rule.endpoint.split(".")[0], re.sub(r"<[^>]+>", _sample, rule.rule))
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or set()) and rule.endpoint != "static"
    ]


def _sample(part: re.Match[str]) -> str:
    return str(new_id()) if "uuid" in part.group() else "1"


@pytest.fixture
def office(app: Flask, clock: FixedClock) -> Office:
    with transaction() as session:
        office = Office(
            id=new_id(),
            code="o",
            kind=OfficeKind.OFFICE,
            name_zh="所",
            name_en="Office",
            help_phone="122",
        )
        session.add(office)
        session.flush()
        session.add(
            School(
                id=new_id(),
                office_id=office.id,
                code="s",
                name_zh="校",
                name_en="School",
                online=True,
                simulated=True,
            )
        )
    return office


def _sign_in(app: Flask, office: Office, role: Role, clock: FixedClock) -> FlaskClient:
    school = db.session.query(School).one() if role in SCHOOL_ROLES else None
    with transaction() as session:
        account = Account(
            id=new_id(),
            office_id=office.id,
            username=role.value,
            display_name=role.value,
            created_at=clock.now(),
            password_hash=hash_password(PASSWORD),
        )
        account.grants = [
            RoleGrant(
                role=role,
                office_id=office.id,
                since=clock.now(),
                school_id=school.id if school else None,
            )
        ]
        session.add(account)
    client = app.test_client()
    client.post("/sign-in", data={"username": role.value, "password": PASSWORD})
    return client


def test_no_blueprint_is_registered_without_a_guard(app: Flask) -> None:
    assert set(app.blueprints) - WITHOUT_GUARD == set(_guards(app))


def test_nobody_enters_a_guarded_door_without_a_sign_in(app: Flask) -> None:
    client = app.test_client()
    guards = _guards(app)
    open_by_mistake = []
    for blueprint, address in _doors(app):
        guard = guards.get(blueprint)
        if guard is None or guard.public:
            continue
        with client.get(address) as answer:
            if answer.status_code != 303 or "/sign-in" not in answer.headers["Location"]:
                open_by_mistake.append((address, answer.status_code))
    assert open_by_mistake == []


@pytest.mark.parametrize("role", list(Role), ids=str)
def test_a_role_enters_only_the_doors_that_name_it(
    app: Flask, office: Office, clock: FixedClock, role: Role
) -> None:
    client = _sign_in(app, office, role, clock)
    guards = _guards(app)
    wrong = []
    for blueprint, address in _doors(app):
        guard = guards.get(blueprint)
        if guard is None or guard.public or guard.roles is None:
            continue
        with client.get(address) as answer:
            refused = answer.status_code == 403
        if not refused and role not in guard.roles:
            wrong.append((address, answer.status_code))
    assert wrong == []
