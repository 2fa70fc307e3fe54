"""Pages of somebody who applies without a school: nobody is signed in here."""

from uuid import UUID

from flask import Blueprint, current_app, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from wtforms.fields.choices import SelectChoice

from exam import clock
from exam.errors import InvalidInput, NotFound, NotSignedIn
from exam.registration import own_door
from exam.registration.findings import finding_text
from exam.registration.own_door import Draft, Times
from exam.registration.own_forms import OwnCodeForm, OwnForm
from exam.registration.permits import current_pack
from exam.web import limits
from exam.web.admission import PICTURE_MB, takes_files
from exam.web.answers import show_error
from exam.web.names import local_name

own = Blueprint("own", __name__)
CODE = "own_door"
"""Where the cookie holds the id of the request for a code."""


@own.before_request
def _offered() -> None:
    """An installation without a gateway for text messages cannot prove a phone."""
    if not current_app.config["CODE_SIGN_IN"]:
        raise NotFound


@own.route("/", methods=["GET", "POST"])
@limits.messages(limits.typed("document_number"))
@limits.messages(limits.typed("phone"))
@takes_files(PICTURE_MB)
def begin() -> ResponseReturnValue:
    """Everything on one page, checked as a whole."""
    form = OwnForm()
    form.office.choices = [SelectChoice(str(x.id), local_name(x)) for x in own_door.offices()]
    if form.validate_on_submit():
        given = form.photo.data.read()
        draft = Draft(UUID(form.office.data), form.cells(), given)
        found = own_door.begin(draft, _times(), current_pack())
        if isinstance(found, UUID):
            session[CODE] = str(found)
            return redirect(url_for("own.code"), code=303)
        for finding in found:
            told = InvalidInput(finding_text(finding.as_json()), field=finding.column or "")
            show_error(form, told)
    return render_template("registration/own.html", form=form), 422 if form.errors else 200


@own.route("/code", methods=["GET", "POST"])
@limits.failures(lambda: f"own:{session.get(CODE, '')}")
def code() -> ResponseReturnValue:
    """Take the code that went to the phone."""
    asked = session.get(CODE)
    if asked is None:
        raise NotSignedIn
    form = OwnCodeForm()
    if form.validate_on_submit():
        try:
            own_door.finish(UUID(asked), form.code.data or "", _times(), current_pack())
        except InvalidInput as error:
            show_error(form, error)
        else:
            session.pop(CODE)
            return redirect(url_for("own.done"), code=303)
    return render_template("registration/own_code.html", form=form), 422 if form.errors else 200


@own.get("/done")
def done() -> ResponseReturnValue:
    """What happens next: the same for everybody."""
    return render_template("registration/own_done.html")


def _times() -> Times:
    return Times(machine=clock.real_now(), now=clock.now())
