"""Learner permits: issued by the row of a passed S1, or with the acceptance of a case."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from flask import current_app

from exam.audit import services as audit
from exam.db import db, new_id
from exam.notify.services import Message, tell_all
from exam.people.models import Person
from exam.policy.eligibility import permit_end, subjects_of
from exam.policy.pack import Pack
from exam.policy.subjects import Subject
from exam.registration.events import PermitIssued
from exam.registration.models import Case, Permit, ResultOutcome, SubjectResult
from exam.system import outbox


class Basis(NamedTuple):
    """What a permit stands on: the case, the day, and the result if it is one."""

    case: Case
    issued_on: date
    result_id: UUID | None


def current_pack() -> Pack:
    """The application's rules in force."""
    pack: Pack = current_app.extensions["kaochang.pack"]
    return pack


def issue_on_acceptance(cases: Collection[Case], *, issued_on: date, now: datetime) -> None:
    """Issue the permits of pathways that get theirs with the acceptance (O162 Art. 40).

    Args:
        cases: accepted in the caller's transaction; other pathways among them are passed over.
        issued_on: the civil date at the office.
        now: the injected time.
    """
    pack = current_pack()
    entitled = [x for x in cases if x.pathway in pack.words("pathway.permit_at_acceptance")]
    _issue([Basis(x, issued_on, None) for x in entitled], now, pack)


def issue_on_first_pass(
    cases: Collection[Case], results: Mapping[UUID, Sequence[SubjectResult]], *, now: datetime
) -> None:
    """Issue permits where S1 is passed and more subjects are to come; the S1 row is the basis.

    Args:
        cases: locked by the caller.
        results: the valid results of each case.
        now: the injected time.
    """
    pack = current_pack()
    keys = [x.id for x in cases]
    have = set(db.session.scalars(sa.select(Permit.case_id).where(Permit.case_id.in_(keys))))
    bases = []
    for case in cases:
        first = next((x for x in results[case.id] if _is_pass_of_s1(x)), None)
        if first and case.id not in have and len(subjects_of(case.pathway, pack)) > 1:
            bases.append(Basis(case, first.exam_date, first.id))
    _issue(bases, now, pack)


def _is_pass_of_s1(row: SubjectResult) -> bool:
    return row.subject is Subject.S1 and row.outcome is ResultOutcome.PASSED


def _issue(bases: Collection[Basis], now: datetime, pack: Pack) -> None:
    people = _people_of(x.case for x in bases)
    issued: list[tuple[Permit, Person]] = []
    for case, issued_on, result_id in bases:
        person = people[case.person_id]
        end = permit_end(issued_on, person.birth_date, case.licence_class, pack)
        if end <= issued_on:  # over the age of the class: nothing to issue
            continue
        permit = Permit(
            id=new_id(),
            case_id=case.id,
            number=f"P{case.serial_number}",
            issued_on=issued_on,
            valid_until=end,
            basis="result" if result_id else "acceptance",
            result_id=result_id,
        )
        issued.append((permit, person))
    db.session.add_all(permit for permit, _ in issued)
    _announce(issued, now, pack)


def _announce(issued: Sequence[tuple[Permit, Person]], now: datetime, pack: Pack) -> None:
    for permit, person in issued:
        audit.record(
            "permit.issued",
            permit,
            now=now,
            account_id=None,
            for_person_id=person.id,
            basis=permit.basis,
            valid_until=permit.valid_until.isoformat(),
            pack=pack.edition,
        )
    tell_all((_message(permit, person) for permit, person in issued), now=now)
    events = [PermitIssued(permit_id=x.id, case_id=x.case_id) for x, _ in issued]
    outbox.publish_all(events, now=now)


def _message(permit: Permit, person: Person) -> Message:
    return Message(
        "permit.issued",
        person_id=person.id,
        dedup_key=f"permit:{permit.id}",
        facts={"number": permit.number, "until": permit.valid_until.isoformat()},
    )


def _people_of(cases: Iterable[Case]) -> dict[UUID, Person]:
    query = sa.select(Person).where(Person.id.in_({x.person_id for x in cases}))
    return {x.id: x for x in db.session.scalars(query)}
