"""Forms of the school, the person and the reviewer."""

from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, DateField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional, Regexp

from exam.people.models import NeedKind
from exam.registration.findings import REASONS
from exam.web.forms import CheckboxesField, Form

NEED_NAMES: dict[NeedKind, Any] = {
    NeedKind.PREGNANT: _("I am pregnant"),
    NeedKind.DISABLED: _("I have a disability"),
    NeedKind.MILITARY: _("I serve in the forces"),
    NeedKind.HEARING: _("I need written instructions, because I hear badly"),
    NeedKind.STEP_FREE: _("I need a way without steps"),
}


class UploadForm(Form):
    """A table and its photos."""

    file = FileField(_("Table of candidates"), [FileRequired(_("Choose a file."))])
    photos = FileField(_("Photos in one zip file"), [Optional()])


class ConfirmForm(Form):
    """What is the person's own to correct, and her word."""

    phone = StringField(
        _("Mobile number"),
        [
            DataRequired(_("Enter your mobile number.")),
            Regexp(r"^1[3-9]\d{9}$", message=_("Write a mobile number of 11 digits.")),
        ],
    )
    address = StringField(_("Address"), [DataRequired(_("Enter your address.")), Length(max=200)])
    needs = CheckboxesField(
        _("What do you need?"), choices=[SelectChoice(x, text) for x, text in NEED_NAMES.items()]
    )
    until = DateField(_("Until when, if you are pregnant"), [Optional()])
    photo = FileField(_("A photo of your face"), [Optional()])
    mandate = BooleanField(_("My school may act for me until I take this back"))
    correct = BooleanField(
        _("I have checked my data and they are correct"),
        [InputRequired(_("Confirm that your data are correct, or tell your school."))],
    )


class ReturnForm(Form):
    """Everything that is missing, at once."""

    reasons = CheckboxesField(
        _("What is missing?"), choices=[SelectChoice(x, text) for x, text in REASONS.items()]
    )
    note = TextAreaField(_("More, in your own words"), [Optional(), Length(max=300)])
