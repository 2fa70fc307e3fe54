"""What booking does when news comes; every handler may run again."""

from datetime import datetime

import sqlalchemy as sa

from exam.booking.events import RoundPublished
from exam.booking.models import Application, ApplicationState, Booking, BookingState, Round
from exam.booking.services.bookings import release
from exam.db import db
from exam.notify.services import Message, tell_all
from exam.registration.events import CaseEnded
from exam.registration.models import Case


def tell_results(event: RoundPublished, now: datetime) -> None:
    """One notice to everybody of the round: the seat's reference, or that there is a reason."""
    rows = db.session.execute(
        sa.select(Application.id, Application.subject, Case.person_id, Booking.reference)
        .join(Case, Case.id == Application.case_id)
        .outerjoin(Booking, Booking.application_id == Application.id)
        .where(
            Application.round_id == event.round_id,
            Application.state.in_((ApplicationState.SERVED, ApplicationState.REFUSED)),
        )
    )
    tell_all(
        [
            Message(
                "booking.seated" if reference else "booking.refused",
                person_id=person_id,
                dedup_key=f"round-published:{key}",
                facts={"round": event.code, "subject": subject, "reference": reference},
            )
            for key, subject, person_id, reference in rows
        ],
        now=now,
    )


def end_case(event: CaseEnded, now: datetime) -> None:
    """A case that ended books nothing: its places go back, its open applications with them."""
    live = sa.select(Booking.id).where(
        Booking.case_id == event.case_id, Booking.state == BookingState.BOOKED
    )
    for booking_id in db.session.scalars(live).all():
        release(booking_id, now=now, reason=event.rule)
    undecided = sa.select(Round.id).where(Round.round_sha256.is_(None))
    db.session.execute(
        sa.update(Application)
        .where(
            Application.case_id == event.case_id,
            Application.state == ApplicationState.ACTIVE,
            Application.round_id.in_(undecided),
        )
        .values(state=ApplicationState.WITHDRAWN, changed_at=now)
    )
