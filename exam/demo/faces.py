"""The four persons whom the clips show: the only ones whose photos a machine may compare."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from exam.booking.models import Round
from exam.booking.rules import Wish
from exam.booking.services import offering
from exam.clock import civil_date
from exam.db import db, transaction
from exam.demo.buildings import City
from exam.demo.names import identity_number
from exam.demo.places import TIME_ZONE
from exam.demo.staff import PASSWORD
from exam.people.models import Person
from exam.people.services import activate, issue_activation
from exam.policy.pack import Pack
from exam.policy.subjects import Subject
from exam.registration import confirmation, review, uploads
from exam.registration.columns import Key
from exam.registration.confirmation import Confirmation
from exam.registration.models import Case, UploadRow
from exam.registration.rows import RawRow
from exam.registration.uploads import Delivery

SCHOOL = "X01"
SITE = "W1"
NAMES = {"a": "林一帆", "b": "周亦宁", "c": "吴书航", "d": "沈嘉木"}


@dataclass(frozen=True)
class Face:
    """A registered person with a real face: her case, sign-in name and picture."""

    letter: str
    case_id: UUID
    username: str
    document_number: str


def register(city: City, pictures: dict[str, bytes], *, now: datetime, pack: Pack) -> list[Face]:
    """Register, activate, confirm and accept the persons of ``pictures`` (letter -> PNG)."""
    rows = [_row(n, letter, now) for n, letter in enumerate(pictures)]
    upload = uploads.register_rows(
        city.actor("clerk", school=SCHOOL),
        Delivery(
            file_name="clips.xlsx",
            sha256=hashlib.sha256(b"the persons of the clips").hexdigest(),
            rows=rows,
            pictures={f"{x}.png": picture for x, picture in pictures.items()},
        ),
        now=now,
        pack=pack,
    )
    cases = _cases(upload.id)
    faces = [_activate(x, case, now, pack) for x, case in zip(pictures, cases, strict=True)]
    confirmation.confirm_many(
        [Confirmation(case_id=x.case_id, mandate=True) for x in faces], now=now
    )
    reviewer = city.actor("reviewer")
    review.accept_many(reviewer, [x.case_id for x in faces], now=now, pack=pack)
    return faces


def open_sign_in(case_id: UUID, username: str, *, now: datetime, pack: Pack) -> None:
    """Activate the person of a case under a name of the demo's choice."""
    with transaction() as session:
        case = session.get_one(Case, case_id)
        person = session.get_one(Person, case.person_id)
        code, last_four = issue_activation(person, pack=pack, now=now), person.document_number[-4:]
    activate(code, last_four, username, PASSWORD, now=now)


def wishes(found: Round, people: list[Face], day: date) -> list[Wish]:
    """Each asks for the first sessions of the day in the theory hall."""
    sessions = [
        s
        for s in offering.sessions_of(found, subject=Subject.S1)
        if s.date == day and s.site.code == SITE
    ]
    return [
        Wish(case_id=x.case_id, subject=Subject.S1, choices=tuple(s.id for s in sessions[:4]))
        for x in people
    ]


def _row(place: int, letter: str, now: datetime) -> RawRow:
    today = civil_date(now, TIME_ZONE)
    birth = today.replace(year=today.year - 24 - place, month=3, day=12 + place)
    return RawRow(
        place + 2,
        {
            Key.NAME: NAMES[letter],
            Key.DOCUMENT_TYPE: "identity_card",
            Key.DOCUMENT_NUMBER: identity_number(birth, 981 + 3 * place),
            Key.PHONE: f"1999000000{place}",
            Key.BIRTH_DATE: birth.isoformat(),
            Key.SEX: "female" if place % 2 else "male",
            Key.ADDRESS: "望海市灯塔路2号",
            Key.LICENCE_CLASS: "C2" if place % 2 else "C1",
            Key.PATHWAY: "first",
            Key.TRAINING_SOURCE: "school",
            Key.MEDICAL_NUMBER: f"YJF{place:07d}",
            Key.MEDICAL_DATE: (today - timedelta(days=10)).isoformat(),
            Key.SUPPORT: "",
            Key.PHOTO: f"{letter}.png",
        },
    )


def _cases(upload_id: UUID) -> list[Case]:
    rows = (
        sa.select(Case)
        .join(UploadRow, UploadRow.case_id == Case.id)
        .where(UploadRow.upload_id == upload_id)
        .order_by(UploadRow.row_number)
    )
    return list(db.session.scalars(rows))


def _activate(letter: str, case: Case, now: datetime, pack: Pack) -> Face:
    username = f"face-{letter}"
    case_id, person_id = case.id, case.person_id
    open_sign_in(case_id, username, now=now, pack=pack)
    document = db.session.get_one(Person, person_id).document_number
    return Face(letter, case_id, username, document)
