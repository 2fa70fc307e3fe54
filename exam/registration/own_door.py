"""A person's own way in, without a school: checked as a school's row is, saved with a proven phone.

Until the code is right nothing stands in the database but the request for the code: what was typed
lies sealed in one file and is gone after ten minutes. The pages say the same to everybody, whoever
is known here; what an owner of the data has to know, she is told on her own page.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import current_app

from exam import clock
from exam.audit import services as audit
from exam.db import db, lock_row, new_id, transaction
from exam.errors import InvalidInput
from exam.notify import texts
from exam.notify.services import tell
from exam.people import one_time_codes, services
from exam.people.access_models import OneTimeCode
from exam.people.models import Office, OfficeKind, Person
from exam.policy.pack import Pack
from exam.registration import photos
from exam.registration.cells import Finding
from exam.registration.columns import Key
from exam.registration.events import PhoneCodeAsked
from exam.registration.models import Case
from exam.registration.review import today_at_office
from exam.registration.rows import Checked, PersonRow, RawRow, check_row
from exam.registration.saving import Entry, Origin, save
from exam.sealing import files
from exam.system import outbox

FOLDER = "incoming/own"


@dataclass(frozen=True)
class Draft:
    """What somebody typed, until the phone is proven."""

    office_id: UUID
    cells: Mapping[Key, str]
    picture: bytes


@dataclass(frozen=True)
class Times:
    """The machine's time, by which codes end, and the application's, by which rules count."""

    machine: datetime
    now: datetime


def offices() -> list[Office]:
    """Where one can hand in."""
    query = sa.select(Office).where(Office.kind == OfficeKind.OFFICE).order_by(Office.code)
    return list(db.session.scalars(query))


def begin(draft: Draft, times: Times, pack: Pack) -> UUID | tuple[Finding, ...]:
    """Check everything and ask for a code to the phone; or all that is wrong, at once."""
    checked = _checked(draft.cells, times.now, pack)
    picture = photos.picture_for("photo", {"photo": draft.picture})
    wrong = (*checked.findings, *([picture] if isinstance(picture, Finding) else ()))
    if wrong or not isinstance(picture, bytes):
        return wrong
    with transaction():
        code_id = one_time_codes.begin_for_phone(now=times.machine)
        _keep(code_id, Draft(draft.office_id, draft.cells, picture))
        outbox.publish(PhoneCodeAsked(code_id=code_id), now=times.now)
    return code_id


def send_code(event: PhoneCodeAsked, now: datetime) -> None:
    """Make the code and send it to the phone that was typed."""
    way, draft = texts.gateway(), _read(event.code_id)
    digits = one_time_codes.make_for_phone(event.code_id) if way and draft else None
    if way and draft and digits:
        way.send(None, draft.cells[Key.PHONE], "code.own_door", {"code": digits}, now=now)


def finish(code_id: UUID, digits: str, times: Times, pack: Pack) -> None:
    """Take the code and hand the application in; the same answer whoever is known.

    Race stopped: the same code given twice at once; its request's row is locked.

    Raises:
        InvalidInput: the code does not fit, or its time is over.
    """
    draft = _read(code_id)
    folder = _data()
    photo, wanted, kept = "", False, False
    try:
        with transaction():
            right = one_time_codes.take(lock_row(OneTimeCode, code_id), digits, now=times.machine)
            if right and draft is not None:
                photo = photos.store(new_id(), draft.picture, folder)
                wanted = _save(draft, photo, times.now, pack)
        kept = wanted
    finally:
        if photo and not kept:
            photos.drop(photo, folder)
    if not right or draft is None:
        raise InvalidInput(one_time_codes.WRONG, field="code")
    _path(code_id).unlink(missing_ok=True)


def _save(draft: Draft, photo: str, now: datetime, pack: Pack) -> bool:
    """Write person and case, or tell the person on file; whether the photo belongs to her now."""
    entry = Entry(_checked(draft.cells, now, pack), [], photo)
    if entry.person is None:  # the rules have changed within these ten minutes
        raise InvalidInput(one_time_codes.WRONG, field="code")
    simulated = bool(current_app.config["DEMO"])
    origin = Origin(office_id=draft.office_id, simulated=simulated)
    save([entry], origin, photo_simulated=False, now=now)
    row = entry.checked.person
    assert row is not None
    person = _person(row)
    if entry.case_id is None:
        tell("case.not_taken", now=now, person_id=person.id)
        audit.record("case.not_taken", person, now=now, account_id=None, for_person_id=person.id)
        return False
    services.open_by_phone(person, now=now)
    case = Case(id=entry.case_id)
    facts: dict[str, Any] = {"now": now, "account_id": None, "for_person_id": person.id}
    audit.record("case.handed_in", case, **facts, consent=["data", "face"])
    news: dict[str, Any] = {"class": row.licence_class.value}
    tell("case.handed_in", now=now, person_id=person.id, **news)
    return entry.photo_kept


def _person(row: PersonRow) -> Person:
    query = sa.select(Person).where(
        Person.document_type == row.document_type,
        Person.document_number.matches(row.document_number),
    )
    return db.session.scalars(query).one()


def forget_old(now: datetime) -> dict[str, Any]:
    """Erase what was typed and not proven in time; by the machine's clock, as codes run."""
    del now
    real, ends = clock.real_now(), _ends()
    old = [key for key, end in ends.items() if end <= real]
    for key in old:
        _path(key).unlink(missing_ok=True)
    return {"forgotten": len(old)}


def _ends() -> dict[UUID, datetime]:
    """Until when each draft is kept; one whose request was never saved, by the age of its file."""
    paths = {UUID(x.name): x for x in (_data() / FOLDER).glob("[!.]*")}
    query = sa.select(OneTimeCode.id, OneTimeCode.expires_at)
    rows = db.session.execute(query.where(OneTimeCode.id.in_(paths)))
    known = {row.id: row.expires_at for row in rows}
    db.session.rollback()
    aged = {key: datetime.fromtimestamp(x.stat().st_mtime, UTC) for key, x in paths.items()}
    return {key: known.get(key, made + one_time_codes.VALID) for key, made in aged.items()}


def _checked(cells: Mapping[Key, str], now: datetime, pack: Pack) -> Checked:
    return check_row(RawRow(1, cells), pack, today=today_at_office(now))


def _keep(code_id: UUID, draft: Draft) -> None:
    told = {
        "office": str(draft.office_id),
        "cells": draft.cells,
        "picture": base64.b64encode(draft.picture).decode(),
    }
    files.write(f"{FOLDER}/{code_id}", json.dumps(told).encode(), _data())


def _read(code_id: UUID) -> Draft | None:
    try:
        told = json.loads(files.read(f"{FOLDER}/{code_id}", _data()))
    except FileNotFoundError:
        return None
    cells = {Key(key): value for key, value in told["cells"].items()}
    return Draft(UUID(told["office"]), cells, base64.b64decode(told["picture"]))


def _data() -> Path:
    return Path(current_app.config["KAOCHANG"].data_folder)


def _path(code_id: UUID) -> Path:
    return _data() / FOLDER / str(code_id)
