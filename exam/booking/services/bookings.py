"""Bookings after the round: read, cancelled by the candidate, released or used by the office."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from exam.audit import services as audit
from exam.booking import rules
from exam.booking.models import BOOKING_MOVES, Booking, BookingState, Session
from exam.booking.wording import refused
from exam.db import db, lock_row, transaction
from exam.errors import InvalidInput, NotFound
from exam.people.roles import Actor
from exam.policy.eligibility import Refusal
from exam.policy.pack import Pack
from exam.policy.workdays import WorkingDays
from exam.registration.models import Case
from exam.states import move

WHOLE = (
    joinedload(Booking.case).joinedload(Case.person),
    joinedload(Booking.session).joinedload(Session.site),
    joinedload(Booking.pool),
)
ON_THE_DAY = (BookingState.BOOKED, BookingState.USED)


def bookings_on(site_id: UUID, day: date) -> list[Booking]:
    """Live and used bookings of a site and day, by start, with case, person, session, pool."""
    query = (
        sa.select(Booking)
        .join(Session, Session.id == Booking.session_id)
        .where(Session.site_id == site_id, Session.date == day, Booking.state.in_(ON_THE_DAY))
        .options(*WHOLE)
        .order_by(Booking.starts_at, Booking.reference)
    )
    return list(db.session.scalars(query))


def bookings_of(person_id: UUID) -> list[Booking]:
    """All bookings of a person, the latest exam first."""
    query = (
        sa.select(Booking)
        .join(Case, Case.id == Booking.case_id)
        .where(Case.person_id == person_id)
        .options(*WHOLE)
        .order_by(Booking.starts_at.desc())
    )
    return list(db.session.scalars(query))


def ticket(actor: Actor, reference: str) -> Booking:
    """A candidate's own booking by its reference.

    Raises:
        NotFound: unknown, or somebody else's.
    """
    query = sa.select(Booking).where(Booking.reference == reference).options(*WHOLE)
    found = db.session.scalar(query)
    if found is None or actor.person_id is None or found.case.person_id != actor.person_id:
        raise NotFound
    return found


def cancel(
    actor: Actor, reference: str, *, now: datetime, pack: Pack, calendar: WorkingDays
) -> Booking:
    """The candidate gives her place back; the time of it becomes her ranking time (WS137 9(2)3).

    Race stopped: cancelling while the office releases or uses the booking; the row is locked.

    Raises:
        RuleRefused: later than the pack's notice.
        WrongState: it is no longer a live booking.
    """
    with transaction():
        known = ticket(actor, reference)
        until = rules.cancel_until(known.session.date, pack, calendar, known.session.site.time_zone)
        if now >= until:
            raise refused([Refusal("round.cancel_notice", {"last_moment": until.isoformat()})])
        found: Booking = lock_row(Booking, known.id)
        _end(found, BookingState.CANCELLED, now)
        audit.record(
            "booking.cancelled",
            found,
            now=now,
            account_id=actor.account_id,
            role=actor.role,
            for_person_id=actor.person_id,
            rule="key.own_withdrawal",
            pack=pack.edition,
        )
    return found


def release_by_office(actor: Actor, reference: str, *, reason: str, now: datetime) -> Booking:
    """The office takes a place back through no fault of the candidate's.

    Raises:
        InvalidInput: no reason.
        NotFound: unknown, or of another office.
    """
    if not reason.strip():
        raise InvalidInput(field="reason")
    with transaction() as session:
        found = session.scalar(sa.select(Booking).where(Booking.reference == reference))
        if found is None or not actor.covers(office_id=found.office_id):
            raise NotFound
        return release(found.id, now=now, actor=actor, reason=reason.strip())


def release(
    booking_id: UUID,
    *,
    now: datetime,
    actor: Actor | None = None,
    reason: str | None = None,
) -> Booking:
    """No fault of the candidate's: the place is given back, the rank key stays as it was.

    In the caller's transaction; the row is locked against a cancellation at the same moment.

    Raises:
        NotFound, WrongState.
    """
    found = _locked(booking_id)
    _end(found, BookingState.RELEASED, now)
    audit.record(
        "booking.released",
        found,
        now=now,
        account_id=actor.account_id if actor else None,
        role=actor.role if actor else None,
        reason=reason,
    )
    return found


def finish(booking_id: UUID, *, now: datetime) -> Booking:
    """The sitting has its signed result: the booking is used. In the caller's transaction.

    Raises:
        NotFound, WrongState.
    """
    found = _locked(booking_id)
    _end(found, BookingState.USED, now)
    return found


def finish_many(booking_ids: Sequence[UUID], *, now: datetime) -> int:
    """Use many bookings in the caller's transaction; returns how many were live."""
    done = db.session.execute(
        sa.update(Booking)
        .where(Booking.id.in_(booking_ids), Booking.state == BookingState.BOOKED)
        .values(state=BookingState.USED, ended_at=now)
        .returning(Booking.id)
    )
    return len(done.all())


def _locked(booking_id: UUID) -> Booking:
    found: Booking | None = lock_row(Booking, booking_id)
    if found is None:
        raise NotFound
    return found


def _end(found: Booking, state: BookingState, now: datetime) -> None:
    found.state = move(found.state, state, BOOKING_MOVES)
    found.ended_at = now
