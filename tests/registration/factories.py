"""An office with schools and people, and rows as a school would write them."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from random import Random
from typing import TYPE_CHECKING, Any

from PIL import Image
from stdnum.cn import ric

from exam.db import db, new_id, transaction
from exam.people.models import Account, Office, OfficeKind, RoleGrant, School
from exam.people.roles import Actor, Role
from exam.policy.pack import load
from exam.registration import review
from exam.registration.columns import Key
from exam.registration.confirmation import Confirmation, confirm_many
from exam.registration.rows import RawRow
from exam.registration.uploads import Delivery, register_rows

if TYPE_CHECKING:
    from uuid import UUID

    from exam.registration.models import Case, Upload

NOW = datetime(2026, 11, 20, 2, 30, 15, 123456, tzinfo=UTC)
TODAY = date(2026, 11, 20)
PACK = load(("cn",))
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳"


@dataclass(frozen=True)
class House:
    """Ids and actors of one office with two schools."""

    office_id: UUID
    school_id: UUID
    other_school_id: UUID
    clerk: Actor
    other_clerk: Actor
    reviewer: Actor


def make_house() -> House:
    with transaction() as session:
        office = Office(
            id=new_id(),
            code="3302",
            kind=OfficeKind.OFFICE,
            name_zh="东海市车辆管理所",
            name_en="Donghai vehicle management office",
            help_phone="12123",
        )
        schools = [
            School(
                id=new_id(),
                office_id=office.id,
                code=f"J{n}",
                name_zh=f"第{n}驾校",
                name_en=f"School {n}",
                online=True,
                simulated=True,
            )
            for n in (1, 2)
        ]
        session.add(office)
        session.flush()
        session.add_all(schools)
        session.flush()
        people = [
            staff(office.id, Role.SCHOOL_CLERK, "clerk1", schools[0].id),
            staff(office.id, Role.SCHOOL_CLERK, "clerk2", schools[1].id),
            staff(office.id, Role.REVIEWER, "reviewer1"),
        ]
        return House(office.id, schools[0].id, schools[1].id, *people)


def staff(office_id: UUID, role: Role, username: str, school_id: UUID | None = None) -> Actor:
    account = Account(
        id=new_id(), office_id=office_id, username=username, display_name=username, created_at=NOW
    )
    grant = RoleGrant(role=role, office_id=office_id, school_id=school_id, since=NOW)
    account.grants = [grant]
    db.session.add(account)
    db.session.flush()
    return Actor(account.id, role, office_id, school_id=school_id)


def card_number(born: date, order: int, place: str = "330203") -> str:
    body = f"{place}{born:%Y%m%d}{order:03d}0"
    return body[:-1] + ric.calc_check_digit(body)


@cache
def picture(size: tuple[int, int] = (240, 320)) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, "#aabbcc").save(buffer, "JPEG")
    return buffer.getvalue()


def row(number: int = 2, **changes: Any) -> RawRow:
    """A faultless row; the number makes the person another one."""
    random = Random(number)
    born = date(1998, 1, 1) + timedelta(days=number)
    male = bool(number % 2)
    cells: dict[str, Any] = {
        "name": random.choice(SURNAMES) + random.choice(GIVEN) + random.choice(GIVEN),
        "document_type": "居民身份证",
        "document_number": card_number(born, 100 + number % 2),
        "phone": f"138{number:08d}",
        "birth_date": born,
        "sex": "男" if male else "女",
        "address": "示例路 1 号",
        "licence_class": "C1",
        "pathway": "初次申领",
        "training_source": "驾校培训",
        "medical_number": f"TJ{number:06d}",
        "medical_date": date(2026, 10, 8),
        "photo": f"{number}.jpg",
    } | changes
    return RawRow(number, {Key(k): v for k, v in cells.items() if v is not None})


def delivery(rows: list[RawRow], sha256: str = "a" * 64, **changes: Any) -> Delivery:
    pictures = {f"{x.number}.jpg": picture() for x in rows}
    return Delivery(
        **{"file_name": "rows.xlsx", "sha256": sha256, "rows": rows, "pictures": pictures} | changes
    )


def registered(house: House, count: int = 1, *, first: int = 2, **changes: Any) -> Upload:
    rows = [row(n, **changes) for n in range(first, first + count)]
    given = delivery(rows, sha256=f"{first:064x}", photo_simulated=True)
    return register_rows(house.clerk, given, now=NOW, pack=PACK)


def accepted(house: House, count: int = 1, at: datetime = NOW, **changes: Any) -> list[Case]:
    from exam.registration.models import UploadRow

    upload = registered(house, count, **changes)
    query = db.select(UploadRow.case_id).where(UploadRow.upload_id == upload.id)
    keys = [x for x in db.session.scalars(query) if x]
    confirm_many([Confirmation(case_id=x, mandate=True) for x in keys], now=at)
    return review.accept_many(house.reviewer, keys, now=at, pack=PACK)


PASSWORD = "four words in a row"


def candidate(case: Case, username: str = "candidate") -> Actor:
    """The case's person with an account of her own."""
    from exam.people.models import Person
    from exam.people.services import activate, issue_activation

    with transaction():
        person = db.session.get_one(Person, case.person_id)
        code = issue_activation(person, pack=PACK, now=NOW)
        last = person.document_number[-4:]
    account = activate(code, last, username, PASSWORD, now=NOW)
    return Actor(account.id, Role.CANDIDATE, account.office_id, person_id=account.person_id)


def give_password(actor: Actor) -> str:
    """Lets an actor sign in; returns the name."""
    from exam.people.passwords import hash_password

    with transaction() as session:
        account = session.get_one(Account, actor.account_id)
        account.password_hash = hash_password(PASSWORD)
        return account.username


def cases_of(upload: Upload) -> list[Case]:
    from exam.registration.models import Case as CaseRow
    from exam.registration.models import UploadRow

    query = db.select(CaseRow).join(UploadRow, UploadRow.case_id == CaseRow.id)
    query = query.where(UploadRow.upload_id == upload.id).order_by(UploadRow.row_number)
    return list(db.session.scalars(query))
