"""The person's own step: see the data, correct what is hers, confirm, give the mandate."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from exam.audit import services as audit
from exam.db import db, lock_row, new_id, transaction
from exam.people.mandates import give_mandates
from exam.people.models import NeedKind, Person, SupportNeed
from exam.people.roles import Actor
from exam.registration.cases import locked_cases, own_case
from exam.registration.events import CaseEnded
from exam.registration.models import CASE_MOVES, Case, CaseState
from exam.states import move
from exam.system import outbox


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


def confirm(actor: Actor, said: Confirmation, *, now: datetime) -> Case:
    """The signed-in person confirms one of her cases.

    Raises:
        NotFound: it is not hers.
        WrongState: it has been accepted or has ended.
    """
    case = own_case(actor, said.case_id)
    confirm_many([said], now=now, account_id=actor.account_id)
    return case


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
                "case.confirmed", case, now=now, account_id=account_id, for_person_id=case.person_id
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
    person.phone = said.phone or person.phone
    person.address = said.address or person.address
    if said.needs is not None:
        set_needs(person.id, said.needs, now=now)


def set_needs(person_id: UUID, needs: dict[NeedKind, date | None], *, now: datetime) -> None:
    """Replace what a person asked for, in the caller's transaction; what is taken away is gone."""
    db.session.execute(
        sa.delete(SupportNeed).where(
            SupportNeed.person_id == person_id, SupportNeed.kind.not_in(list(needs))
        )
    )
    rows: list[dict[str, Any]] = [
        {"id": new_id(), "person_id": person_id, "kind": k, "until": until, "declared_at": now}
        for k, until in needs.items()
    ]
    if rows:
        query = insert(SupportNeed)
        query = query.on_conflict_do_update(
            index_elements=["person_id", "kind"], set_={"until": query.excluded.until}
        )
        db.session.execute(query, rows)


def _mandates(
    cases: Sequence[Case], said: dict[UUID, Confirmation], now: datetime, account_id: UUID | None
) -> None:
    give_mandates(
        [(x.person_id, x.school_id) for x in cases if x.school_id and said[x.id].mandate],
        now=now,
        account_id=account_id,
    )
