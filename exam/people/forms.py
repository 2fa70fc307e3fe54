"""Forms of signing in and activating."""

from flask_babel import lazy_gettext as _
from wtforms import PasswordField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from exam.web.forms import Form


class SignInForm(Form):
    """Name and password."""

    username = StringField(
        _("Sign-in name"), [DataRequired(_("Enter your sign-in name.")), Length(max=64)]
    )
    password = PasswordField(
        _("Password"), [DataRequired(_("Enter your password.")), Length(max=200)]
    )


class ActivationForm(Form):
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
        _("Choose a password"), [DataRequired(_("Choose a password.")), Length(max=200)]
    )


class SecondFactorForm(Form):
    """Six digits of an authenticator, or a recovery code."""

    code = StringField(_("Code"), [DataRequired(_("Enter the code.")), Length(max=40)])


class ProveForm(Form):
    """One's password once more."""

    password = PasswordField(
        _("Password"), [DataRequired(_("Enter your password.")), Length(max=200)]
    )


class AskCodeForm(Form):
    """Who wants a code sent to the phone on file."""

    document_number = StringField(
        _("Document number"), [DataRequired(_("Enter your document number.")), Length(max=32)]
    )


class EnterCodeForm(Form):
    """The code that came to the phone."""

    code = StringField(
        _("Code from the text message"),
        [DataRequired(_("Enter the six digits of the message.")), Length(max=20)],
    )


class PasswordForm(Form):
    """The password of now and the next one."""

    old = PasswordField(
        _("Your password of now"), [DataRequired(_("Enter your password.")), Length(max=200)]
    )
    password = PasswordField(
        _("Choose a password"), [DataRequired(_("Choose a password.")), Length(max=200)]
    )


class AccountForm(Form):
    """Whose browsers are looked at."""

    username = StringField(
        _("Sign-in name"), [DataRequired(_("Enter the sign-in name.")), Length(max=64)]
    )


class EndVisitForm(Form):
    """Why somebody else's browser is signed out."""

    reason = StringField(_("Why"), [DataRequired(_("Say why, in a sentence.")), Length(max=400)])


class FactorResetForm(Form):
    """Whose second factor is lost, and how the person was recognised."""

    username = StringField(
        _("Sign-in name"), [DataRequired(_("Enter the sign-in name.")), Length(max=64)]
    )
    reason = TextAreaField(
        _("Why, and how you recognised the person"),
        [DataRequired(_("Say why, in a sentence.")), Length(max=400)],
    )
