"""Who holds which seat now, and what is still offered: the input of a replanning.

Everybody who holds a seat of the round's days is in it, however she got it. Seats of exams that
have begun, or are too near to be told of in time, stay out of it on both sides, except in the
sessions that the event touches.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from exam.booking.models import Booking, BookingState, Session
from exam.booking.services import offering
from exam.booking.wording import refused
from exam.clock import civil_date
from exam.db import db
from exam.examday.models import ExamDay
from exam.policy.eligibility import Refusal
from exam.policy.pack import Pack
from exam.replanning.asking_people import Asked, Place, Times, guests_asking, holders_asking
from exam.replanning.models import Replan
from exam.replanning.rules import Row, movable_from
from exam.replanning.tables import Caps, rows_of


@dataclass(frozen=True)
class Gathered:
    """A replanning's input before it is made anonymous."""

    rows: dict[str, list[Row]]
    people: list[Asked]
    hit: list[str]
    """Codes of the sessions that the event touches, or that a guest may sit in."""
    places: dict[str, Place]
    """Every pool of the round's days, by code."""

    @property
    def columns(self) -> dict[str, dict[str, list[object]]]:
        """The same tables column by column, as the engine reads them."""
        return {
            name: {key: [row[key] for row in part] for key in part[0]} if part else {}
            for name, part in self.rows.items()
        }


def gather(replan: Replan, *, now: datetime, pack: Pack) -> Gathered:
    """Read everything that a replanning stands on.

    Args:
        replan: with its round, offers and guests loaded.
        now: the injected time.
        pack: the rules in force.

    Raises:
        RuleRefused: a touched day has begun, or a guest may not be seated by law.
    """
    sessions = offering.sessions_of(replan.round)
    begun = begun_sessions(sessions, now)
    hit = {x.session_id for x in replan.offers}
    _refuse_begun([x for x in sessions if x.id in hit & begun])
    today = civil_date(now, sessions[0].site.time_zone)
    first = movable_from(today, pack)
    open_ = {x.id for x in sessions if _still_open(x, first) and x.id not in begun}
    bookings = _held(open_ | hit)
    times = Times(today, first, pack)
    people = holders_asking(bookings, replan.round, times)
    guests = guests_asking(replan, times)
    caps = _caps(replan, sessions, bookings, open_)
    wished = [x.code for x in sessions if x.id in open_ and any(g.may_sit(x) for g in guests)]
    codes = [x.code for x in sessions if x.id in hit]
    places = {y.code: Place(y.id, y.code, x.id) for x in sessions for y in x.pools}
    everybody = [*people, *guests]
    return Gathered(rows_of(sessions, caps, everybody), everybody, codes + wished, places)


def begun_sessions(sessions: Collection[Session], now: datetime) -> set[UUID]:
    """Sessions whose day has its sittings, or whose time has come."""
    rows = db.session.execute(
        sa.select(ExamDay.site_id, ExamDay.date).where(
            ExamDay.site_id.in_({x.site_id for x in sessions})
        )
    )
    days = {(site_id, day) for site_id, day in rows}
    return {x.id for x in sessions if x.starts_at <= now or (x.site_id, x.date) in days}


def _refuse_begun(sessions: Sequence[Session]) -> None:
    if sessions:
        day = min(x.date for x in sessions).isoformat()
        raise refused([Refusal("replan.day_begun", {"date": day})])


def _still_open(session: Session, first: date) -> bool:
    return session.cancelled_at is None and session.date >= first


def _held(session_ids: Collection[UUID]) -> Sequence[Booking]:
    query = (
        sa.select(Booking)
        .where(Booking.session_id.in_(session_ids), Booking.state == BookingState.BOOKED)
        .options(
            joinedload(Booking.case),
            # Reading afresh forgets what is not asked for again: the pools, too.
            joinedload(Booking.session).options(
                joinedload(Session.site), selectinload(Session.pools)
            ),
            joinedload(Booking.pool),
        )
        .order_by(Booking.id)
    )
    return db.session.scalars(query.execution_options(populate_existing=True)).all()


def _caps(
    replan: Replan, sessions: Sequence[Session], held: Sequence[Booking], open_: set[UUID]
) -> Caps:
    """Seats by session and pool: what the event leaves, less what stays outside the replanning."""
    sat = {x.pool_id: 0 for x in held}
    sat |= Counter(x.pool_id for x in held)
    fixed = Counter(offering.taken_by_pool(sessions))
    fixed.subtract(sat)
    holders = Counter(x.session_id for x in held)
    after = {x.pool_id or x.session_id: x.seats_after for x in replan.offers}
    hit = {x.session_id for x in replan.offers}
    caps = Caps({}, {})
    for one in sessions:
        lost = one.cancelled_at is not None or one.id not in open_ | hit
        used = sum(fixed[x.id] for x in one.pools)
        left = 0 if lost else max(0, after.get(one.id, one.seats) - used)
        near = one.id in hit and one.id not in open_
        caps.sessions[one.code] = min(left, holders[one.id]) if near else left
        for pool in one.pools:
            room = after.get(pool.id, pool.seats) - fixed[pool.id]
            caps.pools[pool.code] = 0 if lost else max(0, room)
    return caps
