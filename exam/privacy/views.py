"""What is kept and why, for everybody; holds and receipts, for those who sign for them."""

from collections.abc import Callable
from uuid import UUID

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from exam import clock
from exam.errors import InvalidInput, NotAllowed
from exam.people.guards import current_actor
from exam.people.proving import asks_again
from exam.people.roles import Act, Actor, Role
from exam.policy.pack import Pack
from exam.policy.sources import source_of
from exam.privacy import holds, purposes, retention
from exam.privacy.forms import HoldForm
from exam.privacy.models import LegalHold
from exam.privacy.wording import KINDS, RULES
from exam.web.answers import show_error

privacy = Blueprint("privacy", __name__)
holding = Blueprint("holding", __name__)


@privacy.get("/privacy")
def page() -> ResponseReturnValue:
    """What is kept of people, what for, how long, and on what ground."""
    pack: Pack = current_app.extensions["kaochang.pack"]
    table = purposes.load()
    terms = {x.term: pack[x.term] for x in table.purpose if x.term not in table.terms}
    return render_template(
        "privacy/page.html", table=table, terms=terms, kinds=KINDS, source_of=source_of
    )


@holding.route("/holds", methods=["GET", "POST"])
@asks_again()
def listed() -> ResponseReturnValue:
    """Holds that stand; a reviewer asks for one."""
    actor, form = current_actor(), HoldForm()
    if form.validate_on_submit():
        try:
            holds.ask(
                actor,
                item=form.item.data,
                document=form.document.data,
                reason=form.reason.data or "",
                now=clock.now(),
            )
        except InvalidInput as error:
            show_error(form, error)
        else:
            flash(_("It is kept from now on. A supervisor still has to agree."), "good")
            return redirect(url_for("holding.listed"), code=303)
    first, second = (actor.may_sign(Act.PERSONAL_DATA, second=x) for x in (False, True))
    found = holds.live_holds(actor)
    page = render_template("privacy/holds.html", holds=found, form=form, first=first, second=second)
    return page, 422 if form.errors else 200


@holding.post("/holds/<uuid:hold_id>/agree")
@asks_again()
def agree(hold_id: UUID) -> ResponseReturnValue:
    """A supervisor sets a hold."""
    return _done(holds.agree, hold_id, _("The hold is set."))


@holding.post("/holds/<uuid:hold_id>/ask-lift")
@asks_again()
def ask_lift(hold_id: UUID) -> ResponseReturnValue:
    """A reviewer asks to lift a hold."""
    return _done(holds.ask_lift, hold_id, _("Asked. It holds until a supervisor agrees."))


@holding.post("/holds/<uuid:hold_id>/lift")
@asks_again()
def lift(hold_id: UUID) -> ResponseReturnValue:
    """A supervisor lifts a hold."""
    return _done(holds.lift, hold_id, _("The hold is lifted. What is past its term may go."))


@holding.get("/retention")
def receipts() -> ResponseReturnValue:
    """What was erased under each rule, and what a hold kept."""
    if current_actor().role is not Role.SUPERVISOR:
        raise NotAllowed
    pack: Pack = current_app.extensions["kaochang.pack"]
    return render_template(
        "privacy/retention.html",
        receipts=retention.latest_receipts(),
        totals=retention.totals(),
        rules=RULES,
        pack=pack,
        source_of=source_of,
    )


def _done(act: Callable[..., LegalHold], hold_id: UUID, said: str) -> ResponseReturnValue:
    actor: Actor = current_actor()
    act(actor, hold_id, now=clock.now())
    flash(said, "good")
    return redirect(url_for("holding.listed"), code=303)
