"""Signing in and out, activating, choosing the role."""

from urllib.parse import urlsplit
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_user, logout_user

from exam import clock
from exam.errors import InvalidInput, NotAllowed, NotFound
from exam.people import mandates as mandate_service
from exam.people import services
from exam.people.forms import ActivationForm, SignInForm
from exam.people.guards import current_actor, live_grants
from exam.people.models import Account
from exam.people.sign_in import SignedIn, current_account
from exam.web.answers import show_error

people = Blueprint("people", __name__)
account = Blueprint("account", __name__)


@people.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> ResponseReturnValue:
    """Ask for name and password."""
    form = SignInForm()
    if form.validate_on_submit():
        try:
            found = services.sign_in(
                form.username.data or "", form.password.data or "", now=clock.now()
            )
        except InvalidInput as error:
            show_error(form, error)
        else:
            return _enter(found)
    return render_template("people/sign_in.html", form=form), 422 if form.errors else 200


@people.route("/activate", methods=["GET", "POST"])
def activate() -> ResponseReturnValue:
    """Turn a one-time code into a sign-in."""
    form = ActivationForm()
    if form.validate_on_submit():
        try:
            found = services.activate(
                form.code.data or "",
                form.last_four.data or "",
                form.username.data or "",
                form.password.data or "",
                now=clock.now(),
            )
        except InvalidInput as error:
            show_error(form, error)
        else:
            return _enter(found)
    return render_template("people/activate.html", form=form), 422 if form.errors else 200


@account.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End this session."""
    logout_user()
    session.clear()
    return redirect(url_for("home.landing"), code=303)


@account.post("/role")
def choose_role() -> ResponseReturnValue:
    """Act in another of one's own roles."""
    current_actor()
    wanted = request.form.get("role", "")
    if wanted not in {str(x.id) for x in live_grants(current_account())}:
        raise NotFound
    session["grant"] = wanted
    return redirect(url_for("home.inside"), code=303)


@account.get("/mandates")
def mandates() -> ResponseReturnValue:
    """The schools that may act for the signed-in candidate, and those that no longer may."""
    actor = current_actor()
    if actor.person_id is None:
        raise NotAllowed
    given = mandate_service.mandates_of(actor.person_id)
    live = {x.school_id for x in given if x.revoked_at is None}
    return render_template("people/mandates.html", given=given, live=live)


@account.post("/mandates/<uuid:school_id>/give")
def give_mandate(school_id: UUID) -> ResponseReturnValue:
    """Let a school act from now on."""
    mandate_service.give_mandate(current_actor(), school_id, now=clock.now())
    flash(_("The school may act for you from now on."), "good")
    return redirect(url_for("account.mandates"), code=303)


@account.post("/mandates/<uuid:school_id>/revoke")
def revoke_mandate(school_id: UUID) -> ResponseReturnValue:
    """Take the leave back."""
    mandate_service.revoke_mandate(current_actor(), school_id, now=clock.now())
    flash(_("The school may do nothing for you from now on."), "good")
    return redirect(url_for("account.mandates"), code=303)


def _enter(found: Account) -> ResponseReturnValue:
    target = request.args.get("next", "")
    session.clear()
    login_user(SignedIn(found))
    parts = urlsplit(target)
    inside = target.startswith("/") and not target.startswith("//") and "\\" not in target
    if inside and not parts.netloc and not parts.scheme:
        return redirect(target, code=303)
    return redirect(url_for("home.inside"), code=303)
