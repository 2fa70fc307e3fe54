"""Erasing evidence keys: a reviewer asks, a supervisor decides, and everything is told here."""

from pathlib import Path
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms.fields.choices import SelectChoice

from exam import clock
from exam.errors import Conflict, InvalidInput
from exam.people.guards import current_actor
from exam.people.proving import asks_again
from exam.people.roles import Act, Actor
from exam.privacy import key_erasing as services
from exam.privacy.forms import KeyErasureForm
from exam.privacy.key_rules import Ground
from exam.privacy.wording import GROUNDS, KEPT
from exam.web.answers import show_error
from exam.web.names import local_name

key_erasing = Blueprint("key_erasing", __name__)


@key_erasing.route("/", methods=["GET", "POST"])
@asks_again()
def listed() -> ResponseReturnValue:
    """Requests and what became of them; a reviewer asks here."""
    actor = current_actor()
    form = _form(actor)
    if form.validate_on_submit():
        try:
            _ask(actor, form)
        except (InvalidInput, Conflict) as error:
            show_error(form, error)
        else:
            flash(_("Asked. Nothing is erased until a supervisor agrees."), "good")
            return redirect(url_for("key_erasing.listed"), code=303)
    page = render_template(
        "privacy/keys.html",
        form=form,
        requests=services.requests(actor),
        first=actor.may_sign(Act.PERSONAL_DATA, second=False),
        second=actor.may_sign(Act.PERSONAL_DATA, second=True),
        grounds=GROUNDS,
        kept=KEPT,
    )
    return page, 422 if form.errors else 200


@key_erasing.post("/<uuid:key>")
@asks_again()
def decide(key: UUID) -> ResponseReturnValue:
    """Give or refuse the second name."""
    answer = request.form.get("answer")
    if answer not in {"grant", "refuse"}:
        abort(400)
    granted = answer == "grant"
    services.decide(current_actor(), key, granted=granted, **_house())
    said = _("Agreed. The key is erased within a minute.") if granted else _("Refused. It stays.")
    flash(said, "good")
    return redirect(url_for("key_erasing.listed"), code=303)


def _ask(actor: Actor, form: KeyErasureForm) -> None:
    services.ask(
        actor,
        UUID(form.camera.data),
        form.day.data,
        Ground(form.ground.data),
        reason=form.reason.data or "",
        **_house(),
    )


def _form(actor: Actor) -> KeyErasureForm:
    form = KeyErasureForm()
    found = services.cameras(actor) if actor.may_sign(Act.PERSONAL_DATA, second=False) else []
    form.camera.choices = [
        SelectChoice(str(x.id), f"{local_name(x.site)} · {local_name(x)}") for x in found
    ]
    return form


def _house() -> dict[str, Any]:
    folder: Path = current_app.config["KAOCHANG"].data_folder
    pack = current_app.extensions["kaochang.pack"]
    return {"now": clock.now(), "pack": pack, "data_folder": folder}
