"""The person's own step: see the data, correct what is hers, confirm, give the mandate."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa
from flask import current_app
from flask_babel import lazy_gettext as _

from exam.audit import services as audit
from exam.db import db, lock_row, new_id, transaction
from exam.errors import InvalidInput
from exam.people.mandates import give_mandates
from exam.people.models import NeedKind, Person, SupportNeed
from exam.people.roles import Actor, Role
from exam.registration import photos
from exam.registration.cases import locked_cases, own_case
from exam.registration.events import CaseEnded
from exam.registration.models import CASE_MOVES, Case, CaseState
from exam.states import move
from exam.system import outbox
from exam.vision.services import ask_photo


@dataclass(frozen=True, kw_only=True)
class Confirmation:
    """What a person says when she confirms a case.

    ``None`` leaves phone, address and needs as they are; an empty mapping takes all needs away.
    """

    case_id: UUID
    mandate: bool
    phone: str | None = None
    address: str | None = None
    needs: dict[NeedKind, date | None] | None = None
    photo: str | None = None
    """Path of a picture that has been stored."""


def confirm(actor: Actor, said: Confirmation, *, photo: bytes | None = None, now: datetime) -> Case:
    """The signed-in person confirms one of her cases, with a photo where she gives one.

    Raises:
        InvalidInput: the photo cannot be used, or may not be changed any more.
        NotFound: it is not hers.
        WrongState: it has been accepted or has ended.
    """
    case = own_case(actor, said.case_id)
    if not photo:
        return confirm_many([said], now=now, account_id=actor.account_id)[0]
    if not may_change_photo(case.person_id):
        raise InvalidInput(
            _("The photo of an accepted case is changed at the counter."), field="photo"
        )
    picture = photos.picture_for("photo", {"photo": photo})
    if not isinstance(picture, bytes):
        raise InvalidInput(
            _("This photo cannot be used. Use a JPEG or PNG of at most 5 MB that shows your face."),
            field="photo",
        )
    folder = Path(current_app.config["KAOCHANG"].data_folder)
    path = photos.store(new_id(), picture, folder)
    try:
        return confirm_many([replace(said, photo=path)], now=now, account_id=actor.account_id)[0]
    except BaseException:
        photos.drop(path, folder)
        raise


def may_change_photo(person_id: UUID) -> bool:
    """Only before anything was accepted: later the photo is what a face is compared with."""
    query = sa.select(Case.id).where(Case.person_id == person_id, Case.accepted_at.is_not(None))
    return db.session.scalar(query.limit(1)) is None


def confirm_many(
    said: Sequence[Confirmation], *, now: datetime, account_id: UUID | None = None
) -> list[Case]:
    """Confirm cases, each in its person's name.

    Race stopped: a person confirming while a reviewer or her school changes the case; the case
    rows are locked.

    Args:
        said: one entry a case.
        now: the injected time.
        account_id: who did it, where a person has signed in.
    """
    by_case = {x.case_id: x for x in said}
    with transaction():
        cases = locked_cases(by_case.keys())
        people = _people([x.person_id for x in cases])
        for case in cases:
            case.state = move(case.state, CaseState.CONFIRMED, CASE_MOVES)
            case.confirmed_at, case.returned_reasons = now, []
            _correct(people[case.person_id], by_case[case.id], now)
            audit.record(
                "case.confirmed",
                case,
                now=now,
                account_id=account_id,
                role=Role.CANDIDATE if account_id else None,
                for_person_id=case.person_id,
            )
        _mandates(cases, by_case, now, account_id)
    return cases


def withdraw(actor: Actor, case_id: UUID, *, now: datetime) -> None:
    """The person takes her case back before or after acceptance; it cannot be taken up again.

    Race stopped: a withdrawal while a reviewer accepts; the case row is locked.
    """
    own_case(actor, case_id)
    with transaction():
        case = lock_row(Case, case_id)
        case.state = move(case.state, CaseState.WITHDRAWN, CASE_MOVES)
        audit.record(
            "case.withdrawn",
            case,
            now=now,
            role=actor.role,
            account_id=actor.account_id,
            for_person_id=case.person_id,
        )
        outbox.publish(CaseEnded(case_id=case.id, rule="person.withdrew"), now=now)


def needs_of(person_id: UUID) -> dict[NeedKind, date | None]:
    """What a person asked for, for her own eyes."""
    query = sa.select(SupportNeed).where(SupportNeed.person_id == person_id)
    return {x.kind: x.until for x in db.session.scalars(query)}


def _people(keys: Collection[UUID]) -> dict[UUID, Person]:
    return {x.id: x for x in db.session.scalars(sa.select(Person).where(Person.id.in_(keys)))}


def _correct(person: Person, said: Confirmation, now: datetime) -> None:
    person.forgotten_at = None
    person.phone = said.phone or person.phone
    person.address = said.address or person.address
    if said.photo:
        person.photo, person.photo_simulated = said.photo, False
        ask_photo(said.photo, now=now)
    if said.needs is not None:
        set_needs(person.id, said.needs, now=now)


def set_needs(person_id: UUID, needs: dict[NeedKind, date | None], *, now: datetime) -> None:
    """Replace what a person asked for, in the caller's transaction; what is taken away is gone."""
    query = sa.select(SupportNeed).where(SupportNeed.person_id == person_id)
    held = {x.kind: x for x in db.session.scalars(query)}
    for kind in held.keys() - needs.keys():
        db.session.delete(held[kind])
    for kind, until in needs.items():
        if kind in held:
            held[kind].until = until
        else:
            db.session.add(
                SupportNeed(
                    id=new_id(), person_id=person_id, kind=kind, until=until, declared_at=now
                )
            )


def _mandates(
    cases: Sequence[Case], said: dict[UUID, Confirmation], now: datetime, account_id: UUID | None
) -> None:
    give_mandates(
        [(x.person_id, x.school_id) for x in cases if x.school_id and said[x.id].mandate],
        now=now,
        account_id=account_id,
    )
