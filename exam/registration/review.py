"""The reviewer's step: accept a case, to the second, or return it with all that is missing."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import current_app
from flask_babel import lazy_gettext as _
from sqlalchemy import orm

from exam.audit import services as audit
from exam.clock import civil_date
from exam.db import advisory_lock, db, transaction
from exam.errors import InvalidInput, NotFound, RuleRefused
from exam.notify.services import Message, tell_all
from exam.people.models import Office, Person
from exam.people.roles import Actor
from exam.policy.eligibility import age_on
from exam.policy.pack import Pack
from exam.registration.cases import locked_cases
from exam.registration.events import CaseAccepted
from exam.registration.models import CASE_MOVES, Case, CaseState
from exam.registration.paging import Paged, paged
from exam.registration.permits import issue_on_acceptance
from exam.registration.rows import medical_valid
from exam.states import move
from exam.system import outbox
from exam.vision.models import VisionQuestion

DIGITS = 5
"""Serial numbers of one office and day."""


class ReturnReason(StrEnum):
    """Why a case goes back; texts are in `findings`."""

    PHOTO_MISSING = "photo_missing"
    PHOTO_UNUSABLE = "photo_unusable"
    MEDICAL_MISSING = "medical_missing"
    MEDICAL_OLD = "medical_old"
    TOO_YOUNG = "too_young"
    TOO_OLD = "too_old"
    NAME_DIFFERS = "name_differs"
    DOCUMENT_UNCLEAR = "document_unclear"
    ADDRESS_UNCLEAR = "address_unclear"
    TRAINING_PROOF = "training_proof"
    OTHER = "other"


AUTOMATIC = frozenset(
    {
        ReturnReason.PHOTO_MISSING,
        ReturnReason.MEDICAL_MISSING,
        ReturnReason.MEDICAL_OLD,
        ReturnReason.TOO_YOUNG,
        ReturnReason.TOO_OLD,
    }
)
"""What the house finds by itself; no case is accepted while one of these stands."""


@dataclass(frozen=True)
class File:
    """What a reviewer sees of a case."""

    case: Case
    person: Person
    lacking: tuple[ReturnReason, ...]
    question: VisionQuestion | None


def today_at_office(now: datetime) -> date:
    """The civil date at the office."""
    return civil_date(now, current_app.config["SITE_TIME_ZONE"])


def waiting(actor: Actor, *, page: int = 1) -> Paged[Case]:
    """Confirmed cases of the reviewer's office, the longest waiting first, with their persons."""
    query = (
        sa.select(Case)
        .where(Case.office_id == actor.office_id, Case.state == CaseState.CONFIRMED)
        .options(orm.joinedload(Case.person), orm.joinedload(Case.school))
        .order_by(Case.confirmed_at, Case.id)
    )
    return paged(query, page=page)


def file_of(actor: Actor, case_id: UUID, *, now: datetime, pack: Pack) -> File:
    """Everything that decides about a case.

    Raises:
        NotFound: no such case in the reviewer's scope.
    """
    query = sa.select(Case).where(Case.id == case_id)
    loaded = (orm.joinedload(Case.person), orm.joinedload(Case.school))
    case = db.session.scalar(query.options(*loaded))
    if case is None or not actor.covers(office_id=case.office_id):
        raise NotFound
    lacking = missing(case, case.person, pack, today=today_at_office(now))
    return File(case, case.person, tuple(lacking), _question_about(case.person.photo))


def show_numbers(actor: Actor, case_id: UUID, *, now: datetime, pack: Pack) -> File:
    """The same, for reading whole numbers off it; who looked is recorded, the numbers are not.

    Raises:
        NotFound: no such case in the reviewer's scope.
    """
    file = file_of(actor, case_id, now=now, pack=pack)
    with transaction():
        _record("person.numbers_shown", actor, file.case, now)
    return file


def missing(case: Case, person: Person, pack: Pack, *, today: date) -> list[ReturnReason]:
    """What the house sees lacking in a case."""
    found = []
    if person.photo is None:
        found.append(ReturnReason.PHOTO_MISSING)
    if not case.medical_number or case.medical_date is None:
        found.append(ReturnReason.MEDICAL_MISSING)
    elif not medical_valid(case.medical_date, pack, today=today):
        found.append(ReturnReason.MEDICAL_OLD)
    age = age_on(person.birth_date, today)
    youngest, oldest = (pack.by(x, case.licence_class) for x in ("age.min", "age.max"))
    if youngest is not None and age < youngest:
        found.append(ReturnReason.TOO_YOUNG)
    if oldest is not None and age > oldest:
        found.append(ReturnReason.TOO_OLD)
    return found


def accept(actor: Actor, case_id: UUID, *, now: datetime, pack: Pack) -> Case:
    """Accept one case; see :func:`accept_many`."""
    return accept_many(actor, [case_id], now=now, pack=pack)[0]


