"""Forms of legal holds and of keys that are to be erased."""

from flask_babel import lazy_gettext as _
from wtforms import DateField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, Optional

from exam.privacy.key_rules import Ground
from exam.privacy.wording import GROUNDS
from exam.web.forms import Form


class HoldForm(Form):
    """What is to be kept whatever its term."""

    item = IntegerField(_("Number of the review item"), [Optional()])
    document = StringField(_("Document number of a person"), [Optional(), Length(max=32)])
    reason = TextAreaField(_("Reason"), [DataRequired(_("Say why.")), Length(max=400)])


class KeyErasureForm(Form):
    """Which camera's key of which day is to be erased, and why."""

    camera = SelectField(_("Camera"), [DataRequired(_("Choose a camera."))])
    day = DateField(_("Day (UTC)"), [DataRequired(_("Enter the day."))])
    ground = RadioField(
        _("What allows it"),
        [DataRequired(_("Choose what allows it."))],
        choices=[SelectChoice(x.value, GROUNDS[x]) for x in Ground],
    )
    reason = TextAreaField(_("Reason"), [DataRequired(_("Say why.")), Length(max=400)])
