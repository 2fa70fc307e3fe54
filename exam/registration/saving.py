"""Writing the sound rows of an upload: persons, cases, needs and photos in a few bulk inserts.

The unique keys of `person` and `case` decide between two schools that name one person at once: the
later insert waits for the earlier and then finds the person registered.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from exam.db import db, new_id
from exam.notify.services import Message, tell_all
from exam.people.models import Person, Provenance, School, SupportNeed
from exam.registration.cells import Finding
from exam.registration.columns import Key
from exam.registration.models import Case, CaseState
from exam.registration.rows import Checked, PersonRow
from exam.sealing.attributes import sealed_values
from exam.vision.services import ask_photo

Document = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Whose hand a row comes from: a school's, or the person's own."""

    office_id: UUID
    school_id: UUID | None = None
    simulated: bool

    @classmethod
    def of(cls, school: School) -> "Origin":
        """A school's."""
        return cls(office_id=school.office_id, school_id=school.id, simulated=school.simulated)

    @property
    def own(self) -> bool:
        """Whether the person has handed it in herself, and confirmed it by that."""
        return self.school_id is None


@dataclass
class Entry:
    """A row on its way into the database."""

    checked: Checked
    findings: list[Finding]
    photo: str | None = None
    photo_kept: bool = False
    person_id: UUID | None = None
    case_id: UUID | None = None

    @property
    def person(self) -> PersonRow | None:
        return None if self.findings else self.checked.person


def save(entries: Sequence[Entry], origin: Origin, *, photo_simulated: bool, now: datetime) -> None:
    """Insert what is sound, in the caller's transaction; sets ids, or adds the finding why not."""
    fresh = _save_persons(
        [x for x in entries if x.person], origin, now, photo_simulated=photo_simulated
    )
    _save_cases([x for x in entries if x.person], origin, now)
    saved = [x for x in entries if x.case_id]
    first = [x for x in saved if x.person_id in fresh]
    _save_needs(first, now)
    _keep_photos(first, now)
    if not origin.own:
        _tell_known([x for x in saved if x.person_id not in fresh], now)


def _save_persons(
    entries: Sequence[Entry], origin: Origin, now: datetime, *, photo_simulated: bool
) -> set[UUID]:
    """Insert who is new, find who is known; returns the new ones."""
    rows: dict[Document, dict[str, Any]] = {}
    for entry in entries:
        person = entry.checked.person
        if person and person.document not in rows:
            photo = {"photo": entry.photo, "photo_simulated": bool(entry.photo) and photo_simulated}
            rows[person.document] = _person_values(person, origin, now) | photo
    fresh: set[UUID] = set()
    if rows:
        query = insert(Person).on_conflict_do_nothing(
            index_elements=["document_type", "document_number_key"]
        )
        values = sorted(
            (sealed_values(Person, x) for x in rows.values()),
            key=lambda x: (x["document_type"], x["document_number_key"]),
        )
        fresh = set(db.session.scalars(query.returning(Person.id), values))
    known = _known_persons(rows.keys())
    for entry in entries:
        _attach(entry, known, origin)
    return fresh


def _person_values(person: PersonRow, origin: Origin, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "office_id": origin.office_id,
        "name": person.name,
        "document_type": person.document_type,
        "document_number": person.document_number,
        "birth_date": person.birth_date,
        "sex": person.sex,
        "phone": person.phone,
        "address": person.address,
        "provenance": Provenance.SELF if origin.own else Provenance.SCHOOL,
        "simulated": origin.simulated,
        "created_at": now,
    }


def _known_persons(documents: Collection[Document]) -> dict[Document, Person]:
    keys = {Person.document_number.key_of(number): number for _kind, number in documents}
    query = sa.select(Person).where(Person.document_number_key.in_(keys))
    return {(x.document_type, keys[x.document_number_key]): x for x in db.session.scalars(query)}


def _attach(entry: Entry, known: Mapping[Document, Person], origin: Origin) -> None:
    """A known person is reused as she stands; other details are hers to correct, at the counter.

    Who comes by herself has proven a phone: that on file, or she may be somebody else.
    """
    row = entry.checked.person
    person = known[row.document] if row else None
    if row is None or person is None:
        return
    same = (person.name, person.birth_date, person.sex) == (row.name, row.birth_date, row.sex)
    if same and (not origin.own or person.phone == row.phone):
        entry.person_id = person.id
    else:
        entry.findings.append(Finding(Key.DOCUMENT_NUMBER, "person.differs"))


def _save_cases(entries: Sequence[Entry], origin: Origin, now: datetime) -> None:
    wanted: dict[UUID, Entry] = {new_id(): x for x in entries if x.person_id}
    values = [_case_values(key, x, origin, now) for key, x in wanted.items()]
    query = insert(Case).on_conflict_do_nothing().returning(Case.id)
    taken = set(db.session.scalars(query, values)) if values else set()
    for key, entry in wanted.items():
        if key in taken:
            entry.case_id = key
        else:
            entry.findings.append(Finding(Key.DOCUMENT_NUMBER, "case.exists"))


def _case_values(key: UUID, entry: Entry, origin: Origin, now: datetime) -> dict[str, Any]:
    row = entry.checked.person
    assert row is not None
    return sealed_values(
        Case,
        {
            "id": key,
            "office_id": origin.office_id,
            "person_id": entry.person_id,
            "school_id": origin.school_id,
            "licence_class": row.licence_class,
            "pathway": row.pathway,
            "training_source": row.training_source,
            "medical_number": row.medical_number,
            "medical_date": row.medical_date,
            "state": CaseState.CONFIRMED if origin.own else CaseState.PREREGISTERED,
            "confirmed_at": now if origin.own else None,
            "created_at": now,
            "returned_reasons": [],
            "simulated": origin.simulated,
        },
    )


def _save_needs(entries: Iterable[Entry], now: datetime) -> None:
    wanted = {
        (entry.person_id, kind)
        for entry in entries
        for kind in (entry.checked.person.support if entry.checked.person else ())
    }
    values = [
        sealed_values(
            SupportNeed,
            {"id": new_id(), "person_id": person, "kind": kind, "declared_at": now},
        )
        for person, kind in wanted
    ]
    if values:
        db.session.execute(insert(SupportNeed).on_conflict_do_nothing(), values)


def _keep_photos(entries: Sequence[Entry], now: datetime) -> None:
    """Only a person who is new gets her photo here; one that she has confirmed stays."""
    query = sa.select(Person.id, Person.photo, Person.photo_simulated)
    rows = db.session.execute(query.where(Person.id.in_({x.person_id for x in entries})))
    stored = {key: (photo, simulated) for key, photo, simulated in rows}
    for entry in entries:
        photo, simulated = stored[entry.person_id] if entry.person_id else (None, False)
        entry.photo_kept = photo is not None and entry.photo == photo
        if photo is not None and entry.photo_kept and not simulated:
            ask_photo(photo, now=now)


def _tell_known(entries: Sequence[Entry], now: datetime) -> None:
    """Who was known before learns that a school has registered something for her."""
    tell_all(
        (Message("case.preregistered", x.person_id, None, f"case:{x.case_id}") for x in entries),
        now=now,
    )
