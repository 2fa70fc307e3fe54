"""Forms of applying and planning."""

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import (
    BooleanField,
    DateField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, Regexp

from exam.booking.subject_names import SUBJECT_NAMES
from exam.policy.subjects import LicenceClass
from exam.web.forms import CheckboxesField, Form

CODE = Regexp(r"^[A-Za-z0-9._-]+$", message=_("Use letters, digits, dots and hyphens only."))
WEEKDAYS = [
    ("0", _("Monday")),
    ("1", _("Tuesday")),
    ("2", _("Wednesday")),
    ("3", _("Thursday")),
    ("4", _("Friday")),
    ("5", _("Saturday")),
    ("6", _("Sunday")),
]


def pairs(choices: Iterable[tuple[str, Any]]) -> list[SelectChoice]:
    """Choices as WTForms wants them."""
    return [SelectChoice(value, label) for value, label in choices]


class ApplyForm(Form):
    """What stands beside the numbered sessions."""

    any_session = BooleanField(_("If none of these can be given, any session on these days"))
    earliest = DateField(_("Earliest day"), [Optional()])
    latest = DateField(_("Latest day"), [Optional()])
    area = CheckboxesField(_("At these sites (none ticked: any site)"))
    use_credit = BooleanField(_("Use my one priority booking for this subject"))


class PlanForm(Form):
    """A new plan."""

    code = StringField(
        _("Code of the plan"), [DataRequired(_("Enter a code.")), Length(max=40), CODE]
    )
    first_day = DateField(_("First exam day"), [InputRequired(_("Enter the first exam day."))])
    last_day = DateField(_("Last exam day"), [InputRequired(_("Enter the last exam day."))])


class PatternForm(Form):
    """The same session on some weekdays, every week of the plan."""

    site = SelectField(_("Exam site"))
    subject = SelectField(_("Subject"), choices=pairs(SUBJECT_NAMES.items()))
    weekdays = CheckboxesField(
        _("Weekdays"), [DataRequired(_("Tick at least one weekday."))], choices=pairs(WEEKDAYS)
    )
    start = TimeField(_("Starts"), [InputRequired(_("Enter when it starts."))])
    end = TimeField(_("Ends"), [InputRequired(_("Enter when it ends."))])
    kind = StringField(
        _("Kind of vehicle, or terminal"),
        [DataRequired(_("Enter a kind of vehicle, or terminal.")), Length(max=20), CODE],
    )
    classes = CheckboxesField(
        _("Licence classes (none ticked: all for which the site is authorised)"),
        choices=pairs((x.value, x.value) for x in LicenceClass),
    )
    seats = IntegerField(_("Seats"), [InputRequired(_("Enter the seats.")), NumberRange(1, 2000)])
    vehicles = IntegerField(
        _("Vehicles (0 for terminals)"),
        [InputRequired(_("Enter the number of vehicles.")), NumberRange(0, 200)],
    )
    offers = CheckboxesField(
        _("Support offered"),
        choices=pairs(
            [("stepfree", _("Step-free")), ("textscreen", _("Spoken words also as text"))]
        ),
    )


class RoundForm(Form):
    """Opening a round."""

    code = StringField(
        _("Code of the round"), [DataRequired(_("Enter a code.")), Length(max=40), CODE]
    )
    first_day = DateField(_("First exam day"), [InputRequired(_("Enter the first exam day."))])
    last_day = DateField(_("Last exam day"), [InputRequired(_("Enter the last exam day."))])


class CloseForm(Form):
    """Closing the window by hand."""

    reason = TextAreaField(
        _("Why applications close before the announced time"), [Optional(), Length(max=400)]
    )


class ReleaseForm(Form):
    """The office takes a booking back through no fault of the candidate's."""

    reference = StringField(
        _("Reference of the booking"), [DataRequired(_("Enter the reference.")), Length(max=16)]
    )
    cause = RadioField(
        _("Cause"),
        choices=pairs(
            [
                ("equipment", _("Equipment or vehicle out of order")),
                ("weather", _("Weather")),
                ("site", _("Site cannot be used")),
                ("other", _("Other, on the office's side")),
            ]
        ),
        validators=[InputRequired(_("Choose the cause."))],
    )
