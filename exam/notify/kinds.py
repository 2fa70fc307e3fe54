"""What each kind of notice says. Features add their kinds here: a kind and its words.

A notice keeps a kind and parameters; the words are made when it is read, in the reader's language.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from exam.notify.models import Notice
from exam.web.filters import day
from exam.web.names import EVENTS, SUBJECTS, outcome_name

Words = Callable[[Mapping[str, Any]], str]

KINDS: dict[str, Words] = {}


def says(text: Any) -> Words:
    """Words with the notice's parameters filled in: subjects by name, days as people write them."""

    def fill(facts: Mapping[str, Any]) -> str:
        return str(text) % {key: _readable(key, value) for key, value in facts.items()}

    return fill


def text_of(notice: Notice) -> str:
    """A notice in words; an unknown kind, of a newer release perhaps, says where to look."""
    return words_of(notice.kind, notice.facts)


def words_of(kind: str, facts: Mapping[str, Any]) -> str:
    """The words of a kind with its parameters filled in."""
    words = KINDS.get(kind)
    return words(facts) if words else gettext("There is news about your case.")


def _readable(key: str, value: Any) -> Any:
    if key == "subject":
        return str(SUBJECTS.get(str(value), value))
    if key == "outcome":
        return outcome_name(str(value))
    if key == "because":
        return str(EVENTS.get(str(value), value))
    if key in ("until", "date"):
        return day(date.fromisoformat(str(value)))
    return value


KINDS |= {
    "case.preregistered": says(_("A school has registered you. Please check and confirm.")),
    "case.handed_in": says(_("Your application for class %(class)s is with the reviewer.")),
    "case.not_taken": says(
        _(
            "Somebody handed in an application with your document number. Nothing was changed: you"
            " have one already, or other details are on file. Was it you? Then come to the counter"
            " with your document."
        )
    ),
    "case.accepted": says(
        _("Your application for class %(class)s was accepted. Serial number: %(serial)s.")
    ),
    "case.returned": says(_("Your application came back. See what is missing and send it again.")),
    "case.ended": says(_("Your case has ended. You can register again.")),
    "permit.issued": says(
        _("Your learner permit %(number)s was issued. It is valid until %(until)s.")
    ),
    "result.recorded": says(_("%(subject)s on %(date)s: %(outcome)s.")),
    "result.to_sign": says(
        _("%(subject)s: the examiner has signed (%(outcome)s). Please read the sheet and sign.")
    ),
    "result.no_fault": says(
        _(
            "%(subject)s: the exam ended through no fault of yours. Nothing is counted, and you may"
            " book again at once."
        )
    ),
    "booking.seated": says(_("You have a seat for %(subject)s. Reference: %(reference)s.")),
    "booking.refused": says(
        _("You got no seat for %(subject)s this time. Your page names the reason.")
    ),
    "code.own_door": says(
        _("%(code)s is your code for handing in. Ten minutes. Nobody of the office asks for it.")
    ),
    "replan.moved": says(
        _(
            "Your exam in %(subject)s on %(date)s cannot take place as told: %(because)s. You have"
            " another place; its reference is %(reference)s. It costs you nothing. If you cannot"
            " come, call %(phone)s."
        )
    ),
    "replan.pool": says(
        _(
            "Your exam in %(subject)s on %(date)s stays at its time, with another kind of vehicle"
            " or terminal: %(because)s. The new reference is %(reference)s. Questions: %(phone)s."
        )
    ),
    "replan.lost": says(
        _(
            "Your exam in %(subject)s on %(date)s cannot take place: %(because)s. No other place"
            " was left. It is not your fault: no attempt is counted, and in the next round you come"
            " before others. A person answers at %(phone)s."
        )
    ),
    "replan.seated": says(
        _("You have a seat for %(subject)s on %(date)s. Reference: %(reference)s.")
    ),
    "code.sign_in": says(
        _("%(code)s is your code for signing in. Ten minutes. Nobody of the office asks for it.")
    ),
}

KINDS |= {
    "roster.told": says(
        _("The roster from %(date)s to %(until)s is settled. Your duties are below.")
    ),
    "roster.changed": says(
        _("Your duties from %(date)s to %(until)s have changed, because somebody fell out.")
    ),
}
