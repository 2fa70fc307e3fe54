"""Pages of rosters for those who make and approve them."""

from datetime import date
from uuid import UUID

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from exam import clock
from exam.booking.models import Plan
from exam.db import db
from exam.errors import Conflict, InvalidInput, NotFound
from exam.people.guards import current_actor
from exam.people.proving import asks_again
from exam.people.roles import Act, Role
from exam.policy.pack import Pack
from exam.rostering import asking, reading, staff, telling, wording
from exam.rostering.forms import AwayForm, QualificationForm, RosterForm
from exam.rostering.gathering import sites_of
from exam.rostering.models import Roster
from exam.rostering.states import RosterState
from exam.rostering.wording import Clause
from exam.web.answers import show_error
from exam.web.names import local_name

rostering = Blueprint("rostering", __name__)


@rostering.context_processor
def names() -> dict[str, object]:
    """What templates call things."""
    actor = current_actor()
    return {
        "said": wording,
        "first": actor.may_sign(Act.ROSTER, second=False),
        "second": actor.may_sign(Act.ROSTER, second=True),
    }


@rostering.get("/")
def listed() -> ResponseReturnValue:
    """The office's rosters."""
    actor = current_actor()
    sites = {x.code: x for x in staff.sites_of(actor)}
    rosters = reading.rosters_of(actor.office_id)
    return render_template("rostering/list.html", rosters=rosters, sites=sites)


@rostering.route("/new", methods=["GET", "POST"])
def new() -> ResponseReturnValue:
    """Ask for a roster; the link of a plan brings its days along."""
    actor, form = current_actor(), RosterForm()
    Roster.NAMES.may_ask(actor)
    usual = asking.usual(_pack())
    form.offer([(x.code, local_name(x)) for x in staff.sites_of(actor)], usual)
    if request.method == "GET":
        _fill_days(form)
    if form.validate_on_submit():
        try:
            made = _ask(form)
        except (InvalidInput, Conflict) as error:
            show_error(form, error)
        else:
            return redirect(url_for("rostering.page", key=made.id), code=303)
    return render_template("rostering/new.html", form=form), 422 if form.errors else 200


@rostering.get("/<uuid:key>")
def page(key: UUID) -> ResponseReturnValue:
    """A roster: who works where, how fair it is, what proves it, and what can be done next."""
    found = _roster(key)
    days = reading.days_of(found)
    chosen = request.args.get("day", type=date.fromisoformat)
    day = chosen if chosen in days else next(iter(days), None)
    solved = found.state in {RosterState.DRAFT, RosterState.TOLD, RosterState.REPLACED}
    return render_template(
        "rostering/roster.html",
        roster=found,
        solved=solved,
        days=days,
        day=day,
        duties=reading.duties_on(found, day) if day and solved else [],
        loads=reading.loads_of(found) if solved else [],
        who=reading.names_of(found),
        sites=list(sites_of(found).values()),
        clauses=_clauses(found),
        today=clock.civil_date(clock.now(), current_app.config["SITE_TIME_ZONE"]),
    )


@rostering.get("/<uuid:key>/progress")
def progress(key: UUID) -> ResponseReturnValue:
    """The part of the page that asks again while the jobs process works."""
    return render_template("rostering/_progress.html", roster=_roster(key), fragment=True)


@rostering.post("/<uuid:key>/<any(sign,approve):step>")
@asks_again()
def decide(key: UUID, step: str) -> ResponseReturnValue:
    """The two signatures."""
    _roster(key)
    try:
        if step == "sign":
            telling.sign(current_actor(), key, now=clock.now())
            flash(_("Signed. A duty leader approves it now."), "good")
        else:
            telling.approve(current_actor(), key, now=clock.now())
            flash(_("In force. Everybody on it is told."), "good")
    except Conflict as error:
        flash(str(error), "bad")
    return redirect(url_for("rostering.page", key=key), code=303)


