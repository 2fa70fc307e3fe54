"""Two names approve a draft; then it is told, and only now seats change."""

from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from exam.audit import services as audit
from exam.booking.models import Booking, BookingState, Pool, Session
from exam.booking.round_files import PLAN_FILES, digests
from exam.booking.services import offering, publishing
from exam.db import db, new_id, transaction
from exam.errors import Conflict, NotAllowed, WrongState
from exam.examday.sittings import lock_morning
from exam.people.roles import Act, Actor
from exam.policy.pack import Pack
from exam.registration.models import Case
from exam.replanning.asking import locked_replan
from exam.replanning.events import ReplanTold
from exam.replanning.freshness import mark_stale, outdated
from exam.replanning.models import (
    MOVED,
    REPLAN_MOVES,
    Change,
    Replan,
    ReplanLine,
    ReplanState,
)
from exam.replanning.reading import folder_of, loaded
from exam.states import move
from exam.system import outbox

LEAVES = (*MOVED, Change.LOST)
ARRIVES = (*MOVED, Change.SEATED)


def sign(actor: Actor, replan_id: UUID, *, now: datetime, pack: Pack) -> Replan:
    """The planner has looked at the draft and signs first.

    Raises:
        Conflict: the draft is stale; it is being solved again.
        NotAllowed: the role may not sign first.
        WrongState: no draft, or signed already.
    """
    Replan.NAMES.may_ask(actor)
    with transaction():
        found = locked_replan(actor, replan_id)
        if found.state is not ReplanState.DRAFT or found.signed_by is not None:
            raise WrongState
        fresh = _fresh(found, now=now, pack=pack)
        if fresh:
            Replan.NAMES.ask(found, actor, now=now)
            _note("replan.signed", found, actor, now, round_sha256=found.round_sha256)
    _refuse_stale(fresh=fresh)
    return found


def approve(actor: Actor, replan_id: UUID, *, now: datetime, pack: Pack) -> Replan:
    """A duty leader, who did not sign first, approves; nobody has been told yet.

    Raises:
        Conflict: the draft is stale; it is being solved again.
        NotAllowed: the role may not sign second, or it is the person who signed first.
        WrongState: no draft, or not signed first.
    """
    with transaction():
        found = locked_replan(actor, replan_id)
        if found.state is not ReplanState.DRAFT or found.signed_by is None:
            raise WrongState
        Replan.NAMES.may_decide(found, actor)
        fresh = _fresh(found, now=now, pack=pack)
        if fresh:
            Replan.NAMES.decide(found, actor, now=now)
            found.state = move(found.state, ReplanState.APPROVED, REPLAN_MOVES)
            _note("replan.approved", found, actor, now, signed_first=str(found.signed_by))
    _refuse_stale(fresh=fresh)
    return found


def tell(actor: Actor, replan_id: UUID, *, now: datetime, pack: Pack, data_folder: Path) -> Replan:
    """Seats change, all of them or none, and everybody whom it concerns is told.

    Races stopped: a candidate who gives her place back (the bookings are locked, then everything
    is read anew and compared with the draft), an exam day that makes its sittings (its morning is
    held), another round or replanning that takes a seat (the sessions are locked; a unique index
    on live seats stands behind it), and two who tell at once (the replanning's row is locked).

    Raises:
        Conflict: the draft is stale and is being solved again, or its files are not those that
            were checked.
        NotAllowed: neither planner nor duty leader.
        WrongState: not approved, or told already.
    """
    if not _may_tell(actor):
        raise NotAllowed
    with transaction():
        found = locked_replan(actor, replan_id)
        if found.state is not ReplanState.APPROVED:
            raise WrongState
        known = loaded(replan_id)
        _hold_everything(known)
        fresh = _fresh(found, now=now, pack=pack)
        if fresh:
            if (
                digests(folder_of(data_folder, known) / "plan", PLAN_FILES)
                != found.summary["files"]
            ):
                raise Conflict(_("The files of this plan are not those that were checked."))
            _change_offers(known, now)
            _change_seats(found, actor, now)
            found.told_at = now
            found.state = move(found.state, ReplanState.TOLD, REPLAN_MOVES)
            outbox.publish(ReplanTold(replan_id=found.id), now=now)
            _note("replan.told", found, actor, now, kind=found.kind)
    _refuse_stale(fresh=fresh)
    return found


def _may_tell(actor: Actor) -> bool:
    return actor.may_sign(Act.PUBLISH_ROUND, second=False) or actor.may_sign(
        Act.PUBLISH_ROUND, second=True
    )


def _fresh(found: Replan, *, now: datetime, pack: Pack) -> bool:
    """Whether the draft still stands; if not it is marked, and nothing else is done with it."""
    reasons = outdated(loaded(found.id), now=now, pack=pack)
    if reasons:
        mark_stale(found, reasons, now=now)
    return not reasons


def _refuse_stale(*, fresh: bool) -> None:
    if not fresh:
        raise Conflict(
            _(
                "Something has changed since this draft was made. Nothing was changed for anybody;"
                " it is being solved again."
            )
        )


