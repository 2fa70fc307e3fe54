"""Taking a school's rows: each is saved whole (person, case, photo) or refused with reasons.

Checks and pictures come first, outside the transaction; what is left is a handful of bulk inserts.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import current_app

from exam.audit import services as audit
from exam.clock import civil_date
from exam.db import advisory_lock, db, new_id, transaction
from exam.errors import NotFound
from exam.people.models import School
from exam.people.roles import Actor
from exam.policy.pack import Pack
from exam.registration import photos
from exam.registration.cells import Finding, text_of
from exam.registration.columns import Key
from exam.registration.models import Case, Upload, UploadRow
from exam.registration.rows import RawRow, check_row
from exam.registration.saving import Document, Entry, Origin, save
from exam.web.filters import masked

MASKED = (Key.DOCUMENT_NUMBER, Key.PHONE, Key.MEDICAL_NUMBER)
WITHHELD = (Key.ADDRESS, Key.SUPPORT, Key.MEDICAL_DATE)


def _none_yet(_name: str) -> None:
    """No picture has been looked at."""


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """What a school handed in."""

    file_name: str
    sha256: str
    rows: Sequence[RawRow]
    pictures: Mapping[str, bytes]
    photo_simulated: bool = False
    """The pictures are drawn: never compared by machine."""
    plain: Callable[[str], bytes | Finding | None] = _none_yet
    """Pictures that have been looked at already, by the name that a row gives."""
    key: UUID = field(default_factory=new_id)
    """The id that the upload will have."""


def register_rows(actor: Actor, delivery: Delivery, *, now: datetime, pack: Pack) -> Upload:
    """Take or refuse each row of a delivery; the same delivery again changes nothing.

    Race stopped: the same file sent twice at once; a school's uploads queue on its name. Two
    schools naming one person at once meet in the unique keys of `person` and `case`: the later one
    waits for the earlier and is told that the person is already registered.

    Raises:
        NotFound: the actor works for no school.
        OSError: a picture could not be kept; nothing of the delivery is.
    """
    school = school_of(actor)
    folder = Path(current_app.config["KAOCHANG"].data_folder)
    entries: list[Entry] = []
    kept: set[str] = set()
    try:
        entries += _checked(delivery, pack, now)
        _store_pictures(entries, delivery, folder)
        with transaction():
            advisory_lock("upload", str(school.id))
            upload = earlier(school, delivery)
            if upload is None:
                drawn = delivery.photo_simulated
                save(entries, Origin.of(school), photo_simulated=drawn, now=now)
                upload = _record(entries, actor, school, delivery, now)
                kept = {x.photo for x in entries if x.photo and x.photo_kept}
    finally:
        for entry in entries:
            if entry.photo and entry.photo not in kept:
                photos.drop(entry.photo, folder)
    return upload


def school_of(actor: Actor) -> School:
    """The school that somebody works for.

    Raises:
        NotFound: none, or not here.
    """
    school = db.session.get(School, actor.school_id) if actor.school_id else None
    if school is None or not actor.covers(office_id=school.office_id, school_id=school.id):
        raise NotFound
    return school


def earlier(school: School, delivery: Delivery) -> Upload | None:
    """What became of the same file when it came before."""
    query = sa.select(Upload).where(Upload.school_id == school.id, Upload.sha256 == delivery.sha256)
    return db.session.scalar(query)


def _checked(delivery: Delivery, pack: Pack, now: datetime) -> list[Entry]:
    today = civil_date(now, current_app.config["SITE_TIME_ZONE"])
    checked = [check_row(x, pack, today=today) for x in delivery.rows]
    entries = [Entry(x, list(x.findings)) for x in checked]
    _mark_twins(entries)
    return entries


def _store_pictures(entries: Iterable[Entry], delivery: Delivery, folder: Path) -> None:
    for entry in entries:
        picture = _picture(entry, delivery)
        if isinstance(picture, Finding):
            entry.findings.append(picture)
        elif picture and entry.person:
            entry.photo = photos.store(new_id(), picture, folder)


def _picture(entry: Entry, delivery: Delivery) -> bytes | Finding | None:
    name = text_of(entry.checked.raw.cells.get(Key.PHOTO)) or None
    if entry.findings and (name is None or name in delivery.pictures):
        return None  # the row is refused anyway, and decoding is dear
    looked_at = delivery.plain(name) if name else None
    return looked_at or photos.picture_for(name, delivery.pictures)


def _mark_twins(entries: Iterable[Entry]) -> None:
    """A person and class stand once in a file: the first row counts, the others name it."""
    first: dict[tuple[Document, str], int] = {}
    for entry in entries:
        person = entry.person
        if person is None:
            continue
        key = (person.document, person.licence_class)
        row = first.setdefault(key, entry.checked.raw.number)
        if row != entry.checked.raw.number:
            entry.findings.append(Finding(Key.DOCUMENT_NUMBER, "row.twice", {"row": row}))


def _record(
    entries: Sequence[Entry], actor: Actor, school: School, delivery: Delivery, now: datetime
) -> Upload:
    taken = [x for x in entries if x.case_id]
    upload = Upload(
        id=delivery.key,
        school_id=school.id,
        account_id=actor.account_id,
        file_name=delivery.file_name,
        sha256=delivery.sha256,
        received_at=now,
        taken=len(taken),
        refused=len(entries) - len(taken),
    )
    db.session.add(upload)
    db.session.add_all(_upload_row(x, upload.id) for x in entries)
    _audit(upload, taken, actor, now)
    return upload


def _audit(upload: Upload, taken: Iterable[Entry], actor: Actor, now: datetime) -> None:
    by: dict[str, Any] = {"now": now, "account_id": actor.account_id, "role": actor.role}
    audit.record("upload.received", upload, **by, taken=upload.taken, refused=upload.refused)
    for entry in taken:
        case = Case(id=entry.case_id)
        row = entry.checked.raw.number
        audit.record("case.preregistered", case, **by, for_person_id=entry.person_id, row=row)


def _upload_row(entry: Entry, upload_id: UUID) -> UploadRow:
    return UploadRow(
        id=new_id(),
        upload_id=upload_id,
        row_number=entry.checked.raw.number,
        given=masked_cells(entry.checked.raw.cells),
        findings=[x.as_json() for x in entry.findings],
        case_id=entry.case_id,
    )


def masked_cells(cells: Mapping[Key, Any]) -> dict[str, str]:
    """What is kept of a row as it came: no whole number, no address, nothing about health."""
    shown = {}
    for key, cell in cells.items():
        text = text_of(cell)
        if not text or key in WITHHELD:
            continue
        shown[str(key)] = masked(text) if key in MASKED else text[:120]
    return shown
