"""Lost second factors: an administrator asks for a reset, a supervisor decides."""

from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from exam import clock
from exam.errors import Conflict, InvalidInput
from exam.people import factor_resets
from exam.people.forms import FactorResetForm
from exam.people.guards import current_actor
from exam.people.roles import Act
from exam.web.answers import show_error

rights = Blueprint("rights", __name__)


@rights.route("/", methods=["GET", "POST"])
def resets() -> ResponseReturnValue:
    """The open requests; an administrator asks here, a supervisor decides."""
    actor, form = current_actor(), FactorResetForm()
    if form.validate_on_submit():
        username, reason = form.username.data or "", form.reason.data or ""
        try:
            factor_resets.ask(actor, username, reason, now=clock.real_now())
        except (InvalidInput, Conflict) as error:
            show_error(form, error)
        else:
            flash(_("The request waits for a supervisor."), "good")
            return redirect(url_for("rights.resets"), code=303)
    page = render_template(
        "people/resets.html",
        form=form,
        waiting=factor_resets.waiting(actor),
        may_ask=actor.may_sign(Act.RIGHTS, second=False),
        may_decide=actor.may_sign(Act.RIGHTS, second=True),
    )
    return page, 422 if form.errors else 200


@rights.post("/<uuid:key>")
def decide(key: UUID) -> ResponseReturnValue:
    """Give or refuse the second signature."""
    answer = request.form.get("answer")
    if answer not in {"grant", "refuse"}:
        abort(400)
    factor_resets.decide(current_actor(), key, granted=answer == "grant", now=clock.real_now())
    flash(_("Your decision is recorded."), "good")
    return redirect(url_for("rights.resets"), code=303)
