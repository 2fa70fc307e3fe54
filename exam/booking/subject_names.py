"""What subjects, states and kinds of places are called."""

from typing import Any

from flask_babel import lazy_gettext as _

from exam.booking.models import ApplicationState, BookingState, PlanState, RoundState
from exam.web import names

SUBJECT_NAMES = names.SUBJECTS

Named = tuple[Any, str]
"""Name and tone of a state."""

PLAN_STATES: dict[PlanState, Named] = {
    PlanState.DRAFT: (_("Draft"), "quiet"),
    PlanState.PUBLISHED: (_("Published"), "good"),
    PlanState.CLOSED: (_("Over"), "quiet"),
}

ROUND_STATES: dict[RoundState, Named] = {
    RoundState.PLANNED: (_("Not open yet"), "quiet"),
    RoundState.OPEN: (_("Takes applications"), "info"),
    RoundState.CLOSED: (_("Closed, being frozen"), "warn"),
    RoundState.FROZEN: (_("Frozen, being solved"), "warn"),
    RoundState.SOLVED: (_("Solved, being checked"), "warn"),
    RoundState.CHECKED: (_("Checked, waiting for signatures"), "warn"),
    RoundState.PUBLISHED: (_("Published"), "good"),
}

APPLICATION_STATES: dict[ApplicationState, Named] = {
    ApplicationState.ACTIVE: (_("Saved, not decided yet"), "info"),
    ApplicationState.WITHDRAWN: (_("Withdrawn"), "quiet"),
    ApplicationState.SERVED: (_("Seat given"), "good"),
    ApplicationState.REFUSED: (_("No seat in this round"), "warn"),
}

BOOKING_STATES: dict[BookingState, Named] = {
    BookingState.BOOKED: (_("Booked"), "good"),
    BookingState.CANCELLED: (_("Cancelled by you"), "quiet"),
    BookingState.RELEASED: (_("Taken back by the office, at no cost to you"), "warn"),
    BookingState.USED: (_("Exam done"), "quiet"),
}

PLACE_KINDS: dict[str, Any] = {"terminal": _("Computer")}


def place_kind(kind: str) -> Any:
    """A kind of place in words: terminals, or the kind of vehicle by its class."""
    return PLACE_KINDS.get(kind) or _("%(kind)s vehicle", kind=kind)
