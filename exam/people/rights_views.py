"""What an office does about its people's sign-ins: lost second factors, browsers that must go."""

from uuid import UUID

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from exam import clock
from exam.errors import Conflict, InvalidInput, NotAllowed
from exam.people import factor_resets, visits
from exam.people.forms import AccountForm, EndVisitForm, FactorResetForm
from exam.people.guards import current_actor
from exam.people.proving import asks_again
from exam.people.roles import Act
from exam.web.answers import show_error

rights = Blueprint("rights", __name__)


@rights.route("/", methods=["GET", "POST"])
@asks_again()
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
@asks_again()
def decide(key: UUID) -> ResponseReturnValue:
    """Give or refuse the second signature."""
    answer = request.form.get("answer")
    if answer not in {"grant", "refuse"}:
        abort(400)
    factor_resets.decide(current_actor(), key, granted=answer == "grant", now=clock.real_now())
    flash(_("Your decision is recorded."), "good")
    return redirect(url_for("rights.resets"), code=303)


@rights.route("/visits", methods=["GET", "POST"])
@asks_again()
def colleague() -> ResponseReturnValue:
    """Where somebody of the office is signed in; an administrator looks, and it is recorded."""
    actor, form = current_actor(), AccountForm()
    if not actor.may_sign(Act.RIGHTS, second=False):
        raise NotAllowed
    found = None
    if form.validate_on_submit():
        limits = visits.limits_of(current_app.config["KAOCHANG"])
        name, now = form.username.data or "", clock.real_now()
        try:
            found = visits.of_colleague(actor, name, limits=limits, now=now)
        except InvalidInput as error:
            show_error(form, error)
    page = render_template("people/colleague.html", form=form, found=found)
    return page, 422 if form.errors else 200


@rights.route("/visits/<uuid:visit_id>/end", methods=["GET", "POST"])
@asks_again()
def end_visit(visit_id: UUID) -> ResponseReturnValue:
    """Sign somebody else's browser out, with a reason."""
    actor, form = current_actor(), EndVisitForm()
    if form.validate_on_submit():
        reason = form.reason.data or ""
        owner = visits.end_for_colleague(actor, visit_id, reason=reason, now=clock.real_now())
        flash(_("That browser of %(name)s is signed out.", name=owner.display_name), "good")
        return redirect(url_for("rights.colleague"), code=303)
    found = visits.colleagues_visit(actor, visit_id)
    page = render_template("people/end_visit.html", form=form, visit=found)
    return page, 422 if form.errors else 200
