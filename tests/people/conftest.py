from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from exam.db import db, new_id, transaction
from exam.people.models import Account, DocumentType, Office, OfficeKind, Person, RoleGrant, Sex
from exam.people.models import Provenance as From
from exam.people.passwords import hash_password
from exam.people.roles import Actor, Role
from tests.application import MONDAY, Browser

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date
    from uuid import UUID

    from flask import Flask
    from flask.testing import FlaskClient

PASSWORD = "four words in a row"


@pytest.fixture(scope="session")
def password_hash() -> str:
    """Made once: hashing is slow on purpose."""
    return hash_password(PASSWORD)


@pytest.fixture
def office(app: Flask) -> Office:
    return make_office("o")


def make_office(code: str) -> Office:
    with transaction() as session:
        made = Office(
            id=new_id(),
            code=code,
            kind=OfficeKind.OFFICE,
            name_zh="车管所",
            name_en="Office",
            help_phone="12123",
        )
        session.add(made)
    return made


@dataclass
class Made:
    """An account, by its id and name: rows go stale between requests."""

    id: UUID
    username: str

    def row(self) -> Account:
        db.session.expire_all()
        return db.session.get_one(Account, self.id)

    def actor(self) -> Actor:
        account = self.row()
        return Actor(account.id, account.grants[0].role, account.office_id)


@pytest.fixture
def account(office: Office, password_hash: str) -> Callable[..., Made]:
    """Open an account with some roles."""

    def made(*roles: Role, name: str = "", person: Person | None = None) -> Made:
        with transaction() as session:
            row = Account(
                id=new_id(),
                office_id=office.id,
                username=name or roles[0].value,
                display_name=name or roles[0].value,
                created_at=MONDAY,
                password_hash=password_hash,
                person_id=person.id if person else None,
            )
            row.grants = [RoleGrant(role=x, office_id=office.id, since=MONDAY) for x in roles]
            session.add(row)
        return Made(row.id, row.username)

    return made


def make_person(office: Office, number: str, born: date) -> Person:
    with transaction() as session:
        person = Person(
            id=new_id(),
            office_id=office.id,
            name="王小明",
            document_type=DocumentType.IDENTITY_CARD,
            document_number=number,
            birth_date=born,
            sex=Sex.MALE,
            phone="13800001234",
            address="路",
            provenance=From.SCHOOL,
            created_at=MONDAY,
        )
        session.add(person)
    return person


@pytest.fixture
def browser(app: Flask) -> Callable[..., FlaskClient]:
    """Another browser, perhaps at another address."""

    def opened(address: str = "127.0.0.1") -> FlaskClient:
        made = Browser(app, app.response_class, use_cookies=True)
        made.environ_base = {"REMOTE_ADDR": address, "HTTP_USER_AGENT": "Mozilla Firefox/130"}
        return made

    return opened


def sign_in(browser: FlaskClient, made: Made, password: str = PASSWORD) -> str:
    """Post the form; where it leads, or the page."""
    answer = browser.post("/sign-in", data={"username": made.username, "password": password})
    return answer.headers.get("Location", str(answer.status_code))
