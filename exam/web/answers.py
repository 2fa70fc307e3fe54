"""Putting a service's refusal beside the field that it names."""

from wtforms.form import BaseForm

from exam.errors import KaochangError


def show_error(form: BaseForm, error: KaochangError) -> None:
    """Show the message at its field, or over the form where it names none."""
    field = form._fields.get(str(error.facts.get("field") or ""))
    if field is None:
        form.form_errors.append(str(error))
    else:
        field.errors = [*field.errors, str(error)]
