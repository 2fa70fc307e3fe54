"""Finding cases: one's own, or many of them locked."""

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa

from exam.db import db
from exam.errors import NotAllowed, NotFound
from exam.people.roles import Actor
from exam.registration.models import Case


def own_case(actor: Actor, case_id: UUID) -> Case:
    """A case of the signed-in person.

    Raises:
        NotAllowed: the actor is no candidate.
        NotFound: no such case, or somebody else's.
    """
    if actor.person_id is None:
        raise NotAllowed
    case = db.session.get(Case, case_id)
    if case is None or case.person_id != actor.person_id:
        raise NotFound
    return case


def locked_cases(case_ids: Collection[UUID], *, office_id: UUID | None = None) -> list[Case]:
    """Cases locked in the order of their ids and read afresh; with an office, those of it.

    Raises:
        NotFound: one of them does not exist, or not there.
    """
    query = sa.select(Case).where(Case.id.in_(case_ids)).order_by(Case.id).with_for_update()
    if office_id is not None:
        query = query.where(Case.office_id == office_id)
    found = db.session.scalars(query.execution_options(populate_existing=True)).all()
    if len(found) != len(case_ids):
        raise NotFound
    return list(found)
