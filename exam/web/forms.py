"""What the form macros need to know about WTForms fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from flask import g
from flask_wtf import FlaskForm
from wtforms import FieldList, FileField, FormField, PasswordField, SelectMultipleField
from wtforms.fields.core import UnboundField
from wtforms.widgets import CheckboxInput, ListWidget

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask
    from wtforms import Field
    from wtforms.form import BaseForm


_NEVER_KEPT: set[str] = {"csrf_token"}


class Form(FlaskForm):
    """The base of every form of ours: one that could not be sent is given back as it was typed."""

    def __init_subclass__(cls, **named: Any) -> None:
        super().__init_subclass__(**named)
        kinds = (PasswordField, FileField)
        unbound = {k: v for k, v in vars(cls).items() if isinstance(v, UnboundField)}
        _NEVER_KEPT.update(k for k, v in unbound.items() if issubclass(v.field_class, kinds))

    class Meta(FlaskForm.Meta):
        """Where a form's data come from."""

        def wrap_formdata(self, form: BaseForm, formdata: Any) -> Any:
            """What was sent; else what was kept for this page, if it is this form's."""
            found = super().wrap_formdata(form, formdata)
            kept = g.get("kept_fields")
            if found is not None or kept is None:
                return found
            names = {x.split("-")[0] for x in kept}
            return kept if names & set(form._fields) else None


def never_kept() -> frozenset[str]:
    """Names of fields that hold passwords or files, in any form."""
    return frozenset(_NEVER_KEPT)


class FieldError(NamedTuple):
    """One wrong answer: the id of the input to go to (empty: the whole form) and the message."""

    anchor: str
    message: str


class CheckboxesField(SelectMultipleField):
    """Any of a few answers, as check boxes; drawn by ``checkboxes_field``."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def errors_of(form: BaseForm | None) -> list[FieldError]:
    """Return the errors of a form in the order of its fields, nested ones included."""
    if form is None:
        return []
    own = [FieldError("", str(message)) for message in form.form_errors]
    return own + [error for field in form for error in _field_errors(field)]


def _field_errors(field: Field) -> Iterator[FieldError]:
    if isinstance(field, FormField):
        yield from errors_of(field.form)
    elif isinstance(field, FieldList):
        for entry in field.entries:
            yield from _field_errors(entry)
        # A list's own messages are text; those of its entries are lists and were told above.
        yield from (FieldError(field.id, m) for m in field.errors if isinstance(m, str))
    else:
        yield from (FieldError(first_input(field), str(message)) for message in field.errors)


def first_input(field: Field) -> str:
    """Return the id that a link to the field must name: groups have none of their own."""
    return f"{field.id}-0" if isinstance(field.widget, ListWidget) else str(field.id)


def described_by(field: Field, hint: str | None) -> str | None:
    """Return ``aria-describedby`` for a field: its hint and its error, as far as they exist."""
    parts = [f"{field.id}-hint"] if hint else []
    if field.errors:
        parts.append(f"{field.id}-error")
    return " ".join(parts) or None


def init_app(app: Flask) -> None:
    """Give the helpers to the macros."""
    app.jinja_env.globals.update(
        errors_of=errors_of,
        first_input=first_input,
        described_by=described_by,
    )
