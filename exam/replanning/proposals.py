"""What an outage leaves of the sessions that it touches; the planner may change it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from exam.booking.models import Round, RoundState, Session
from exam.db import db
from exam.examday.models import Duty, Outage, Vehicle
from exam.people.roles import Role
from exam.policy.subjects import Subject
from exam.replanning.models import SeatCut
from exam.replanning.rules import seats_without_examiners, seats_without_vehicles


@dataclass(frozen=True)
class Touched:
    """One session that an outage touches."""

    session: Session
    round: Round | None
    """The round that gave it out, if one did."""
    left: dict[UUID, int]
    """Seats from now on, by the session's id or a pool's; what is not named stays."""
    cut: SeatCut | None = None
    """What was taken from it already, before its round is decided."""


def touched_by(found: Outage) -> list[Touched]:
    """The sessions of the site and days that lose seats, by time."""
    query = (
        sa.select(Session)
        .where(
            Session.site_id == found.site_id,
            Session.date.between(found.first_day, found.last_day),
            Session.cancelled_at.is_(None),
        )
        .options(joinedload(Session.site), selectinload(Session.pools))
        .order_by(Session.starts_at, Session.code)
    )
    sessions = db.session.scalars(query).all()
    left = _without_vehicle(found.vehicle_id, sessions) if found.vehicle_id else {}
    if found.account_id:
        left = _without_examiner(found, sessions)
    rounds, cuts = _rounds(sessions), cuts_of(found)
    return [
        Touched(x, rounds.get(x.id), left.get(x.id, {x.id: x.seats}), cuts.get(x.id))
        for x in sessions
        if x.id in left or x.id in cuts
    ]


def cuts_of(found: Outage) -> dict[UUID, SeatCut]:
    """What an outage has taken from sessions whose rounds were not decided, by session."""
    live = sa.select(SeatCut).where(SeatCut.outage_id == found.id, SeatCut.undone_at.is_(None))
    return {x.session_id: x for x in db.session.scalars(live)}


def _without_vehicle(vehicle_id: UUID, sessions: Sequence[Session]) -> dict[UUID, dict[UUID, int]]:
    """Pools of the vehicle's kind lose its turns, and the session what its pools no longer hold."""
    vehicle = db.session.get_one(Vehicle, vehicle_id)
    found: dict[UUID, dict[UUID, int]] = {}
    for one in sessions:
        pools = [x for x in one.pools if x.kind == vehicle.kind and x.vehicles]
        if one.subject is not vehicle.subject or not pools:
            continue
        pool = max(pools, key=lambda x: (x.vehicles, x.code))
        seats = seats_without_vehicles(pool.seats, pool.vehicles, 1)
        room = sum(x.seats for x in one.pools) - pool.seats + seats
        found[one.id] = {pool.id: seats, one.id: min(one.seats, room)}
    return found


def _without_examiner(found: Outage, sessions: Sequence[Session]) -> dict[UUID, dict[UUID, int]]:
    """Sessions of the subjects that she was to examine lose her share; without a duty, nothing."""
    duties = db.session.scalars(
        sa.select(Duty).where(
            Duty.site_id == found.site_id,
            Duty.role == Role.EXAMINER,
            Duty.date.between(found.first_day, found.last_day),
        )
    ).all()
    gone = _counted_before(found, sessions)
    there: Counter[tuple[date, str]] = Counter((x.date, y) for x in duties for y in x.subjects)
    hers = {(x.date, y) for x in duties if x.account_id == found.account_id for y in x.subjects}
    return {
        one.id: {one.id: _share(one, there, gone)}
        for one in sessions
        if (one.date, one.subject.value) in hers and Subject(one.subject)
    }


def _share(one: Session, there: Counter[tuple[date, str]], gone: Counter[UUID]) -> int:
    examiners = max(1, there[one.date, one.subject] - gone[one.id])
    return seats_without_examiners(one.seats, examiners, 1)


def _counted_before(found: Outage, sessions: Sequence[Session]) -> Counter[UUID]:
    """Examiners whose share was taken from a session before: its seats are of those left."""
    query = (
        sa.select(SeatCut.session_id)
        .join(Outage, Outage.id == SeatCut.outage_id)
        .where(
            SeatCut.session_id.in_([x.id for x in sessions]),
            SeatCut.undone_at.is_(None),
            Outage.account_id.is_not(None),
            Outage.id != found.id,
        )
    )
    return Counter(db.session.scalars(query))


def _rounds(sessions: Sequence[Session]) -> dict[UUID, Round]:
    found = {}
    plans = {x.plan_id for x in sessions}
    rounds = db.session.scalars(
        sa.select(Round)
        .where(Round.plan_id.in_(plans), Round.state == RoundState.PUBLISHED)
        .order_by(Round.published_at)
    ).all()
    for one in sessions:
        for round_ in rounds:
            if round_.plan_id == one.plan_id and round_.first_day <= one.date <= round_.last_day:
                found[one.id] = round_
    return found


def proposal(touched: Sequence[Touched]) -> dict[UUID, int]:
    """Seats from now on, by session or pool."""
    return {key: seats for one in touched if one.cut is None for key, seats in one.left.items()}
