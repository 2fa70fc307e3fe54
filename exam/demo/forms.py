"""Forms of the demo."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import DateField, RadioField, TimeField
from wtforms.validators import Optional

STEPS = {"hour": 1, "day": 24, "week": 24 * 7}
"""Hours by which the clock may jump."""


class ClockForm(FlaskForm):
    """Where to move the clock: a step, a day and time of one's own, or back to now."""

    step = RadioField(
        _("Move the clock"),
        choices=[
            ("hour", _("One hour on")),
            ("day", _("One day on")),
            ("week", _("One week on")),
            ("to", _("To the day and time below")),
            ("real", _("Back to the real time")),
        ],
    )
    day = DateField(_("Day"), [Optional()])
    time = TimeField(_("Time"), [Optional()])
