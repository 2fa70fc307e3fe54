"""Forms of the exam day."""

from collections.abc import Sequence

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField, FileRequired
from wtforms import IntegerField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from exam.examday.models import ExceptionKind, SittingState
from exam.examday.rules import no_fault_reasons
from exam.examday.wording import CHECKLIST, EXCEPTIONS, NO_FAULT
from exam.policy.pack import Pack
from exam.web.forms import CheckboxesField, Form


class ChecklistForm(Form):
    """What was looked at before the day opens."""

    ready = CheckboxesField(_("In order"))

    def ask(self, points: Sequence[str]) -> None:
        """The points of the pack."""
        self.ready.choices = [SelectChoice(x, CHECKLIST[x][0]) for x in points]


class NumberForm(Form):
    """Who stands at the desk."""

    number = StringField(_("Number"), [DataRequired(_("Enter or scan a number.")), Length(max=200)])


class PictureForm(Form):
    """The face at the desk."""

    picture = FileField(_("Picture of the face"), [FileRequired(_("Take a picture."))])


class WordsForm(Form):
    """A reason in words."""

    words = TextAreaField(
        _("What you saw"), [DataRequired(_("Write what you saw.")), Length(max=400)]
    )


class ReasonForm(Form):
    """Why a candidate does not sign."""

    reason = TextAreaField(
        _("Reason"),
        [DataRequired(_("Write why the candidate does not sign.")), Length(max=400)],
    )


class ExceptionForm(Form):
    """An exception that a duty leader decides as well."""

    kind = RadioField(_("What you ask for"))
    code = RadioField(_("Reason by the list"), [Optional()], validate_choice=False)
    reason = TextAreaField(
        _("Reason in words"), [DataRequired(_("Write the reason.")), Length(max=400)]
    )

    def ask(self, state: SittingState, pack: Pack) -> None:
        """What is possible in a sitting's state."""
        kinds = list(ExceptionKind) if state is SittingState.DRAWN else [ExceptionKind.NO_FAULT]
        self.kind.choices = [SelectChoice(x.value, EXCEPTIONS[x]) for x in kinds]
        codes = pack.words("no_fault.with_two_names")
        if state is SittingState.RETAKE_OFFERED:
            codes = no_fault_reasons(pack)
        self.code.choices = [SelectChoice(x, NO_FAULT[x]) for x in codes]


class NoFaultForm(Form):
    """A reason that by default is no fault of the candidate's."""

    reason = RadioField(_("Reason"), [InputRequired(_("Choose a reason of the list."))])

    def ask(self, pack: Pack) -> None:
        """The pack's reasons by default."""
        codes = pack.words("no_fault.by_default")
        self.reason.choices = [SelectChoice(x, NO_FAULT[x]) for x in codes]


class PaperForm(Form):
    """The computer's result."""

    right = IntegerField(
        _("Questions answered rightly"), [InputRequired(_("Enter the number of the screen."))]
    )


class DrawWordsForm(Form):
    """What a candidate adds to the draw."""

    words = StringField(_("Your own words"), [Optional(), Length(max=100)])
