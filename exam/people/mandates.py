"""Mandates: a person's leave for a school to act for her, given and taken back by her alone."""

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects.postgresql import insert

from exam.audit import services as audit
from exam.db import db, new_id, transaction
from exam.errors import NotAllowed, NotFound
from exam.people.models import Mandate, School
from exam.people.roles import Actor, Role


def give_mandate(actor: Actor, school_id: UUID, *, now: datetime) -> None:
    """The signed-in candidate lets a school of her office act for her.

    Raises:
        NotFound: no such school there.
    """
    person_id = _own_person(actor)
    with transaction() as session:
        school = session.get(School, school_id)
        if school is None or school.office_id != actor.office_id:
            raise NotFound
        give_mandates([(person_id, school_id)], now=now, account_id=actor.account_id)


def give_mandates(
    pairs: Iterable[tuple[UUID, UUID]], *, now: datetime, account_id: UUID | None
) -> None:
    """Give mandates (person, school) in the caller's transaction; one that lives stays as it is."""
    rows = [
        {"id": new_id(), "person_id": person, "school_id": school, "given_at": now}
        for person, school in pairs
    ]
    if not rows:
        return
    query = insert(Mandate).on_conflict_do_nothing().returning(Mandate.id, Mandate.person_id)
    for key, person_id in db.session.execute(query, rows):
        given = Mandate(id=key)
        audit.record(
            "mandate.given",
            given,
            now=now,
            account_id=account_id,
            role=Role.CANDIDATE if account_id else None,
            for_person_id=person_id,
        )


def revoke_mandate(actor: Actor, school_id: UUID, *, now: datetime) -> None:
    """The candidate takes the leave back; from now on the school may do nothing for her."""
    with transaction():
        person_id = _own_person(actor)
        live = _live_mandate(person_id, school_id)
        if live is None:
            raise NotFound
        live.revoked_at = now
        audit.record(
            "mandate.revoked",
            live,
            now=now,
            account_id=actor.account_id,
            role=actor.role,
            for_person_id=person_id,
        )


def mandates_of(person_id: UUID) -> list[Mandate]:
    """A person's mandates with their schools, the latest first, ended ones included."""
    query = sa.select(Mandate).where(Mandate.person_id == person_id)
    query = query.options(orm.joinedload(Mandate.school)).order_by(Mandate.given_at.desc())
    return list(db.session.scalars(query))


def with_mandate(person_ids: Collection[UUID], school_id: UUID) -> set[UUID]:
    """Those of these persons for whom the school may act now."""
    query = sa.select(Mandate.person_id).where(
        Mandate.person_id.in_(person_ids),
        Mandate.school_id == school_id,
        Mandate.revoked_at.is_(None),
    )
    return set(db.session.scalars(query))


def has_mandate(person_id: UUID, school_id: UUID) -> bool:
    """Whether the school may act for the person now."""
    return _live_mandate(person_id, school_id) is not None


def _own_person(actor: Actor) -> UUID:
    if actor.person_id is None:
        raise NotAllowed
    return actor.person_id


def _live_mandate(person_id: UUID, school_id: UUID) -> Mandate | None:
    return db.session.scalar(
        sa.select(Mandate).where(
            Mandate.person_id == person_id,
            Mandate.school_id == school_id,
            Mandate.revoked_at.is_(None),
        )
    )
