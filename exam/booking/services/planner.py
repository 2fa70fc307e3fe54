"""What the planner's and the public pages show of plans and rounds."""

from collections import Counter
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from exam.booking.models import (
    Application,
    ApplicationState,
    Booking,
    Choice,
    Plan,
    PlanState,
    Round,
    RoundState,
    Session,
)
from exam.booking.services.offering import TAKEN
from exam.db import db
from exam.errors import NotFound
from exam.people.models import Account, Office, Site
from exam.policy.subjects import Subject


@dataclass(frozen=True)
class PlanLine:
    """A plan in a list."""

    plan: Plan
    sessions: int
    seats: int
    booked: int


def plans_of(office_id: UUID | None, *, published: bool = False) -> list[PlanLine]:
    """Plans with their figures, the latest first.

    Args:
        office_id: of one office; None: of all.
        published: only those that the public may see.
    """
    query = sa.select(Plan).order_by(Plan.first_day.desc(), Plan.code)
    if office_id is not None:
        query = query.where(Plan.office_id == office_id)
    if published:
        query = query.where(Plan.state != PlanState.DRAFT)
    plans = db.session.scalars(query).all()
    keys = [x.id for x in plans]
    room = {
        key: (sessions, seats)
        for key, sessions, seats in db.session.execute(
            sa.select(Session.plan_id, sa.func.count(), sa.func.sum(Session.seats))
            .where(Session.plan_id.in_(keys))
            .group_by(Session.plan_id)
        )
    }
    booked = Counter(
        dict(
            db.session.execute(
                sa.select(Session.plan_id, sa.func.count())
                .join(Booking, Booking.session_id == Session.id)
                .where(Session.plan_id.in_(keys), Booking.state.in_(TAKEN))
                .group_by(Session.plan_id)
            ).all()
        )
    )
    return [PlanLine(x, *room.get(x.id, (0, 0)), booked[x.id]) for x in plans]


@dataclass(frozen=True)
class SessionLine:
    """A session in a plan, with how many ask for it and sit in it."""

    session: Session
    applied: int
    booked: int


def plan_sessions(plan: Plan) -> list[SessionLine]:
    """The sessions of a plan by time, with site and pools."""
    sessions = db.session.scalars(
        sa.select(Session)
        .where(Session.plan_id == plan.id)
        .options(joinedload(Session.site), selectinload(Session.pools))
        .order_by(Session.starts_at, Session.code)
    ).all()
    keys = [x.id for x in sessions]
    applied = Counter(
        dict(
            db.session.execute(
                sa.select(Choice.session_id, sa.func.count())
                .join(Application, Application.id == Choice.application_id)
                .where(
                    Choice.session_id.in_(keys),
                    Application.state != ApplicationState.WITHDRAWN,
                )
                .group_by(Choice.session_id)
            ).all()
        )
    )
    booked = Counter(
        dict(
            db.session.execute(
                sa.select(Booking.session_id, sa.func.count())
                .where(Booking.session_id.in_(keys), Booking.state.in_(TAKEN))
                .group_by(Booking.session_id)
            ).all()
        )
    )
    return [SessionLine(x, applied[x.id], booked[x.id]) for x in sessions]


def plan_of(key: UUID, *, office_id: UUID | None = None) -> Plan:
    """A plan, inside an office or published for all.

    Raises:
        NotFound: unknown, of another office, or not public.
    """
    found = db.session.get(Plan, key)
    hidden = office_id is None and found is not None and found.state is PlanState.DRAFT
    foreign = office_id is not None and found is not None and found.office_id != office_id
    if found is None or hidden or foreign:
        raise NotFound
    return found


def sites_of(office_id: UUID) -> list[Site]:
    """The office's sites by code."""
    query = sa.select(Site).where(Site.office_id == office_id).order_by(Site.code)
    return list(db.session.scalars(query))


def rounds_of(
    office_id: UUID | None, *, states: frozenset[RoundState] | None = None
) -> list[Round]:
    """Rounds with their plans, the latest first."""
    query = (
        sa.select(Round)
        .options(joinedload(Round.plan))
        .order_by(Round.closes_at.desc(), Round.code)
    )
    if office_id is not None:
        query = query.where(Round.office_id == office_id)
    if states is not None:
        query = query.where(Round.state.in_(states))
    return list(db.session.scalars(query))


def round_by_code(code: str, *, office_id: UUID | None = None) -> Round:
    """A round by its public name.

    Raises:
        NotFound: unknown, or of another office.
    """
    found = db.session.scalar(
        sa.select(Round).where(Round.code == code).options(joinedload(Round.plan))
    )
    if found is None or (office_id is not None and found.office_id != office_id):
        raise NotFound
    return found


@dataclass(frozen=True)
class Tally:
    """Asked and served of one subject or tier."""

    asked: int
    served: int


def tallies(found: Round) -> tuple[dict[Subject, Tally], dict[int, Tally]]:
    """How a round went, by subject and by tier; tiers are known from the freeze on."""
    rows: list[Any] = list(
        db.session.execute(
            sa.select(Application.subject, Application.tier, Application.state, sa.func.count())
            .where(
                Application.round_id == found.id,
                Application.state != ApplicationState.WITHDRAWN,
            )
            .group_by(Application.subject, Application.tier, Application.state)
        )
    )

    def tally(position: int, wanted: Any) -> Tally:
        mine = [x for x in rows if x[position] == wanted]
        served = [x for x in mine if x[2] is ApplicationState.SERVED]
        return Tally(sum(x[3] for x in mine), sum(x[3] for x in served))

    subjects = {x: tally(0, x) for x in Subject if any(row[0] is x for row in rows)}
    tiers = {x: tally(1, x) for x in sorted({row[1] for row in rows if row[1] is not None})}
    return subjects, tiers


def signers(found: Round) -> tuple[str | None, str | None]:
    """The names of those who signed first and second."""
    first, second = (
        db.session.get(Account, key) if key else None
        for key in (found.published_by, found.approved_by)
    )
    return (first.display_name if first else None, second.display_name if second else None)


def office_of(found: Round) -> Office:
    """The office that holds a round."""
    return db.session.get_one(Office, found.office_id)
