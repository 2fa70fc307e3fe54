"""The way in: password, second factor, code to the phone, activating."""

import io
from uuid import UUID

import segno
from flask import (
    Blueprint,
    Response,
    current_app,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_login import current_user

from exam import clock
from exam.errors import InvalidInput, NotFound, NotSignedIn
from exam.people import entering, one_time_codes, passwords, second_factor, services
from exam.people.forms import (
    ActivationForm,
    AskCodeForm,
    EnterCodeForm,
    SecondFactorForm,
    SignInForm,
)
from exam.web import limits
from exam.web.answers import show_error

people = Blueprint("people", __name__)
CODE = "code"
"""Where the cookie holds the id of the request for a code."""
QR_SCALE = 6


@people.route("/sign-in", methods=["GET", "POST"])
@limits.failures(limits.typed("username"))
def sign_in() -> ResponseReturnValue:
    """Ask for name and password."""
    if request.method == "GET" and current_user.is_authenticated:
        return redirect(url_for("home.inside"), code=303)
    form = SignInForm()
    if form.validate_on_submit():
        try:
            found = services.check_password(form.username.data or "", form.password.data or "")
        except InvalidInput as error:
            show_error(form, error)
        else:
            return entering.proceed(found)
    return render_template("people/sign_in.html", form=form), 422 if form.errors else 200


@people.route("/sign-in/second", methods=["GET", "POST"])
@limits.failures(entering.waiting_key)
def second() -> ResponseReturnValue:
    """Ask for a code of the authenticator, or one of the recovery codes."""
    who, form = entering.waiting(), SecondFactorForm()
    if form.validate_on_submit():
        try:
            second_factor.check(who.account.id, form.code.data or "", now=clock.real_now())
        except InvalidInput as error:
            show_error(form, error)
        else:
            return entering.enter(who)
    return render_template("people/second.html", form=form), 422 if form.errors else 200


@people.route("/sign-in/enrol", methods=["GET", "POST"])
@limits.failures(entering.waiting_key)
def enrol() -> ResponseReturnValue:
    """Staff without a second factor get one before they get in; recovery codes are shown once."""
    who, form = entering.waiting(), SecondFactorForm()
    shown = second_factor.enrolment_of(who.account)
    if shown is None:
        second_factor.begin(who.account.id, now=clock.real_now())
        return redirect(url_for("people.enrol"), code=303)
    if form.validate_on_submit():
        try:
            codes = second_factor.confirm(
                who.account.id, form.code.data or "", now=clock.real_now()
            )
        except InvalidInput as error:
            show_error(form, error)
        else:
            entering.sign_in_as(who)
            go_on = entering.target_of(who)
            return render_template("people/recovery_codes.html", codes=codes, go_on=go_on)
    page = render_template("people/enrol.html", form=form, shown=shown)
    return page, 422 if form.errors else 200


@people.get("/sign-in/enrol/qr.svg")
def enrol_qr() -> ResponseReturnValue:
    """The secret for the authenticator's camera, drawn here and shown once it is asked for."""
    shown = second_factor.enrolment_of(entering.waiting().account)
    if shown is None:
        raise NotFound
    return qr_picture(shown.uri)


def qr_picture(text: str) -> Response:
    """A QR code, dark on light whatever the page's colours, so that every camera reads it."""
    picture = io.BytesIO()
    code = segno.make(text, error="m")
    code.save(picture, kind="svg", scale=QR_SCALE, border=4, light="#fff")
    return Response(picture.getvalue(), mimetype="image/svg+xml")


@people.route("/sign-in/code", methods=["GET", "POST"])
@limits.messages(limits.typed("document_number"))
def ask_code() -> ResponseReturnValue:
    """Send a code to the phone on file; the answer is the same whoever asks."""
    _codes_are_offered()
    form = AskCodeForm()
    if form.validate_on_submit():
        asked = one_time_codes.ask(
            form.document_number.data or "", now=clock.real_now(), news_at=clock.now()
        )
        session[CODE] = str(asked)
        return redirect(url_for("people.enter_code"), code=303)
    return render_template("people/ask_code.html", form=form), 422 if form.errors else 200


@people.route("/sign-in/code/enter", methods=["GET", "POST"])
@limits.failures(lambda: f"code:{session.get(CODE, '')}")
def enter_code() -> ResponseReturnValue:
    """Take the code."""
    _codes_are_offered()
    asked = session.get(CODE)
    if asked is None:
        raise NotSignedIn
    form = EnterCodeForm()
    if form.validate_on_submit():
        try:
            found = one_time_codes.check(UUID(asked), form.code.data or "", now=clock.real_now())
        except InvalidInput as error:
            show_error(form, error)
        else:
            return entering.proceed(found)
    return render_template("people/enter_code.html", form=form), 422 if form.errors else 200


def _codes_are_offered() -> None:
    """An installation without a gateway for text messages has no such page."""
    if not current_app.config["CODE_SIGN_IN"]:
        raise NotFound


@people.route("/activate", methods=["GET", "POST"])
@limits.failures(limits.typed("code"))
def activate() -> ResponseReturnValue:
    """Turn a one-time code into a sign-in."""
    form, rules = ActivationForm(), passwords.rules_of(current_app.config["KAOCHANG"])
    if form.validate_on_submit():
        try:
            found = services.activate(
                form.code.data or "",
                form.last_four.data or "",
                form.username.data or "",
                form.password.data or "",
                rules=rules,
                now=clock.now(),
            )
        except InvalidInput as error:
            show_error(form, error)
        else:
            return entering.proceed(found)
    page = render_template("people/activate.html", form=form, least=rules.candidate)
    return page, 422 if form.errors else 200
