"""One's own account: signed-in browsers, password, second factor, role, mandates."""

from uuid import UUID

from flask import (
    Blueprint,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import logout_user

from exam import clock
from exam.errors import InvalidInput, NotAllowed, NotFound
from exam.people import mandates as mandate_service
from exam.people import passwords, proving, second_factor, services, visits
from exam.people.access_models import VisitEnd
from exam.people.forms import PasswordForm, ProveForm, SecondFactorForm
from exam.people.guards import current_actor, live_grants
from exam.people.proving import asks_again
from exam.people.sign_in import current_account, current_visit
from exam.people.views import qr_picture
from exam.web import limits
from exam.web.answers import show_error
from exam.web.preferences import local_path

account = Blueprint("account", __name__)


@account.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End this visit."""
    visit = current_visit()
    visits.end(visit.account_id, visit.id, why=VisitEnd.SIGNED_OUT, now=clock.real_now())
    logout_user()
    session.clear()
    return redirect(url_for("home.landing"), code=303)


@account.get("/account")
def security() -> ResponseReturnValue:
    """Where one is signed in, and what guards the account."""
    visit = current_visit()
    limit = visits.limits_of(current_app.config["KAOCHANG"])
    return render_template(
        "people/account.html",
        visits=visits.of_account(visit.account_id, limits=limit, now=clock.real_now()),
        mine=visit.id,
        factor=second_factor.factor_of(visit.account_id),
        codes_left=second_factor.codes_left(visit.account_id),
    )


@account.post("/account/visits/<uuid:visit_id>/end")
def end_visit(visit_id: UUID) -> ResponseReturnValue:
    """Sign one browser out."""
    mine = current_visit()
    visits.end(mine.account_id, visit_id, why=VisitEnd.ENDED_BY_OWNER, now=clock.real_now())
    flash(_("That browser is signed out."), "good")
    return redirect(url_for("account.security"), code=303)


@account.post("/account/visits/end-others")
def end_others() -> ResponseReturnValue:
    """Sign every other browser out."""
    mine = current_visit()
    why = VisitEnd.ENDED_BY_OWNER
    visits.end_others(mine.account_id, mine.id, why=why, now=clock.real_now())
    flash(_("You are signed in here alone now."), "good")
    return redirect(url_for("account.security"), code=303)


@account.route("/account/prove", methods=["GET", "POST"])
@limits.failures(limits.account)
def prove() -> ResponseReturnValue:
    """Ask once more for the second factor, or the password where there is none."""
    visit = current_visit()
    by_code = second_factor.factor_of(visit.account_id) is not None
    form: SecondFactorForm | ProveForm = SecondFactorForm() if by_code else ProveForm()
    if form.validate_on_submit():
        typed = {"code" if by_code else "password": next(iter(form)).data or ""}
        try:
            proving.prove(visit, **typed, now=clock.real_now())
        except InvalidInput as error:
            show_error(form, error)
        else:
            return redirect(local_path(request.args.get("next", "/inside")), code=303)
    has_password = visit.account.password_hash is not None
    page = render_template(
        "people/prove.html", form=form, by_code=by_code, possible=by_code or has_password
    )
    return page, 422 if form.errors else 200


@account.route("/account/password", methods=["GET", "POST"])
@limits.failures(limits.account)
@asks_again(reading=True)
def change_password() -> ResponseReturnValue:
    """Another password; all other browsers are signed out."""
    form, rules = PasswordForm(), passwords.rules_of(current_app.config["KAOCHANG"])
    if form.validate_on_submit():
        try:
            services.change_password(
                current_visit(),
                form.old.data or "",
                form.password.data or "",
                rules=rules,
                now=clock.real_now(),
            )
        except InvalidInput as error:
            show_error(form, error)
        else:
            flash(_("Your password is changed. Every other browser is signed out."), "good")
            return redirect(url_for("account.security"), code=303)
    least = rules.least_for(current_account())
    page = render_template("people/password.html", form=form, least=least)
    return page, 422 if form.errors else 200


@account.route("/account/second-factor", methods=["GET", "POST"])
@limits.failures(limits.account)
@asks_again(reading=True)
def add_factor() -> ResponseReturnValue:
    """Add a second factor to one's own account."""
    own, form = current_account(), SecondFactorForm()
    if second_factor.factor_of(own.id) is not None:
        return redirect(url_for("account.security"), code=303)
    shown = second_factor.enrolment_of(own)
    if shown is None:
        second_factor.begin(own.id, now=clock.real_now())
        return redirect(url_for("account.add_factor"), code=303)
    if form.validate_on_submit():
        try:
            codes = second_factor.confirm(own.id, form.code.data or "", now=clock.real_now())
        except InvalidInput as error:
            show_error(form, error)
        else:
            go_on = url_for("account.security")
            return render_template("people/recovery_codes.html", codes=codes, go_on=go_on)
    page = render_template("people/add_factor.html", form=form, shown=shown)
    return page, 422 if form.errors else 200


@account.get("/account/second-factor/qr.svg")
@asks_again(reading=True)
def factor_qr() -> ResponseReturnValue:
    """The secret for the authenticator's camera, until it is confirmed."""
    shown = second_factor.enrolment_of(current_account())
    if shown is None:
        raise NotFound
    return qr_picture(shown.uri)


@account.post("/account/second-factor/codes")
@limits.acts("5 per hour")
@asks_again()
def renew_codes() -> ResponseReturnValue:
    """New recovery codes, shown this once."""
    codes = second_factor.renew_recovery_codes(current_account().id, now=clock.real_now())
    go_on = url_for("account.security")
    return render_template("people/recovery_codes.html", codes=codes, go_on=go_on)


@account.get("/role")
def roles() -> ResponseReturnValue:
    """Ask somebody with several roles in which of them to act."""
    return render_template("people/roles.html", grants=live_grants(current_account()))


@account.post("/role")
def choose_role() -> ResponseReturnValue:
    """Act in another of one's own roles."""
    current_actor()
    own = {str(x.id): x for x in live_grants(current_account())}
    wanted = own.get(request.form.get("role", ""))
    if wanted is None:
        raise NotFound
    visits.choose_role(current_visit().id, wanted, now=clock.real_now())
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