@rostering.post("/<uuid:key>/<any(again,drop,instead):what>")
def act(key: UUID, what: str) -> ResponseReturnValue:
    """Try again, drop, or ask for another in its place."""
    actor, now = current_actor(), clock.now()
    _roster(key)
    try:
        if what == "again":
            asking.try_again(actor, key, now=now)
        elif what == "drop":
            asking.drop(actor, key, now=now)
        else:
            key = asking.ask_instead(actor, key, now=now).id
    except (Conflict, InvalidInput) as error:
        flash(str(error), "bad")
    return redirect(url_for("rostering.page", key=key), code=303)


@rostering.get("/people")
def people() -> ResponseReturnValue:
    """Who can be put on a roster, and what for."""
    found = staff.members(current_actor(), now=clock.now())
    return render_template("rostering/people.html", members=found)


@rostering.route("/people/<uuid:account_id>/<role>", methods=["GET", "POST"])
def qualification(account_id: UUID, role: str) -> ResponseReturnValue:
    """Enter what somebody is qualified for."""
    actor = current_actor()
    Roster.NAMES.may_ask(actor)
    found = staff.member(actor, account_id, _role(role), now=clock.now())
    form = QualificationForm(obj=found.qualification)
    if not form.is_submitted() and found.qualification is None:
        form.weekly_hours.data = asking.usual(_pack()).weekly_hours
    if form.validate_on_submit():
        try:
            staff.qualify(actor, account_id, found.role, _held(form), now=clock.now())
        except InvalidInput as error:
            show_error(form, error)
        else:
            flash(_("Entered. It counts for the next roster."), "good")
            return redirect(url_for("rostering.people"), code=303)
    page = render_template("rostering/qualification.html", form=form, member=found)
    return page, 422 if form.errors else 200


@rostering.route("/people/<uuid:account_id>/<role>/away", methods=["GET", "POST"])
def away(account_id: UUID, role: str) -> ResponseReturnValue:
    """Enter that somebody who has called is away."""
    actor, form = current_actor(), AwayForm()
    Roster.NAMES.may_ask(actor)
    found = staff.member(actor, account_id, _role(role), now=clock.now())
    if form.validate_on_submit():
        days = (form.first_day.data, form.last_day.data)
        try:
            staff.declare_away(actor, days, account_id=account_id, now=clock.now())
        except InvalidInput as error:
            show_error(form, error)
        else:
            flash(_("Entered. Ask for a roster in place of one that is in force."), "good")
            return redirect(url_for("rostering.listed"), code=303)
    page = render_template("rostering/away.html", form=form, member=found)
    return page, 422 if form.errors else 200


def _ask(form: RosterForm) -> Roster:
    first_day, last_day = form.first_day.data, form.last_day.data
    assert first_day is not None
    assert last_day is not None
    return asking.ask(
        current_actor(),
        sites=form.sites.data or (),
        days=(first_day, last_day),
        demands=form.demands(),
        pack=_pack(),
        now=clock.now(),
    )


def _fill_days(form: RosterForm) -> None:
    key = request.args.get("plan", type=UUID)
    plan = db.session.get(Plan, key) if key else None
    if plan is not None and current_actor().covers(office_id=plan.office_id):
        form.first_day.data, form.last_day.data = plan.first_day, plan.last_day


def _clauses(found: Roster) -> list[Clause]:
    who, sites = reading.names_of(found), {x.code: x for x in sites_of(found).values()}
    numbers = [x["duty"] for x in found.conflict if x["rule"] == "needs"]
    needed = [wording.needs(x) for x in reading.duties_at(found, numbers)]
    others = [x for x in found.conflict if x["rule"] != "needs"]
    return needed + wording.clauses(others, who, sites)


def _held(form: QualificationForm) -> staff.Held:
    return staff.Held(
        form.subjects.data or (),
        form.classes.data or (),
        form.weekly_hours.data or 1,
        form.valid_until.data,
    )


def _role(name: str) -> Role:
    try:
        return Role(name)
    except ValueError:
        raise NotFound from None


def _roster(key: UUID) -> Roster:
    return reading.roster_of(current_actor(), key)


def _pack() -> Pack:
    pack: Pack = current_app.extensions["kaochang.pack"]
    return pack
