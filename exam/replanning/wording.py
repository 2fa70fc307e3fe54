"""What replannings, their states and their changes are called on pages."""

from typing import Any

from flask_babel import lazy_gettext as _

from exam.booking.wording import RULES, sentence
from exam.examday.models import OutageCause
from exam.policy.eligibility import Refusal
from exam.replanning.models import Change, ReplanKind, ReplanState

Named = tuple[Any, str]
"""Name and tone of a state."""

KINDS: dict[ReplanKind, Any] = {
    ReplanKind.VEHICLE_OUT: _("A vehicle is out of order"),
    ReplanKind.EXAMINER_AWAY: _("An examiner is away"),
    ReplanKind.SESSION_CANCELLED: _("Sessions are cancelled"),
    ReplanKind.SESSION_CUT: _("Sessions have fewer seats"),
    ReplanKind.SITE_CLOSED: _("A site is closed"),
    ReplanKind.GREEN_CHANNEL: _("Somebody comes by the green channel"),
}

STATES: dict[ReplanState, Named] = {
    ReplanState.ASKED: (_("Being solved"), "warn"),
    ReplanState.DRAFT: (_("Draft: nobody has been told"), "info"),
    ReplanState.APPROVED: (_("Approved: nobody has been told"), "warn"),
    ReplanState.TOLD: (_("Told"), "good"),
    ReplanState.STALE: (_("Out of date, being solved again"), "warn"),
    ReplanState.DROPPED: (_("Dropped"), "quiet"),
}

CHANGES: dict[Change, Named] = {
    Change.KEPT: (_("Keeps the seat"), "good"),
    Change.POOL: (_("Same session, another kind of place"), "info"),
    Change.SESSION: (_("Another session"), "warn"),
    Change.LOST: (_("No seat left"), "bad"),
    Change.SEATED: (_("Gets a seat"), "good"),
    Change.NOT_SEATED: (_("Gets no seat"), "warn"),
}

STALE: dict[str, Any] = {
    "left": _("Seats given back or used since: %(count)s."),
    "came": _("Seats booked since: %(count)s."),
    "begun": _("An exam day that it touches has begun."),
    "other": _("Seats, days or rules have changed."),
}


CAUSES: dict[OutageCause, Any] = {
    OutageCause.REPAIR: _("In repair"),
    OutageCause.INSPECTION: _("At its inspection"),
    OutageCause.AWAY: _("Away (why is not kept)"),
}


def stale_reasons(found: dict[str, int]) -> list[str]:
    """Why an earlier draft did not hold, in words."""
    return [str(STALE[name]) % {"count": count} for name, count in found.items()]


def failure(progress: dict[str, Any]) -> str:
    """What stopped the work, in words: the rule, where it was one."""
    name = str(progress["failure"])
    return sentence(Refusal(name, progress.get("facts", {}))) if name in RULES else name
