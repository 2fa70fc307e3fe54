"""What the tests of every feature need first: an office, sites, staff, persons with accounts.

Rows are added to the session and flushed, in the caller's transaction.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from exam.db import db, new_id
from exam.people.models import (
    Account,
    Office,
    OfficeKind,
    Person,
    Provenance,
    RoleGrant,
    Site,
)
from exam.people.roles import Actor, Role
from exam.registration.models import Case, Permit

if TYPE_CHECKING:
    from uuid import UUID

ZONE = "Asia/Shanghai"
LONG_AGO = timedelta(days=900)


def _put(row: Any) -> Any:
    db.session.add(row)
    db.session.flush()
    return row


def make_office(**changes: Any) -> Office:
    """An office that nobody above it needs."""
    wanted = {
        "code": "T1",
        "kind": OfficeKind.OFFICE,
        "name_zh": "测试车管所",
        "name_en": "Test office",
        "help_phone": "12123",
    }
    return _put(Office(id=new_id(), **(wanted | changes)))  # type: ignore[no-any-return]  # the row


def make_site(office_id: UUID, code: str, **changes: Any) -> Site:
    """A site in China's civil time."""
    wanted = {
        "code": code,
        "name_zh": {"north": "城北考场", "south": "城南考场"}.get(code, code),
        "name_en": f"{code.title()} site",
        "address_zh": "测试路1号",
        "address_en": "1 Test Road",
        "time_zone": ZONE,
        "island": False,
        "simulated": True,
    }
    return _put(Site(id=new_id(), office_id=office_id, **(wanted | changes)))  # type: ignore[no-any-return]  # the row


def make_account(
    office_id: UUID,
    role: Role,
    username: str,
    *,
    at: datetime,
    name: str = "",
    site_id: UUID | None = None,
    person: Person | None = None,
) -> Actor:
    """A sign-in with one role, as the person who acts."""
    account = Account(
        id=new_id(),
        office_id=office_id,
        username=username,
        display_name=name or username,
        person_id=person.id if person else None,
        created_at=at,
    )
    grant = RoleGrant(role=role, office_id=office_id, site_id=site_id, since=at - LONG_AGO)
    account.grants = [grant]
    _put(account)
    return Actor(account.id, role, office_id, site_id, person_id=person.id if person else None)


def make_person(office_id: UUID, number: int, *, at: datetime, **changes: Any) -> Person:
    """Somebody with an identity card of her own number."""
    wanted = {
        "name": f"测试{number}",
        "document_type": "identity_card",
        "document_number": f"11010119980505{number:04}",
        "birth_date": date(1998, 5, 5),
        "sex": "female",
        "phone": "13800000000",
        "address": "测试",
        "provenance": Provenance.SELF,
        "created_at": at,
    }
    return _put(Person(id=new_id(), office_id=office_id, **(wanted | changes)))  # type: ignore[no-any-return]  # the row


def make_case(person: Person, serial_number: str, *, at: datetime, **changes: Any) -> Case:
    """An accepted case of a first licence C1."""
    wanted = {
        "licence_class": "C1",
        "pathway": "first",
        "training_source": "self",
        "state": "accepted",
        "created_at": at,
        "accepted_at": at,
    }
    found = Case(
        id=new_id(),
        office_id=person.office_id,
        person_id=person.id,
        serial_number=serial_number,
        **(wanted | changes),
    )
    return _put(found)  # type: ignore[no-any-return]  # the row


def make_permit(case: Case, number: str, issued: date, until: date, *, basis: str) -> Permit:
    """The learner permit of a case."""
    found = Permit(
        id=new_id(),
        case_id=case.id,
        number=number,
        issued_on=issued,
        valid_until=until,
        basis=basis,
    )
    return _put(found)  # type: ignore[no-any-return]  # the row
