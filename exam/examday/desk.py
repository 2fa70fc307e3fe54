"""What every step of the day begins with: the locked day, whole sittings, scope, the audit line.

Race stopped here for all steps: two officers acting at once on one site's day (calling the same
person, drawing the same vehicle, signing twice). Each step locks the day's row first, so they come
one after the other; a step takes a few milliseconds. Unique indexes stand behind it.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.sql.base import ExecutableOption

from exam.audit import services as audit
from exam.booking.models import Booking
from exam.db import db
from exam.errors import NotAllowed, NotFound, WrongState
from exam.examday.models import (
    SITTING_MOVES,
    Attempt,
    DayState,
    ExamDay,
    Sitting,
    SittingState,
)
from exam.people.models import Site
from exam.people.roles import Actor, Role
from exam.registration.models import Case
from exam.states import move

WHOLE: tuple[ExecutableOption, ...] = (
    joinedload(Sitting.day).joinedload(ExamDay.site),
    joinedload(Sitting.booking).joinedload(Booking.case).joinedload(Case.person),
    joinedload(Sitting.booking).joinedload(Booking.session),
    joinedload(Sitting.booking).joinedload(Booking.pool),
    joinedload(Sitting.vehicle),
    joinedload(Sitting.terminal),
    joinedload(Sitting.lane),
    selectinload(Sitting.attempts).selectinload(Attempt.deductions),
)
"""Everything that the steps and pages read of a sitting."""


def require(actor: Actor, *roles: Role) -> None:
    """Raise NotAllowed for any other role."""
    if actor.role not in roles:
        raise NotAllowed


def locked_day(actor: Actor, day_id: UUID) -> ExamDay:
    """Lock a day of the actor's site; see the module on the race.

    Raises:
        NotFound: unknown, or outside the actor's scope.
    """
    query = (
        sa.select(ExamDay)
        .options(joinedload(ExamDay.site))
        .where(ExamDay.id == day_id, day_in_scope(actor))
        .with_for_update(of=ExamDay)
        .execution_options(populate_existing=True)
    )
    day = db.session.scalar(query)
    if day is None:
        raise NotFound
    return day


def day_in_scope(actor: Actor) -> sa.ColumnElement[bool]:
    """The condition that a day lies inside the actor's scope; a candidate's is her own sittings.

    It is part of the question, so that what is somebody else's and what does not exist take the
    same way, and the time tells nothing.
    """
    if actor.role is Role.CANDIDATE:
        return sa.exists().where(Sitting.exam_day_id == ExamDay.id, _her_own(actor))
    here = sa.true() if actor.site_id is None else Site.id == actor.site_id
    return sa.exists().where(Site.id == ExamDay.site_id, Site.office_id == actor.office_id, here)


def sitting_in_scope(actor: Actor) -> sa.ColumnElement[bool]:
    """The same for a sitting."""
    if actor.role is Role.CANDIDATE:
        return _her_own(actor)
    return sa.exists().where(ExamDay.id == Sitting.exam_day_id, day_in_scope(actor))


def _her_own(actor: Actor) -> sa.ColumnElement[bool]:
    return sa.exists().where(
        Booking.id == Sitting.booking_id,
        Case.id == Booking.case_id,
        Case.person_id == actor.person_id,
    )


def locked_sitting(actor: Actor, sitting_id: UUID) -> Sitting:
    """Lock the sitting's day and read the sitting whole and fresh.

    Raises:
        NotFound: unknown, outside the scope, or another candidate's.
    """
    hers = (Sitting.id == sitting_id, sitting_in_scope(actor))
    day_id = db.session.scalar(sa.select(Sitting.exam_day_id).where(*hers))
    if day_id is None:
        raise NotFound
    locked_day(actor, day_id)
    query = sa.select(Sitting).where(Sitting.id == sitting_id).options(*WHOLE)
    return db.session.scalars(query.execution_options(populate_existing=True)).one()


def read_sitting(actor: Actor, sitting_id: UUID) -> Sitting:
    """A sitting for a page, unlocked.

    Raises:
        NotFound: unknown, outside the scope, or another candidate's.
    """
    query = sa.select(Sitting).where(Sitting.id == sitting_id, sitting_in_scope(actor))
    sitting = db.session.scalar(query.options(*WHOLE))
    if sitting is None:
        raise NotFound
    return sitting


def sittings_of(
    day_id: UUID, states: Collection[SittingState] | None = None, *, fresh: bool = False
) -> list[Sitting]:
    """The day's sittings, whole, in ticket order."""
    query = sa.select(Sitting).where(Sitting.exam_day_id == day_id).options(*WHOLE)
    if states is not None:
        query = query.where(Sitting.state.in_(states))
    query = query.order_by(Sitting.ticket)
    return list(db.session.scalars(query.execution_options(populate_existing=fresh)))


def must_be_open(day: ExamDay) -> None:
    """Raise WrongState unless the day is open."""
    if day.state is not DayState.OPEN:
        raise WrongState(current=day.state.value, wanted=DayState.OPEN.value)


def go(sitting: Sitting, to: SittingState) -> None:
    """Move a sitting along its table of states."""
    sitting.state = move(sitting.state, to, SITTING_MOVES)


def note(
    act: str,
    sitting: Sitting,
    actor: Actor | None,
    *,
    now: datetime,
    reason: str | None = None,
    **facts: Any,
) -> None:
    """Audit an act on a sitting, for the person whom it concerns."""
    audit.record(
        act,
        sitting,
        now=now,
        account_id=actor.account_id if actor else None,
        role=actor.role if actor else None,
        for_person_id=sitting.booking.case.person_id,
        reason=reason,
        **facts,
    )
