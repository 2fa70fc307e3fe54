"""A booking's ticket: reference, QR code, calendar; and giving the place back."""

import io

import segno
from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from exam import clock
from exam.booking import calendar_file, rules
from exam.booking.models import Booking, BookingState
from exam.booking.services import bookings
from exam.booking.views.candidate import booking, pack
from exam.people.guards import current_actor
from exam.policy import workdays

QR_SCALE = 5


@booking.get("/ticket/<reference>")
def ticket(reference: str) -> ResponseReturnValue:
    """When, where, what to bring, until when it can be cancelled."""
    found = bookings.ticket(current_actor(), reference)
    return render_template("booking/ticket.html", **_about(found))


@booking.get("/ticket/<reference>/qr.svg")
def qr(reference: str) -> ResponseReturnValue:
    """The reference as a QR code: no name, no document number."""
    found = bookings.ticket(current_actor(), reference)
    picture = io.BytesIO()
    segno.make(found.reference, error="m").save(picture, kind="svg", scale=QR_SCALE, border=2)
    return Response(picture.getvalue(), mimetype="image/svg+xml")


@booking.get("/ticket/<reference>/calendar.ics")
def calendar(reference: str) -> ResponseReturnValue:
    """The appointment for one's own calendar."""
    found = bookings.ticket(current_actor(), reference)
    text = calendar_file.event(
        found, report_at=rules.report_time(found.starts_at, pack()), now=clock.now()
    )
    answer = Response(text, mimetype="text/calendar")
    answer.headers["Content-Disposition"] = f'attachment; filename="{found.reference}.ics"'
    return answer


@booking.get("/ticket/<reference>/cancel")
def ask_cancel(reference: str) -> ResponseReturnValue:
    """What cancelling costs, before it is done."""
    found = bookings.ticket(current_actor(), reference)
    return render_template("booking/cancel.html", **_about(found))


@booking.post("/ticket/<reference>/cancel")
def cancel(reference: str) -> ResponseReturnValue:
    """Give the place back."""
    bookings.cancel(
        current_actor(), reference, now=clock.now(), pack=pack(), calendar=workdays.load()
    )
    flash(_("Your booking is cancelled. The place goes to others by rank."), "good")
    return redirect(url_for("booking.start"), code=303)


def _about(found: Booking) -> dict[str, object]:
    session = found.session
    until = rules.cancel_until(session.date, pack(), workdays.load(), session.site.time_zone)
    live = found.state is BookingState.BOOKED
    return {
        "booking": found,
        "report_at": rules.report_time(found.starts_at, pack()),
        "cancel_until": until,
        "may_cancel": live and clock.now() < until,
        "not_announced": rules.not_announced([session.date], workdays.load()),
    }
