"""Forms of replanning."""

from collections.abc import Sequence
from uuid import UUID

from flask_babel import lazy_gettext as _
from wtforms import (
    BooleanField,
    DateField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms import Form as PlainForm
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from exam.booking.forms import pairs
from exam.booking.models import Session
from exam.booking.subject_names import SUBJECT_NAMES
from exam.replanning.asking import Cut
from exam.replanning.models import ReplanKind
from exam.replanning.wording import CAUSES, KINDS
from exam.web.forms import CheckboxesField, Form

NOTE_LIMIT = 400
HAPPENED = [x for x in KINDS if x is not ReplanKind.GREEN_CHANNEL]


class WhereForm(PlainForm):
    """Which sessions are to be shown; sent by GET, so that it can be a link."""

    site = SelectField(_("Exam site"))
    first = DateField(_("First day"), [InputRequired(_("Enter the first day."))])
    last = DateField(_("Last day"), [InputRequired(_("Enter the last day."))])


class AskForm(Form):
    """What happened; the fields of the sessions are added by `ask_form`."""

    kind = RadioField(
        _("What happened"),
        choices=pairs((x.value, KINDS[x]) for x in HAPPENED),
        validators=[InputRequired(_("Choose what happened."))],
    )
    note = TextAreaField(
        _("In a few words, for the office"),
        [DataRequired(_("Write in a few words what happened.")), Length(max=NOTE_LIMIT)],
    )


class OutageForm(Form):
    """A vehicle or an examiner that is not there."""

    thing = SelectField(_("Vehicle or examiner"))
    cause = RadioField(
        _("Cause"),
        choices=pairs((x.value, y) for x, y in CAUSES.items()),
        validators=[InputRequired(_("Choose the cause."))],
    )
    first_day = DateField(_("First day"), [InputRequired(_("Enter the first day."))])
    last_day = DateField(_("Last day"), [InputRequired(_("Enter the last day."))])


class GuestForm(Form):
    """Somebody who comes by the green channel."""

    serial_number = StringField(
        _("Serial number of the case"),
        [DataRequired(_("Enter the serial number.")), Length(max=32)],
    )
    subject = SelectField(_("Subject"), choices=pairs(SUBJECT_NAMES.items()))
    earliest = DateField(_("Earliest day"), [InputRequired(_("Enter the earliest day."))])
    latest = DateField(_("Latest day"), [InputRequired(_("Enter the latest day."))])
    area = CheckboxesField(_("At these sites (none ticked: any site)"))
    note = TextAreaField(
        _("Why, in a few words"),
        [DataRequired(_("Write in a few words why.")), Length(max=NOTE_LIMIT)],
    )


def ask_form(sessions: Sequence[Session], proposal: dict[UUID, int] | None = None) -> AskForm:
    """The form with fields for each session and pool.

    Args:
        sessions: with their pools loaded.
        proposal: seats from now on by session or pool; what is not named stays as it is.
    """
    known = proposal or {}
    fields: dict[str, object] = {}
    for one in sessions:
        fields[f"cancel-{one.id}"] = BooleanField(_("Does not take place"))
        fields[f"seats-{one.id}"] = _seats(
            _("Seats of the session, now %(seats)s", seats=one.seats), known.get(one.id, one.seats)
        )
        for pool in one.pools:
            label = _("Of these %(kind)s, now %(seats)s", kind=pool.kind, seats=pool.seats)
            fields[f"pool-{pool.id}"] = _seats(label, known.get(pool.id, pool.seats))
    made: type[AskForm] = type("AskFormOfSessions", (AskForm,), fields)
    return made()


def _seats(label: object, seats: int) -> IntegerField:
    most = NumberRange(0, None, message=_("Enter a whole number, 0 or more."))
    return IntegerField(label, [Optional(), most], default=seats)


def cuts_of(form: AskForm, sessions: Sequence[Session]) -> list[Cut]:
    """What a filled form changes: sessions that stay as they are are left out."""
    made = []
    for one in sessions:
        seats = form[f"seats-{one.id}"].data
        pools = {x.id: form[f"pool-{x.id}"].data for x in one.pools}
        cut = Cut(
            one.id,
            seats=one.seats if seats is None else seats,
            pools={
                x.id: pools[x.id]
                for x in one.pools
                if pools[x.id] is not None and pools[x.id] != x.seats
            },
            cancels=bool(form[f"cancel-{one.id}"].data),
        )
        if cut.cancels or cut.pools or cut.seats != one.seats:
            made.append(cut)
    return made
