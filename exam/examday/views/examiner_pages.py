"""The examiner: who was drawn for me, the attempt, the score, my signature."""

from collections.abc import Callable
from itertools import groupby
from uuid import UUID

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from exam import clock
from exam.examday import attempts, mine, services, signing
from exam.examday.desk import read_sitting
from exam.examday.exceptions import waiting_for
from exam.examday.forms import ExceptionForm, NoFaultForm, PaperForm
from exam.examday.models import SignatureRole, Sitting
from exam.examday.views.day_pages import act, pack, shared, sites_of, today
from exam.examday.views.hall_pages import ask_exception
from exam.people.guards import current_actor
from exam.people.proving import asks_again
from exam.policy import scoring

examiner = Blueprint("examiner", __name__)


@examiner.get("/")
def mine_today() -> ResponseReturnValue:
    """Who was drawn for me, and who did not come."""
    actor = current_actor()
    days = [x for x in (today(site) for site in sites_of(actor)) if x]
    return render_template(
        "examday/examiner.html",
        rows=mine.drawn_for(actor, [x.id for x in days]),
        missing=mine.may_be_absent([x.id for x in days], now=clock.now()),
        **shared(),
    )


@examiner.get("/sitting/<uuid:sitting_id>")
def sitting(sitting_id: UUID) -> ResponseReturnValue:
    """One candidate: opened, scored, signed."""
    return _page(read_sitting(current_actor(), sitting_id), PaperForm())


@examiner.post("/sitting/<uuid:sitting_id>/open")
def open_attempt(sitting_id: UUID) -> ResponseReturnValue:
    """Begin the attempt."""
    actor = current_actor()
    return _act(
        sitting_id,
        lambda: services.open_attempt(actor, sitting_id, pack=pack(), now=clock.now()),
    )


@examiner.post("/sitting/<uuid:sitting_id>/deduct")
def deduct(sitting_id: UUID) -> ResponseReturnValue:
    """Note a coded deduction."""
    actor, code = current_actor(), request.form.get("code", "")
    return _act(
        sitting_id,
        lambda: services.note_deduction(actor, sitting_id, code, now=clock.now()),
    )


@examiner.post("/sitting/<uuid:sitting_id>/deductions/<uuid:deduction_id>/take-back")
def take_back(sitting_id: UUID, deduction_id: UUID) -> ResponseReturnValue:
    """Take a deduction back that was noted by mistake."""
    actor = current_actor()
    return _act(
        sitting_id,
        lambda: services.take_back(actor, sitting_id, deduction_id, now=clock.now()),
    )


@examiner.post("/sitting/<uuid:sitting_id>/end")
def end(sitting_id: UUID) -> ResponseReturnValue:
    """End a driven attempt."""
    actor = current_actor()
    return _act(
        sitting_id,
        lambda: services.end_attempt(actor, sitting_id, pack=pack(), now=clock.now()),
    )


@examiner.post("/sitting/<uuid:sitting_id>/paper")
def paper(sitting_id: UUID) -> ResponseReturnValue:
    """Confirm the computer's result."""
    actor, form = current_actor(), PaperForm()
    found = read_sitting(actor, sitting_id)
    if not form.validate_on_submit() or form.right.data is None:
        return _page(found, form), 422
    most = scoring.load(pack().text("standard.edition")).paper(
        found.booking.subject, found.booking.case.licence_class
    )
    if not 0 <= form.right.data <= most.questions:
        form.right.errors = [_("Enter a number from 0 to %(most)s.", most=most.questions)]
        return _page(found, form), 422
    right = form.right.data
    return _act(
        sitting_id,
        lambda: services.confirm_paper(actor, sitting_id, right, pack=pack(), now=clock.now()),
    )


@examiner.post("/sitting/<uuid:sitting_id>/retake")
def retake(sitting_id: UUID) -> ResponseReturnValue:
    """Enter the candidate's word on the retake."""
    actor, taken = current_actor(), request.form.get("taken") == "yes"
    return act(
        url_for("examiner.mine_today") if taken else _here(sitting_id),
        lambda: services.answer_retake(actor, sitting_id, taken=taken, now=clock.now()),
    )


@examiner.post("/sitting/<uuid:sitting_id>/sign")
def sign(sitting_id: UUID) -> ResponseReturnValue:
    """Sign the score sheet."""
    actor = current_actor()
    return _act(
        sitting_id,
        lambda: services.sign_as_examiner(actor, sitting_id, pack=pack(), now=clock.now()),
        _("Signed. The candidate now reads and signs on her own page."),
    )


@examiner.route("/sitting/<uuid:sitting_id>/no-fault", methods=["GET", "POST"])
def no_fault(sitting_id: UUID) -> ResponseReturnValue:
    """End without fault, for a reason by default."""
    actor, form = current_actor(), NoFaultForm()
    found = read_sitting(actor, sitting_id)
    form.ask(pack())
    if form.validate_on_submit():
        reason = form.reason.data
        return act(
            url_for("examiner.mine_today"),
            lambda: services.release_no_fault(
                actor, sitting_id, reason, pack=pack(), now=clock.now()
            ),
            _("Ended without fault. Nothing is counted and the place is given back."),
        )
    page = render_template("examday/no_fault.html", sitting=found, form=form, **shared())
    return page, 422 if form.errors else 200


@examiner.route("/sitting/<uuid:sitting_id>/exception", methods=["GET", "POST"])
@asks_again()
def exception(sitting_id: UUID) -> ResponseReturnValue:
    """Ask for what goes against the default; a duty leader decides."""
    found, form = read_sitting(current_actor(), sitting_id), ExceptionForm()
    form.ask(found.state, pack())
    if form.validate_on_submit():
        return _act(
            sitting_id,
            lambda: ask_exception(sitting_id, form),
            _("Asked. It takes effect when a duty leader agrees."),
        )
    page = render_template("examday/exception.html", sitting=found, form=form, **shared())
    return page, 422 if form.errors else 200


@examiner.post("/absent")
def absent() -> ResponseReturnValue:
    """Write down who did not come."""
    actor = current_actor()
    wanted = request.form.getlist("sitting", type=UUID)
    return act(
        url_for("examiner.mine_today"),
        lambda: services.mark_absent(actor, wanted, now=clock.now()),
        _("Written down. A duty leader confirms it."),
    )


def _here(sitting_id: UUID) -> str:
    return url_for("examiner.sitting", sitting_id=sitting_id)


def _act(
    sitting_id: UUID, step: Callable[[], object], done: str | None = None
) -> ResponseReturnValue:
    return act(_here(sitting_id), step, done)


def _page(found: Sitting, form: PaperForm) -> str:
    attempt = next((x for x in found.attempts if x.ended_at is None), None)
    entries = attempts.choices(found, attempt) if attempt else []
    edition = attempt.standard_edition if attempt else pack().text("standard.edition")
    return render_template(
        "examday/attempt.html",
        sitting=found,
        attempt=attempt,
        noted=attempts.live(attempt) if attempt else [],
        running=attempts.score_of(found, attempt, pack()) if attempt else None,
        items=[(k, list(v)) for k, v in groupby(entries, key=lambda x: x.item)],
        standard=scoring.load(edition),
        mark=scoring.pass_mark(found.booking.subject, found.booking.case.licence_class, pack()),
        form=form,
        signed=signing.signature(found.id, SignatureRole.EXAMINER),
        may_act=found.examiner_id == current_actor().account_id,
        request_waiting=waiting_for(found.id),
        **shared(),
    )
