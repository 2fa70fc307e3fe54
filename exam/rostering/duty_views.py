"""What examiners, safety officers, invigilators and first-aiders see: their own duties."""

from datetime import timedelta
from uuid import UUID

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms.fields.choices import SelectChoice

from exam import clock
from exam.errors import Conflict, InvalidInput, NotAllowed
from exam.notify import kinds
from exam.notify.services import latest_of_account
from exam.people.guards import current_actor
from exam.rostering import reading, staff, wording
from exam.rostering.forms import AvoidedForm, AwayForm
from exam.web.answers import show_error
from exam.web.names import local_name

duties = Blueprint("duties", __name__)
NEWS = timedelta(days=14)


@duties.get("/")
def mine() -> ResponseReturnValue:
    """One's own coming duties, and what one has declared."""
    account_id, now = _me(), clock.now()
    today = clock.civil_date(now, current_app.config["SITE_TIME_ZONE"])
    return render_template(
        "rostering/mine.html",
        duties=reading.duties_of_account(account_id, now=now),
        declared=staff.declared_by(account_id, today=today),
        news=[kinds.text_of(x) for x in latest_of_account(account_id, since=now - NEWS)],
        said=wording,
    )


@duties.route("/away", methods=["GET", "POST"])
def away() -> ResponseReturnValue:
    """Say that one is away on some days."""
    form = AwayForm()
    if form.validate_on_submit():
        days = (form.first_day.data, form.last_day.data)
        try:
            staff.declare_away(current_actor(), days, now=clock.now())
        except InvalidInput as error:
            show_error(form, error)
        else:
            flash(_("Entered. The next roster leaves you out on these days."), "good")
            return redirect(url_for("duties.mine"), code=303)
    return render_template("rostering/my_away.html", form=form), 422 if form.errors else 200


@duties.route("/avoided", methods=["GET", "POST"])
def avoided() -> ResponseReturnValue:
    """Declare a conflict of interest at a site."""
    actor, form = current_actor(), AvoidedForm()
    form.site.choices = [SelectChoice(str(x.id), local_name(x)) for x in staff.sites_of(actor)]
    if form.validate_on_submit():
        try:
            staff.declare_avoided(actor, UUID(form.site.data), now=clock.now())
        except (InvalidInput, Conflict) as error:
            show_error(form, error)
        else:
            flash(_("Declared. No roster sends you there."), "good")
            return redirect(url_for("duties.mine"), code=303)
    return render_template("rostering/avoided.html", form=form), 422 if form.errors else 200


@duties.post("/declared/<uuid:key>/withdraw")
def withdraw(key: UUID) -> ResponseReturnValue:
    """Take back what one declared."""
    staff.withdraw(current_actor(), key, now=clock.now())
    flash(_("Taken back."), "good")
    return redirect(url_for("duties.mine"), code=303)


def _me() -> UUID:
    account_id = current_actor().account_id
    if account_id is None:
        raise NotAllowed
    return account_id
