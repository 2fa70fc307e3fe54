"""Forms of legal holds."""

from flask_babel import lazy_gettext as _
from wtforms import IntegerField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional

from exam.web.forms import Form


class HoldForm(Form):
    """What is to be kept whatever its term."""

    item = IntegerField(_("Number of the review item"), [Optional()])
    document = StringField(_("Document number of a person"), [Optional(), Length(max=32)])
    reason = TextAreaField(_("Reason"), [DataRequired(_("Say why.")), Length(max=400)])
