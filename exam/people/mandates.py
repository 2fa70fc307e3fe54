"""Mandates: a person's leave for a school to act for her, given and taken back by her alone."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from exam.audit import services as audit
from exam.db import db, new_id, transaction
from exam.errors import NotAllowed, NotFound
from exam.people.models import Mandate
from exam.people.roles import Actor


def give_mandate(actor: Actor, school_id: UUID, *, now: datetime) -> Mandate:
    """The signed-in candidate lets a school act for her, in the caller's transaction."""
    person_id = _own_person(actor)
    live = _live_mandate(person_id, school_id)
    if live is None:
        live = Mandate(id=new_id(), person_id=person_id, school_id=school_id, given_at=now)
        db.session.add(live)
        audit.record(
            "mandate.given", live, now=now, account_id=actor.account_id, for_person_id=person_id
        )
    return live


def revoke_mandate(actor: Actor, school_id: UUID, *, now: datetime) -> None:
    """The candidate takes the leave back; from now on the school may do nothing for her."""
    with transaction():
        person_id = _own_person(actor)
        live = _live_mandate(person_id, school_id)
        if live is None:
            raise NotFound
        live.revoked_at = now
        audit.record(
            "mandate.revoked", live, now=now, account_id=actor.account_id, for_person_id=person_id
        )


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
