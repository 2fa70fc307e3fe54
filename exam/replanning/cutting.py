"""An outage cuts the seats of sessions whose round is not decided yet, before it is solved.

What is decided is replanned, by two names; what is not decided has been promised to nobody. Seats
come back when the thing is there again, as long as the round is still open.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from exam.audit import services as audit
from exam.booking.models import Pool, Round, RoundState, Session
from exam.booking.services import offering
from exam.clock import civil_date
from exam.db import db, new_id, transaction
from exam.examday.models import Outage
from exam.people.models import Site
from exam.replanning.models import SeatCut
from exam.replanning.proposals import Touched, touched_by

UNDECIDED = frozenset({RoundState.PLANNED, RoundState.OPEN})


def follow(*, now: datetime) -> dict[str, int]:
    """Cut for every outage that holds: plans are published and rounds opened after it too."""
    rows = db.session.execute(
        sa.select(Outage.id, Outage.last_day, Site.time_zone)
        .join(Site, Site.id == Outage.site_id)
        .where(Outage.lifted_at.is_(None))
    ).all()
    db.session.rollback()
    live = [key for key, last, zone in rows if last >= civil_date(now, zone)]
    return {"cut": sum(cut(x, now=now) for x in live)}


def cut(outage_id: UUID, *, now: datetime) -> int:
    """Take an outage's seats from undecided sessions, once from each; returns from how many.

    Race stopped: the freeze of a round at that moment; its row is locked here as there, so that
    seats are either cut before the round is closed, or left for the replanning.
    """
    with transaction():
        found = _locked(outage_id)
        if found is None or found.lifted_at is not None:
            return 0
        open_ = _undecided([x.session for x in touched_by(found)])
        touched = [x for x in touched_by(found) if x.session.id in open_ and x.cut is None]
        made = [y for x in touched if (y := _cut(found, x, now)) is not None]
        db.session.add_all(made)
        if made:
            db.session.flush()
            audit.record("seats.cut", found, now=now, account_id=None, sessions=len(made))
    return len(made)


def give_back(outage_id: UUID, *, now: datetime) -> int:
    """Give undecided sessions their seats back; returns to how many.

    Race stopped: as in `cut`; what a round was frozen without stays away.
    """
    with transaction() as session:
        found = _locked(outage_id)
        cuts = session.scalars(
            sa.select(SeatCut)
            .where(SeatCut.outage_id == outage_id, SeatCut.undone_at.is_(None))
            .order_by(SeatCut.session_id)
        ).all()
        sessions = _sessions([x.session_id for x in cuts])
        open_ = _undecided(sessions)
        undone = [x for x in cuts if x.session_id in open_]
        for one in undone:
            _give_back(one, next(x for x in sessions if x.id == one.session_id), now)
        if undone and found is not None:
            audit.record("seats.given_back", found, now=now, account_id=None, sessions=len(undone))
    return len(undone)


def _locked(outage_id: UUID) -> Outage | None:
    query = sa.select(Outage).where(Outage.id == outage_id).with_for_update(of=Outage)
    return db.session.scalar(query.execution_options(populate_existing=True))


def _undecided(sessions: Sequence[Session]) -> set[UUID]:
    """Which of them no round has begun to decide; their rounds and then they are locked."""
    rounds = db.session.scalars(
        sa.select(Round)
        .where(Round.plan_id.in_({x.plan_id for x in sessions}))
        .order_by(Round.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    decided = {
        x.id
        for x in sessions
        for y in rounds
        if y.plan_id == x.plan_id
        and y.first_day <= x.date <= y.last_day
        and y.state not in UNDECIDED
    }
    keys = [x.id for x in sessions if x.id not in decided]
    _sessions(keys)
    db.session.expire_all()  # what was read before the locks may be old
    return set(keys)


def _sessions(keys: Sequence[UUID]) -> Sequence[Session]:
    query = sa.select(Session).where(Session.id.in_(keys)).order_by(Session.id)
    return db.session.scalars(query.with_for_update()).all()


def _cut(found: Outage, touched: Touched, now: datetime) -> SeatCut | None:
    """Never below what is booked there already."""
    session = touched.session
    taken = offering.taken_by_pool([session])
    pool = next((x for x in session.pools if x.id in touched.left), None)
    pool_cut = vehicles = 0
    if pool is not None:
        pool_cut = max(0, pool.seats - max(touched.left[pool.id], taken.get(pool.id, 0)))
        vehicles = 1 if found.vehicle_id and pool.vehicles > 1 else 0
        pool.seats -= pool_cut
        pool.vehicles -= vehicles
    wanted = max(touched.left.get(session.id, session.seats), sum(taken.values()))
    session_cut = max(0, session.seats - wanted)
    session.seats -= session_cut
    if not session_cut + pool_cut + vehicles:
        return None
    return SeatCut(
        id=new_id(),
        outage_id=found.id,
        session_id=session.id,
        pool_id=pool.id if pool else None,
        session_seats=session_cut,
        pool_seats=pool_cut,
        vehicles=vehicles,
        cut_at=now,
    )


def _give_back(one: SeatCut, session: Session, now: datetime) -> None:
    session.seats += one.session_seats
    if one.pool_id is not None:
        pool = db.session.get_one(Pool, one.pool_id)
        pool.seats += one.pool_seats
        pool.vehicles += one.vehicles
    one.undone_at = now
