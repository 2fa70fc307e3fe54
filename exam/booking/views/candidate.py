"""The candidate: what she may apply for, her applications, what a round gave her."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from exam import clock
from exam.booking import round_files, subject_names, wording
from exam.booking.forms import ApplyForm, pairs
from exam.booking.models import Application, ApplicationState
from exam.booking.rules import Wish, results_by
from exam.booking.services import applications, bookings, candidate
from exam.booking.services.candidate import Offer
from exam.errors import NotFound, RuleRefused
from exam.people.guards import current_actor
from exam.policy import workdays
from exam.policy.pack import Pack
from exam.policy.subjects import Subject
from exam.web.names import local_name

booking = Blueprint("booking", __name__)
ORDER = "order-"


@booking.context_processor
def names() -> dict[str, object]:
    """What templates call things."""
    return {"names": subject_names, "wording": wording}


def pack() -> Pack:
    """The rules in force."""
    found: Pack = current_app.extensions["kaochang.pack"]
    return found


@booking.get("/")
def start() -> ResponseReturnValue:
    """Bookings, applications, and what can be applied for."""
    actor, now = current_actor(), clock.now()
    if actor.person_id is None:
        raise NotFound
    return render_template(
        "booking/start.html",
        bookings=bookings.bookings_of(actor.person_id),
        applications=candidate.applications_of(actor.person_id),
        possible=candidate.possibilities(actor, now=now, pack=pack()),
    )


@booking.route("/apply/<code>/<uuid:case_id>/<subject>", methods=["GET", "POST"])
def apply(code: str, case_id: UUID, subject: str) -> ResponseReturnValue:
    """Number sessions, or accept any on some days; save or change."""
    found = _offer(code, case_id, subject)
    form = ApplyForm(data=_saved(found))
    form.area.choices = pairs((x.code, local_name(x)) for x in found.sites)
    orders = _orders(found)
    if form.validate_on_submit():
        wish = _wish(found, form)
        try:
            made = applications.apply(
                current_actor(), found.round.id, wish, now=clock.now(), pack=pack()
            )
        except RuleRefused as error:
            form.form_errors.append(str(error))
        else:
            flash(
                _("Your application is saved. You can change it until the window closes."), "good"
            )
            return redirect(url_for("booking.application", key=made.id), code=303)
    wrong = request.method == "POST"
    return render_template(
        "booking/apply.html",
        form=form,
        offer=found,
        orders=orders,
        limit=pack().integer("booking.max_choices"),
        results_by=results_by(found.round.first_day, pack(), workdays.load()),
    ), (422 if wrong else 200)


@booking.get("/application/<uuid:key>")
def application(key: UUID) -> ResponseReturnValue:
    """One application: what was asked, and what the round made of it."""
    found = candidate.outcome(current_actor(), key)
    mine = found.application
    closed = mine.round.closes_at <= clock.now()
    waits = mine.state is ApplicationState.ACTIVE and not closed
    return render_template(
        "booking/application.html",
        outcome=found,
        closed=closed,
        offer=_offer(mine.round.code, mine.case_id, mine.subject) if waits else None,
        results_by=results_by(mine.round.first_day, pack(), workdays.load()),
        would=_would(mine) if mine.state is ApplicationState.REFUSED else None,
    )


def _would(mine: Application) -> dict[str, Any] | None:
    """What would have got a refused application a seat, with the sessions themselves."""
    folder = round_files.folder_of(current_app.config["KAOCHANG"].data_folder, mine.round.code)
    kept = round_files.reason(folder, mine.public_name)
    if kept is None:
        return None
    return {
        "rank": kept["needed_rank"],
        "sessions": candidate.sessions_named(kept["other_sessions"]),
        "days": candidate.sessions_named(kept["other_days"]),
    }


@booking.post("/application/<uuid:key>/withdraw")
def withdraw(key: UUID) -> ResponseReturnValue:
    """Take an application back; it costs nothing."""
    applications.withdraw(current_actor(), key, now=clock.now())
    flash(_("Your application is withdrawn. It cost you nothing."), "good")
    return redirect(url_for("booking.start"), code=303)


def _offer(code: str, case_id: UUID, subject: str) -> Offer:
    if subject not in set(Subject):
        raise NotFound
    return candidate.offer(
        current_actor(), code, case_id, Subject(subject), now=clock.now(), pack=pack()
    )


def _saved(found: Offer) -> dict[str, object]:
    mine = found.application
    if mine is None:
        return {
            "any_session": found.last_chance,
            "earliest": found.days[0],
            "latest": found.days[1],
        }
    return {
        "any_session": mine.any_session,
        "earliest": mine.earliest,
        "latest": mine.latest,
        "area": mine.area,
        "use_credit": mine.use_credit,
    }


def _orders(found: Offer) -> dict[UUID, str]:
    """The number beside each session: as sent, or kept before, else as saved."""
    if request.method == "POST":
        return _numbers(found, request.form)
    if (kept := g.get("kept_fields")) is not None:
        return _numbers(found, kept)
    choices = found.application.choices if found.application else []
    return {x.session_id: str(x.position) for x in choices}


def _numbers(found: Offer, typed: Mapping[str, str]) -> dict[UUID, str]:
    return {x.session.id: typed.get(f"{ORDER}{x.session.code}", "") for x in found.lines}


def _wish(found: Offer, form: ApplyForm) -> Wish:
    numbered = sorted(
        (int(number), session_id)
        for session_id, number in _orders(found).items()
        if number.isdecimal()
    )
    repeated = len({number for number, _session in numbered}) < len(numbered)
    chosen = [session_id for _number, session_id in numbered]
    wide = bool(form.any_session.data)
    return Wish(
        case_id=found.case.id,
        subject=found.subject,
        choices=tuple(chosen + chosen[:1] if repeated else chosen),
        any_session=wide,
        area=tuple(form.area.data or ()) if wide else (),
        earliest=form.earliest.data if wide else None,
        latest=form.latest.data if wide else None,
        use_credit=bool(form.use_credit.data),
    )
