"""Forms of the demo."""

from flask_babel import lazy_gettext as _
from wtforms import DateField, RadioField, TimeField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from exam.web.forms import Form

STEPS = {"hour": 1, "day": 24, "week": 24 * 7}
"""Hours by which the clock may jump."""


class ClockForm(Form):
    """Where to move the clock: a step, a day and time of one's own, or back to now."""

    step = RadioField(
        _("Move the clock"),
        choices=[
            SelectChoice("hour", _("One hour on")),
            SelectChoice("day", _("One day on")),
            SelectChoice("week", _("One week on")),
            SelectChoice("to", _("To the day and time below")),
            SelectChoice("real", _("Back to the real time")),
        ],
    )
    day = DateField(_("Day"), [Optional()])
    time = TimeField(_("Time"), [Optional()])
