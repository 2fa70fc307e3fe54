"""Learner permits: issued by the row of a passed S1, or with the acceptance of a case."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
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


def current_pack() -> Pack:
    """The application's rules in force."""
    pack: Pack = current_app.extensions["kaochang.pack"]
    return pack


def issue_on_acceptance(
    cases: Iterable[Case], *, issued_on: date, now: datetime
) -> list[Permit]:
    """Issue permits that no result carries (``acceptance``), in the caller's transaction."""
    people = _people_of(cases)
    made = [_permit(x, people[x.person_id], issued_on, basis, None, pack) for x in cases]
    return _add_permits([x for x in made if x is not None], people, cases, now)


def issue_on_first_pass(
    cases: dict[UUID, Case],
    results: dict[UUID, list[SubjectResult]],
    now: datetime,
    pack: Pack,
) -> None:
    """A permit where S1 is passed and more subjects are to come; the S1 row is its basis."""
    have = set(db.session.scalars(sa.select(Permit.case_id).where(Permit.case_id.in_(cases))))
    people = _people_of(cases.values())
    made = []
    for case in cases.values():
        first = next((x for x in results[case.id] if _is_pass_of_s1(x)), None)
        if first is None or case.id in have or len(subjects_of(case.pathway, pack)) == 1:
            continue
        person = people[case.person_id]
        made.append(_permit(case, person, first.exam_date, "result", first.id, pack))
    _add_permits([x for x in made if x is not None], people, cases.values(), now)


def _is_pass_of_s1(row: SubjectResult) -> bool:
    return row.subject is Subject.S1 and row.outcome is ResultOutcome.PASSED


def _people_of(cases: Iterable[Case]) -> dict[UUID, Person]:
    query = sa.select(Person).where(Person.id.in_({x.person_id for x in cases}))
    return {x.id: x for x in db.session.scalars(query)}


def _permit(
    case: Case, person: Person, issued_on: date, basis: str, result_id: UUID | None, pack: Pack
) -> Permit | None:
    end = permit_end(issued_on, person.birth_date, case.licence_class, pack)
    if end <= issued_on:  # over the age of the class: nothing to issue, the page names the rule
        return None
    return Permit(
        id=new_id(), case_id=case.id, number=f"P{case.serial_number}", issued_on=issued_on,
        valid_until=end, basis=basis, result_id=result_id,
    )


def _add_permits(
    permits: list[Permit], people: dict[UUID, Person], cases: Iterable[Case], now: datetime
) -> list[Permit]:
    owner = {x.id: people[x.person_id] for x in cases}
    db.session.add_all(permits)
    db.session.flush()
    messages = []
    for permit in permits:
        person = owner[permit.case_id]
        audit.record(
            "permit.issued", permit, now=now, account_id=None, for_person_id=person.id,
            basis=permit.basis, valid_until=permit.valid_until, pack=current_pack().edition,
        )
        facts = {"number": permit.number, "until": permit.valid_until.isoformat()}
        messages.append(Message("permit.issued", person.id, None, f"permit:{permit.id}", facts))
    tell_all(messages, now=now)
    outbox.publish_all(
        (PermitIssued(permit_id=x.id, case_id=x.case_id) for x in permits), now=now
    )
    return permits
