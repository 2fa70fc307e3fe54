"""The form of deciding about an item."""

from flask_babel import lazy_gettext as _
from wtforms import RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length

from exam.live.services import NOTE_MAX
from exam.live.states import ItemState
from exam.web.forms import Form


class DecisionForm(Form):
    """Put aside or refer, and why."""

    decision = RadioField(
        _("What do you decide?"),
        [InputRequired(_("Choose one of the two."))],
        choices=[
            SelectChoice(ItemState.DISMISSED.value, _("Put aside: nothing needs to follow")),
            SelectChoice(ItemState.REFERRED.value, _("Refer: others must look at it")),
        ],
    )
    note = TextAreaField(
        _("What you saw and why you decide so"),
        [
            DataRequired(_("Write down what you saw and why.")),
            Length(max=NOTE_MAX, message=_("Use at most 400 characters.")),
        ],
    )
