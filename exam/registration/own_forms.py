"""Forms of somebody who applies without a school."""

from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, DateField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired

from exam.people.models import DocumentType, Sex
from exam.policy.subjects import LicenceClass, Pathway
from exam.registration.columns import Key
from exam.registration.forms import NEED_NAMES
from exam.registration.models import TrainingSource
from exam.web.forms import CheckboxesField, Form
from exam.web.names import PATHWAYS

DOCUMENT_NAMES: dict[DocumentType, Any] = {
    DocumentType.IDENTITY_CARD: _("Resident identity card"),
    DocumentType.SOLDIER_CARD: _("Card of a soldier"),
    DocumentType.RESIDENCE_PERMIT: _("Residence permit (Hong Kong, Macao, Taiwan)"),
    DocumentType.TRAVEL_PERMIT: _("Travel permit (Hong Kong, Macao, Taiwan)"),
    DocumentType.PASSPORT: _("Passport"),
}
SEX_NAMES: dict[Sex, Any] = {Sex.FEMALE: _("female"), Sex.MALE: _("male")}
SOURCE_NAMES: dict[TrainingSource, Any] = {
    TrainingSource.SELF: _("by myself, with a registered car and companion"),
    TrainingSource.SCHOOL: _("at a school; I hand in by myself"),
    TrainingSource.MILITARY: _("in the forces"),
}


def _choices(names: dict[Any, Any]) -> list[SelectChoice]:
    return [SelectChoice(x.value, text) for x, text in names.items()]


class OwnForm(Form):
    """Everything that a row of a school has, with the person's consent; named as its columns."""

    office = SelectField(_("Which office decides"))
    name = StringField(_("Full name"), [DataRequired(_("Enter your name as on the document."))])
    document_type = SelectField(_("Document type"), choices=_choices(DOCUMENT_NAMES))
    document_number = StringField(
        _("Document number"), [DataRequired(_("Enter the number of your document."))]
    )
    birth_date = DateField(_("Birth date"), [DataRequired(_("Enter your birth date."))])
    sex = SelectField(_("Sex as on the document"), choices=_choices(SEX_NAMES))
    phone = StringField(_("Mobile number"), [DataRequired(_("Enter your mobile number."))])
    address = StringField(_("Address"), [DataRequired(_("Enter your address."))])
    licence_class = SelectField(
        _("Licence class"),
        choices=[SelectChoice(x.value, x.value) for x in LicenceClass],
        default=LicenceClass.C1.value,
    )
    pathway = SelectField(
        _("Pathway"), choices=[SelectChoice(x.value, PATHWAYS[x.value]) for x in Pathway]
    )
    training_source = SelectField(_("Where I learn"), choices=_choices(SOURCE_NAMES))
    medical_number = StringField(
        _("Medical proof number"), [DataRequired(_("Enter the number of your medical proof."))]
    )
    medical_date = DateField(
        _("Medical proof date"), [DataRequired(_("Enter the date of your medical proof."))]
    )
    support = CheckboxesField(_("What do you need?"), choices=_choices(NEED_NAMES))
    photo = FileField(_("A photo of your face"), [FileRequired(_("Choose a photo."))])
    consent = BooleanField(
        _("I have read what is kept of me and why, and agree"),
        [InputRequired(_("Without your agreement hand in at the counter instead."))],
    )
    face = BooleanField(
        _("I agree that my photo is compared with my own face on the exam day"),
        [InputRequired(_("Without your agreement a person compares: hand in at the counter."))],
    )

    def cells(self) -> dict[Key, str]:
        """What was typed, as a row of a school would hold it."""
        found: dict[Key, str] = {}
        for key in Key:
            data = self[key.value].data if key is not Key.PHOTO else None
            if isinstance(data, list):
                found[key] = " ".join(data)
            elif data is not None:
                found[key] = str(data)
        return found


class OwnCodeForm(Form):
    """Six digits from the phone."""

    code = StringField(_("Code"), [DataRequired(_("Enter the six digits."))])