def accept_many(
    actor: Actor, case_ids: Collection[UUID], *, now: datetime, pack: Pack
) -> list[Case]:
    """Accept confirmed cases: serial number, time to the second, and the permit where one is due.

    Race stopped: two reviewers deciding about one case; its row is locked, and the second finds it
    moved on. Two reviewers taking the same serial number queue on the office's name.

    Raises:
        NotFound: a case is outside the reviewer's scope.
        WrongState: a case is not waiting.
        RuleRefused: something is lacking; the case can only be returned.
    """
    today = today_at_office(now)
    with transaction():
        cases = locked_cases(set(case_ids), office_id=actor.office_id)
        people = _people_of(cases)
        for case in cases:
            _check_acceptable(case, people[case.person_id], pack, today)
        _number(cases, today, now)
        db.session.flush()
        issue_on_acceptance(cases, issued_on=today, now=now)
        _announce(actor, cases, now, pack)
    return cases


def return_case(
    actor: Actor, case_id: UUID, reasons: Sequence[ReturnReason], *, note: str = "", now: datetime
) -> Case:
    """Give a case back with every reason at once.

    Race stopped: two reviewers deciding about one case; its row is locked.

    Raises:
        InvalidInput: no reason, or other without a note.
        NotFound: outside the reviewer's scope.
        WrongState: it does not wait for a reviewer.
    """
    if not reasons:
        raise InvalidInput(_("Choose at least one reason."), field="reasons")
    if ReturnReason.OTHER in reasons and not note.strip():
        raise InvalidInput(_("Say what else is missing."), field="note")
    with transaction():
        case = locked_cases({case_id}, office_id=actor.office_id)[0]
        case.state = move(case.state, CaseState.RETURNED, CASE_MOVES)
        case.returned_reasons = [{"code": x.value} for x in reasons]
        if note.strip():
            case.returned_reasons = [*case.returned_reasons, {"code": "note", "text": note.strip()}]
        _record("case.returned", actor, case, now, reasons=[x.value for x in reasons])
        told = Message("case.returned", case.person_id, facts={"case": str(case.id)})
        tell_all([told], now=now)
    return case


def _check_acceptable(case: Case, person: Person, pack: Pack, today: date) -> None:
    move(case.state, CaseState.ACCEPTED, CASE_MOVES)
    lacking = missing(case, person, pack, today=today)
    if lacking:
        raise RuleRefused(
            _("Something is still missing in this case. Return it with all reasons."),
            rule=f"case.{lacking[0]}",
        )


def _number(cases: Sequence[Case], today: date, now: datetime) -> None:
    """Give serial numbers: office, day, and a running number of both."""
    for office_id in sorted({x.office_id for x in cases}):
        advisory_lock("serial", str(office_id))
        office = db.session.get_one(Office, office_id)
        prefix = f"{office.code}{today:%y%m%d}"
        last = db.session.scalar(
            sa.select(sa.func.max(Case.serial_number)).where(
                Case.office_id == office_id, Case.serial_number.startswith(prefix, autoescape=True)
            )
        )
        number = int(last.removeprefix(prefix)) if last else 0
        for case in (x for x in cases if x.office_id == office_id):
            number += 1
            case.state = move(case.state, CaseState.ACCEPTED, CASE_MOVES)
            case.serial_number = f"{prefix}{number:0{DIGITS}d}"
            case.accepted_at = now.replace(microsecond=0)


def _announce(actor: Actor, cases: Sequence[Case], now: datetime, pack: Pack) -> None:
    for case in cases:
        _record("case.accepted", actor, case, now, serial=case.serial_number, pack=pack.edition)
    tell_all(
        (
            Message(
                "case.accepted",
                x.person_id,
                dedup_key=f"accepted:{x.id}",
                facts={"serial": x.serial_number, "class": x.licence_class},
            )
            for x in cases
        ),
        now=now,
    )
    outbox.publish_all((CaseAccepted(case_id=x.id) for x in cases), now=now)


def _record(act: str, actor: Actor, case: Case, now: datetime, **facts: Any) -> None:
    audit.record(
        act,
        case,
        now=now,
        account_id=actor.account_id,
        role=actor.role,
        for_person_id=case.person_id,
        **facts,
    )


def _people_of(cases: Sequence[Case]) -> dict[UUID, Person]:
    query = sa.select(Person).where(Person.id.in_({x.person_id for x in cases}))
    return {x.id: x for x in db.session.scalars(query)}


def _question_about(photo: str | None) -> VisionQuestion | None:
    if photo is None:
        return None
    query = sa.select(VisionQuestion).where(VisionQuestion.probe == photo)
    return db.session.scalar(query.order_by(VisionQuestion.asked_at.desc()).limit(1))
