"""Bookings become sittings, and who sat where at an instant."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from exam.audit import services as audit
from exam.booking.models import Booking, BookingState, Session
from exam.booking.services import bookings_on
from exam.clock import civil_date
from exam.db import advisory_lock, db, new_id, transaction
from exam.errors import NotFound
from exam.examday.desk import WHOLE
from exam.examday.models import IN_USE, Attempt, DayState, ExamDay, Sitting, SittingState, Terminal
from exam.examday.rules import TICKET_LETTERS, ticket
from exam.people.models import Site
from exam.people.roles import Actor
from exam.policy.pack import Pack


def start_day(site_id: UUID, on: date, *, now: datetime, actor: Actor | None = None) -> ExamDay:
    """Make the day of a site and a sitting for each booking on it; safe to run again.

    Race stopped: the morning's job and an officer's button making two sittings of one booking, or
    giving a ticket twice; the day's row is locked.

    Args:
        site_id: the site.
        on: the civil date there.
        now: the injected time.
        actor: the officer who pressed the button; None for the job.

    Raises:
        NotFound: no such site in the actor's scope.
    """
    with transaction() as session:
        site = session.get(Site, site_id)
        if site is None or (
            actor is not None and not actor.covers(office_id=site.office_id, site_id=site.id)
        ):
            raise NotFound
        day = _locked_or_new(site, on)
        if day.state is DayState.CLOSED:
            return day
        made = _add_sittings(day)
        if made or day.opened_at is None:
            audit.record(
                "examday.started",
                day,
                now=now,
                account_id=actor.account_id if actor else None,
                role=actor.role if actor else None,
                sittings=made,
            )
    return day


def _locked_or_new(site: Site, on: date) -> ExamDay:
    lock_morning(site.id, on)
    row = insert(ExamDay).values(
        id=new_id(), site_id=site.id, date=on, state=DayState.PREPARING, checklist={}
    )
    db.session.execute(row.on_conflict_do_nothing(index_elements=["site_id", "date"]))
    query = sa.select(ExamDay).where(ExamDay.site_id == site.id, ExamDay.date == on)
    return db.session.scalars(
        query.with_for_update().execution_options(populate_existing=True)
    ).one()


def lock_morning(site_id: UUID, on: date) -> None:
    """Hold the morning of a site in the caller's transaction, whether its row exists or not.

    Race stopped: a day making its sittings while a replanning moves the people who are due there.
    """
    advisory_lock("exam_day", f"{site_id}:{on}")


def _add_sittings(day: ExamDay) -> int:
    have = set(
        db.session.scalars(sa.select(Sitting.booking_id).where(Sitting.exam_day_id == day.id))
    )
    tickets = db.session.scalars(sa.select(Sitting.ticket).where(Sitting.exam_day_id == day.id))
    used = Counter(x[0] for x in tickets)
    new = [
        x
        for x in bookings_on(day.site_id, day.date)
        if x.id not in have and x.state is BookingState.BOOKED
    ]
    for booking in sorted(new, key=lambda x: (x.starts_at, x.reference)):
        letter = TICKET_LETTERS[booking.subject]
        used[letter] += 1
        db.session.add(
            Sitting(
                id=new_id(),
                exam_day_id=day.id,
                booking_id=booking.id,
                ticket=ticket(booking.subject, used[letter]),
                state=SittingState.EXPECTED,
            )
        )
    db.session.flush()
    return len(new)


def start_due_days(*, now: datetime, pack: Pack) -> int:
    """Start today's days at all sites whose morning has come; returns how many have sittings."""
    started = 0
    hour = pack.integer("day.start_hour")
    with transaction() as session:
        sites = [(x.id, x.time_zone) for x in session.scalars(sa.select(Site))]
    for site_id, zone in sites:
        on = civil_date(now, zone)
        if _hour(now, zone) >= hour and _waits(site_id, on):
            start_day(site_id, on, now=now)
            started += 1
    return started


def _hour(now: datetime, zone: str) -> int:
    return now.astimezone(ZoneInfo(zone)).hour


def _waits(site_id: UUID, on: date) -> bool:
    """Whether a live booking of the day has no sitting yet."""
    query = (
        sa.select(Booking.id)
        .join(Session, Session.id == Booking.session_id)
        .outerjoin(Sitting, Sitting.booking_id == Booking.id)
        .where(
            Session.site_id == site_id,
            Session.date == on,
            Booking.state == BookingState.BOOKED,
            Sitting.id.is_(None),
        )
        .limit(1)
    )
    with transaction() as session:
        return session.scalar(query) is not None


def sitting_at(
    *, at: datetime, terminal_id: UUID | None = None, vehicle_id: UUID | None = None
) -> Sitting | None:
    """Who sat at a terminal or in a vehicle at an instant; whole, or None.

    From the draw on the place is hers, so that what a camera sees before the attempt is opened
    finds her as well.

    Args:
        at: aware time.
        terminal_id: the terminal, or
        vehicle_id: the vehicle; exactly one of the two.

    Raises:
        ValueError: neither or both places are given.
    """
    if (terminal_id is None) == (vehicle_id is None):
        raise ValueError("give a terminal or a vehicle")
    place = Attempt.terminal_id == terminal_id if terminal_id else Attempt.vehicle_id == vehicle_id
    tried = (
        sa.select(Attempt.sitting_id)
        .where(place, Attempt.opened_at <= at)
        .where(sa.or_(Attempt.ended_at.is_(None), Attempt.ended_at >= at))
        .order_by(Attempt.opened_at.desc())
        .limit(1)
    )
    found = db.session.scalar(tried)
    if found is None:
        here = (
            Sitting.terminal_id == terminal_id if terminal_id else Sitting.vehicle_id == vehicle_id
        )
        drawn = sa.select(Sitting.id).where(here, Sitting.drawn_at <= at, Sitting.state.in_(IN_USE))
        found = db.session.scalar(drawn)
    if found is None:
        return None
    return db.session.scalar(sa.select(Sitting).where(Sitting.id == found).options(*WHOLE))


def sittings_in_room(room_id: UUID, *, at: datetime) -> Sequence[Sitting]:
    """Everybody whose attempt ran in a room at an instant: for cameras that see many."""
    query = (
        sa.select(Sitting)
        .join(Attempt, Attempt.sitting_id == Sitting.id)
        .join(Terminal, Terminal.id == Attempt.terminal_id)
        .where(Terminal.room_id == room_id, Attempt.opened_at <= at)
        .where(sa.or_(Attempt.ended_at.is_(None), Attempt.ended_at >= at))
        .options(*WHOLE)
        .order_by(Sitting.ticket)
    )
    return db.session.scalars(query).unique().all()