def _hold_everything(found: Replan) -> None:
    """Lock mornings, sessions and bookings, in this order and each in the order of its key."""
    wanted = Session.code.in_(found.summary["touched"])
    days = db.session.execute(
        sa.select(Session.site_id, Session.date).where(wanted).distinct()
    ).all()
    for site_id, day in sorted(days, key=str):
        lock_morning(site_id, day)
    keys = db.session.scalars(
        sa.select(Session.id).where(wanted).order_by(Session.id).with_for_update()
    ).all()
    db.session.execute(
        sa.select(Booking.id)
        .where(Booking.session_id.in_(keys), Booking.state == BookingState.BOOKED)
        .order_by(Booking.id)
        .with_for_update()
    ).all()


def _change_offers(found: Replan, now: datetime) -> None:
    for one in found.offers:
        if one.cancels:
            one.session.cancelled_at = now
        elif one.pool is not None:
            one.pool.seats = one.seats_after
        else:
            one.session.seats = one.seats_after
    db.session.flush()


def _change_seats(found: Replan, actor: Actor, now: datetime) -> None:
    lines = db.session.scalars(
        sa.select(ReplanLine)
        .where(ReplanLine.replan_id == found.id, ReplanLine.change.in_((*LEAVES, Change.SEATED)))
        .order_by(ReplanLine.id)
    ).all()
    held = _bookings([x.booking_id for x in lines if x.booking_id])
    cases = _cases([x.case_id for x in lines])
    _release(lines, now)
    _seat([x for x in lines if x.change in ARRIVES], held, cases, now)
    _refuse_oversold(found.summary["touched"])
    for line in lines:
        audit.record(
            f"booking.replan_{line.change.value}",
            found,
            now=now,
            account_id=actor.account_id,
            role=actor.role,
            for_person_id=cases[line.case_id].person_id,
            kind=found.kind,
            booking=line.booking_id,
            new_booking=line.new_booking_id,
        )


def _bookings(keys: Collection[UUID]) -> dict[UUID, Booking]:
    found = db.session.scalars(sa.select(Booking).where(Booking.id.in_(keys)))
    return {x.id: x for x in found}


def _cases(keys: Collection[UUID]) -> dict[UUID, Case]:
    query = sa.select(Case).where(Case.id.in_(keys)).options(joinedload(Case.person))
    return {x.id: x for x in db.session.scalars(query)}


def _release(lines: Sequence[ReplanLine], now: datetime) -> None:
    """Give the old seats back first: one person's new seat may be another one's old one."""
    for changes, displaced in ((MOVED, False), ((Change.LOST,), True)):
        keys = [x.booking_id for x in lines if x.change in changes]
        if keys:
            db.session.execute(
                sa.update(Booking)
                .where(Booking.id.in_(keys), Booking.state == BookingState.BOOKED)
                .values(state=BookingState.RELEASED, ended_at=now, displaced=displaced)
            )
    lost = sa.select(Booking.application_id).where(
        Booking.id.in_([x.booking_id for x in lines if x.change is Change.LOST]),
        Booking.application_id.is_not(None),
    )
    publishing.return_credits([x for x in db.session.scalars(lost) if x is not None], now)


def _seat(
    lines: Sequence[ReplanLine],
    held: dict[UUID, Booking],
    cases: dict[UUID, Case],
    now: datetime,
) -> None:
    if not lines:
        return
    query = sa.select(Pool).where(Pool.id.in_({x.to_pool_id for x in lines}))
    pools = {x.id: x for x in db.session.scalars(query.options(joinedload(Pool.session)))}
    free = publishing.free_seats(pools)
    rows = []
    for line in lines:
        assert line.to_pool_id is not None
        if not free[line.to_pool_id]:
            raise Conflict(_("A seat of this plan has been taken meanwhile. Solve again."))
        seat_id = free[line.to_pool_id].pop()
        before = held.get(line.booking_id) if line.booking_id else None
        row = _booking_row(line, pools[line.to_pool_id], seat_id, cases[line.case_id], now)
        row["application_id"] = before.application_id if before else None
        rows.append(row)
    db.session.execute(sa.insert(Booking), rows)
    for line, row in zip(lines, rows, strict=True):
        line.new_booking_id = row["id"]
    db.session.flush()


def _booking_row(
    line: ReplanLine, pool: Pool, seat_id: UUID, case: Case, now: datetime
) -> dict[str, Any]:
    return {
        "id": new_id(),
        "reference": publishing.new_reference(),
        "office_id": pool.session.office_id,
        "case_id": line.case_id,
        "person_number": case.person.number,
        "subject": line.subject,
        "session_id": pool.session_id,
        "pool_id": pool.id,
        "seat_id": seat_id,
        "starts_at": pool.session.starts_at,
        "ends_at": pool.session.ends_at,
        "state": BookingState.BOOKED,
        "created_at": now,
    }


def _refuse_oversold(touched: Collection[str]) -> None:
    """A cap has no rows of seats; the locked sessions and this count stand for it."""
    live = Booking.state.in_(offering.TAKEN)
    for model, column in ((Session, Booking.session_id), (Pool, Booking.pool_id)):
        over = (
            sa.select(model.id)
            .join(Booking, sa.and_(column == model.id, live))
            .where(Booking.session_id.in_(sa.select(Session.id).where(Session.code.in_(touched))))
            .group_by(model.id, model.seats)
            .having(sa.func.count() > model.seats)
        )
        if db.session.scalar(over.limit(1)) is not None:
            raise Conflict(_("A seat of this plan has been taken meanwhile. Solve again."))


def _note(act: str, found: Replan, actor: Actor, now: datetime, **facts: Any) -> None:
    audit.record(act, found, now=now, account_id=actor.account_id, role=actor.role, **facts)
