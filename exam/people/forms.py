"""Forms of signing in and activating."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import DataRequired, Length


class SignInForm(FlaskForm):
    """Name and password."""

    username = StringField(
        _("Sign-in name"), [DataRequired(_("Enter your sign-in name.")), Length(max=64)]
    )
    password = PasswordField(
        _("Password"), [DataRequired(_("Enter your password.")), Length(max=200)]
    )


class ActivationForm(FlaskForm):
    """One-time code, the end of the document number, and the sign-in one wants."""

    code = StringField(
        _("One-time code"), [DataRequired(_("Enter the code that you were given.")), Length(max=40)]
    )
    last_four = StringField(
        _("Last four characters of your document number"),
        [DataRequired(_("Enter the last four characters.")), Length(min=4, max=4)],
    )
    username = StringField(
        _("Choose a sign-in name"),
        [DataRequired(_("Choose a sign-in name.")), Length(min=4, max=64)],
    )
    password = PasswordField(
        _("Choose a password"),
        [
            DataRequired(_("Choose a password.")),
            Length(min=10, max=200, message=_("Choose a password of at least 10 characters.")),
        ],
    )
