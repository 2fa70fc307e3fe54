"""Opening a day after its checklist; closing it when nobody is left."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from exam.audit import services as audit
from exam.db import db, transaction
from exam.errors import InvalidInput, RuleRefused
from exam.examday.desk import locked_day, require
from exam.examday.events import DayClosed
from exam.examday.models import DAY_MOVES, OPEN_STATES, DayState, ExamDay, Sitting
from exam.people.roles import Actor, Role
from exam.policy.pack import Pack
from exam.states import move
from exam.system import outbox

SHOWN_TICKETS = 12


def open_day(
    actor: Actor, day_id: UUID, *, ready: Collection[str], pack: Pack, now: datetime
) -> ExamDay:
    """Open the day: every point of the pack's checklist was looked at and is in order.

    Args:
        actor: hall officer or duty leader of the site; kept with the time.
        day_id: the day.
        ready: the points that are in order.
        pack: whose ``day.checklist`` is asked.
        now: the injected time.

    Raises:
        InvalidInput: points are missing; they are named in the facts.
        WrongState: the day is open already, or closed.
    """
    require(actor, Role.HALL_OFFICER, Role.DUTY_LEADER)
    with transaction():
        day = locked_day(actor, day_id)
        missing = [x for x in pack.words("day.checklist") if x not in ready]
        if missing:
            raise InvalidInput(
                _("The day opens when every point is in order."), field="ready", missing=missing
            )
        day.state = move(day.state, DayState.OPEN, DAY_MOVES)
        day.checklist = dict.fromkeys(pack.words("day.checklist"), actor.role.value)
        day.opened_at, day.opened_by = now, actor.account_id
        _note("examday.opened", day, actor, now, pack=pack.edition)
    return day


def close_day(actor: Actor, day_id: UUID, *, now: datetime) -> ExamDay:
    """Close the day; refused while anybody is open.

    Raises:
        RuleRefused: ``day.tickets_open`` with the tickets that are not finished.
        WrongState: the day is not open.
    """
    require(actor, Role.DUTY_LEADER)
    with transaction():
        day = locked_day(actor, day_id)
        left = open_tickets(day.id)
        if left:
            raise RuleRefused(
                _(
                    "The day cannot be closed: %(count)s are not finished (%(tickets)s).",
                    count=len(left),
                    tickets=_listed(left),
                ),
                rule="day.tickets_open",
                tickets=left,
            )
        day.state = move(day.state, DayState.CLOSED, DAY_MOVES)
        day.closed_at, day.closed_by = now, actor.account_id
        _note("examday.closed", day, actor, now)
        outbox.publish(DayClosed(exam_day_id=day.id), now=now)
    return day


def open_tickets(day_id: UUID) -> list[str]:
    """The tickets that keep a day from closing, in order."""
    query = sa.select(Sitting.ticket).where(
        Sitting.exam_day_id == day_id, Sitting.state.in_(OPEN_STATES)
    )
    return list(db.session.scalars(query.order_by(Sitting.ticket)))


def day_of(site_id: UUID, on: date) -> ExamDay | None:
    """A site's day with its site, if it was started."""
    query = sa.select(ExamDay).where(ExamDay.site_id == site_id, ExamDay.date == on)
    return db.session.scalar(query.options(joinedload(ExamDay.site)))


def _listed(tickets: list[str]) -> str:
    shown = " ".join(tickets[:SHOWN_TICKETS])
    return f"{shown} …" if len(tickets) > SHOWN_TICKETS else shown


def _note(act: str, day: ExamDay, actor: Actor, now: datetime, **facts: Any) -> None:
    audit.record(act, day, now=now, account_id=actor.account_id, role=actor.role, **facts)
