"""Putting a service's refusal beside the field that it names."""

import structlog
from wtforms.form import BaseForm

from exam.errors import KaochangError

log = structlog.get_logger()


def show_error(form: BaseForm, error: KaochangError) -> None:
    """Show the message at its field, or over the form where it names none.

    The log gets the code and the field, never what was typed: a row of refused sign-ins is seen.
    """
    name = str(error.facts.get("field") or "")
    log.info("form.refused", code=error.code, field=name)
    field = form._fields.get(name)
    if field is None:
        form.form_errors.append(str(error))
    else:
        field.errors = [*field.errors, str(error)]
