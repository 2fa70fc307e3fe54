"""What states, outcomes and reasons are called on the pages of the day."""

from typing import Any

from flask_babel import lazy_gettext as _

from exam.examday.models import DayState, ExceptionKind, SittingState
from exam.policy.scoring import Entry, Item
from exam.registration.models import ResultOutcome
from exam.web import names
from exam.web.locale import language

SUBJECTS = names.SUBJECTS

DAY_STATES: dict[DayState, Any] = {
    DayState.PREPARING: _("Being prepared"),
    DayState.OPEN: _("Day is open"),
    DayState.CLOSED: _("Day is closed"),
}

STATES: dict[SittingState, tuple[Any, str]] = {
    SittingState.EXPECTED: (_("Expected"), "quiet"),
    SittingState.CHECKED_IN: (_("Waiting"), "info"),
    SittingState.CALLED: (_("Called"), "warn"),
    SittingState.DRAWN: (_("Drawn"), "info"),
    SittingState.TESTING: (_("In the exam"), "info"),
    SittingState.RETAKE_OFFERED: (_("Retake offered"), "warn"),
    SittingState.TO_SIGN: (_("To be signed"), "warn"),
    SittingState.SIGNED: (_("Finished"), "good"),
    SittingState.RELEASED: (_("Ended without fault"), "quiet"),
}

TONES: dict[ResultOutcome, str] = {
    ResultOutcome.PASSED: "good",
    ResultOutcome.FAILED: "bad",
    ResultOutcome.ABSENT: "bad",
    ResultOutcome.NO_FAULT: "quiet",
}
OUTCOMES = {x: (names.OUTCOMES[x], tone) for x, tone in TONES.items()}

NO_FAULT: dict[str, Any] = {
    "equipment": _("Vehicle, terminal or sensor failed"),
    "power": _("Power cut"),
    "network": _("Network or exam system failed"),
    "weather": _("Because of the weather"),
    "road": _("Road or traffic closed the route"),
    "site": _("The site or its staff"),
    "illness": _("The candidate was taken ill"),
    "document": _("A document was missing"),
    "late": _("Late through no fault of the candidate"),
    "other": _("Another reason"),
}

CHECKLIST: dict[str, tuple[Any, Any]] = {
    "staff": (_("Staff"), _("All on duty are here, phones are handed in.")),
    "identity": (_("Identity check"), _("Card reader and camera at the desk work.")),
    "equipment": (
        _("Vehicles and terminals"),
        _("Each was tried today, field and routes are clear."),
    ),
    "system": (_("Exam system"), _("Scoring, clock and printer work.")),
    "recording": (
        _("Sound and picture"),
        _("All cameras record; without recording there is no exam."),
    ),
    "first_aid": (_("First aid"), _("The kit is complete, the first-aider is here.")),
}

EXCEPTIONS: dict[ExceptionKind, Any] = {
    ExceptionKind.REDRAW: _("Draw again"),
    ExceptionKind.NO_FAULT: _("End without fault, against the default"),
}


def words(thing: Entry | Item) -> str:
    """A deduction or an item in the reader's language."""
    return thing.zh if language() == "zh" else thing.en
