"""The planner's and the duty leader's pages: plans, rounds, releases."""

from uuid import UUID

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms.fields.choices import SelectChoice

from exam import clock
from exam.booking import plan_rules, rules, subject_names, wording
from exam.booking.forms import CloseForm, PatternForm, PlanForm, ReleaseForm, RoundForm, pairs
from exam.booking.models import Plan, Round, RoundState
from exam.booking.plan_rules import Pattern, PoolDraft, SessionDraft
from exam.booking.rules import ALL_CLASSES, Days
from exam.booking.services import bookings, planner, plans, publishing, rounds
from exam.booking.views.candidate import pack
from exam.errors import Conflict, InvalidInput, KaochangError, NotFound, RuleRefused, WrongState
from exam.people.guards import current_actor
from exam.people.roles import Act, Actor, Role
from exam.policy import workdays
from exam.policy.subjects import Subject
from exam.web import limits
from exam.web.answers import show_error
from exam.web.names import local_name

planning = Blueprint("planning", __name__)
REFUSALS = (RuleRefused, Conflict, WrongState)


@planning.context_processor
def names() -> dict[str, object]:
    """What templates call things."""
    return {"names": subject_names, "wording": wording, "RoundState": RoundState}


def zone() -> str:
    """The office's civil time."""
    return str(current_app.config["SITE_TIME_ZONE"])


@planning.get("/")
def start() -> ResponseReturnValue:
    """Plans and rounds of the office."""
    office_id = current_actor().office_id
    return render_template(
        "booking/planning.html",
        plans=planner.plans_of(office_id),
        rounds=planner.rounds_of(office_id),
    )


@planning.route("/plans/new", methods=["GET", "POST"])
def new_plan() -> ResponseReturnValue:
    """A draft over some days."""
    form = PlanForm()
    if form.validate_on_submit():
        try:
            made = plans.create_plan(
                _planner(),
                code=form.code.data or "",
                days=_days(form),
                now=clock.now(),
            )
        except REFUSALS as error:
            form.form_errors.append(str(error))
        else:
            return redirect(url_for("planning.plan", key=made.id), code=303)
    return render_template("booking/plan_new.html", form=form), _status()


@planning.get("/plans/<uuid:key>")
def plan(key: UUID) -> ResponseReturnValue:
    """A plan with its sessions, seats and applications."""
    found = planner.plan_of(key, office_id=current_actor().office_id)
    return _plan_page(found, PatternForm(), RoundForm(data=_whole(found)))


@planning.post("/plans/<uuid:key>/pattern")
def add_pattern(key: UUID) -> ResponseReturnValue:
    """The same session on some weekdays, every week of the plan."""
    found = planner.plan_of(key, office_id=current_actor().office_id)
    form = PatternForm()
    form.site.choices = _site_choices(found)
    if form.validate_on_submit():
        try:
            drafts = plan_rules.sessions_of(
                _pattern(form, found), (found.first_day, found.last_day)
            )
            added = plans.add_sessions(_planner(), found.id, drafts, now=clock.now())
        except REFUSALS as error:
            form.form_errors.append(str(error))
        else:
            flash(_("%(count)s sessions added.", count=added), "good")
            return redirect(url_for("planning.plan", key=key), code=303)
    return _plan_page(found, form, RoundForm(formdata=None, data=_whole(found)), status=422)


@planning.post("/plans/<uuid:key>/publish")
def publish_plan(key: UUID) -> ResponseReturnValue:
    """Make a plan public, in time."""
    try:
        plans.publish_plan(_planner(), key, now=clock.now(), pack=pack(), zone=zone())
    except REFUSALS as error:
        flash(str(error), "bad")
    else:
        flash(_("The plan is public now."), "good")
    return redirect(url_for("planning.plan", key=key), code=303)


@planning.post("/plans/<uuid:key>/rounds")
def open_round(key: UUID) -> ResponseReturnValue:
    """Open a round over some days of the plan."""
    found = planner.plan_of(key, office_id=current_actor().office_id)
    form = RoundForm()
    if form.validate_on_submit():
        try:
            made = rounds.open_round(
                _planner(),
                found.id,
                code=form.code.data or "",
                days=_days(form),
                now=clock.now(),
                pack=pack(),
                calendar=workdays.load(),
            )
        except REFUSALS as error:
            form.form_errors.append(str(error))
        else:
            return redirect(url_for("planning.round_", code=made.code), code=303)
    return _plan_page(found, PatternForm(formdata=None), form, status=422)


@planning.get("/rounds/<code>")
def round_(code: str) -> ResponseReturnValue:
    """A round: where it stands, and what can be done next."""
    return _round_page(_own_round(code), CloseForm())


@planning.get("/rounds/<code>/progress")
def progress(code: str) -> ResponseReturnValue:
    """The part of the page that asks again while the jobs process works."""
    return render_template("booking/_round_progress.html", round=_own_round(code), fragment=True)


@planning.post("/rounds/<code>/close")
def close(code: str) -> ResponseReturnValue:
    """Close the window; the jobs process does the rest."""
    found, form = _own_round(code), CloseForm()
    try:
        rounds.close_round(_planner(), found.id, now=clock.now(), reason=(form.reason.data or ""))
    except InvalidInput as error:
        show_error(form, error)
        return _round_page(_own_round(code), form, status=422)
    return redirect(url_for("planning.round_", code=code), code=303)


@planning.post("/rounds/<code>/<any(sign,publish,again):step>")
def act(code: str, step: str) -> ResponseReturnValue:
    """Sign first, sign second and publish, or try again."""
    found, actor, now = _own_round(code), current_actor(), clock.now()
    folder = current_app.config["KAOCHANG"].data_folder
    try:
        if step == "sign":
            publishing.sign_round(actor, found.id, now=now)
        elif step == "publish":
            publishing.publish_round(actor, found.id, now=now, data_folder=folder)
        else:
            rounds.try_again(_planner(), found.id, now=now)
    except KaochangError as error:
        flash(str(error), "bad")
    return redirect(url_for("planning.round_", code=code), code=303)


@planning.route("/release", methods=["GET", "POST"])
@limits.acts("120 per minute")
def release() -> ResponseReturnValue:
    """Take a booking back through no fault of the candidate's."""
    form = ReleaseForm()
    if form.validate_on_submit():
        try:
            bookings.release_by_office(
                current_actor(),
                (form.reference.data or "").strip().upper(),
                reason=form.cause.data,
                now=clock.now(),
            )
        except (NotFound, WrongState):
            form.reference.errors = [_("No live booking has this reference. Check it.")]
        else:
            flash(_("The booking is taken back; it costs the candidate nothing."), "good")
            return redirect(url_for("planning.release"), code=303)
    return render_template("booking/release.html", form=form), _status()


def _planner() -> Actor:
    actor = current_actor()
    if actor.role is not Role.PLANNER:
        raise NotFound
    return actor


def _own_round(code: str) -> Round:
    return planner.round_by_code(code, office_id=current_actor().office_id)


def _days(form: PlanForm | RoundForm) -> Days:
    first, last = form.first_day.data, form.last_day.data
    assert first is not None
    assert last is not None
    return first, last


def _tier_names() -> dict[int, object]:
    """What the pack's groups are called; two may share a number where a pack joins them."""
    names: dict[int, list[str]] = {}
    for rule, words in wording.RULES.items():
        if rule.startswith("tier."):
            names.setdefault(pack().integer(rule), []).append(str(words))
    return {number: " / ".join(words) for number, words in names.items()}


def _status() -> int:
    return 422 if request.method == "POST" else 200


def _whole(found: Plan) -> dict[str, object]:
    return {"first_day": found.first_day, "last_day": found.last_day}


def _site_choices(found: Plan) -> list[SelectChoice]:
    return pairs((str(x.id), local_name(x)) for x in planner.sites_of(found.office_id))


def _pattern(form: PatternForm, found: Plan) -> Pattern:
    start, end = form.start.data, form.end.data
    assert start is not None
    assert end is not None
    pool = PoolDraft(
        kind=form.kind.data or "",
        classes=tuple(form.classes.data or ()) or (ALL_CLASSES,),
        seats=form.seats.data or 0,
        vehicles=form.vehicles.data or 0,
        offers=tuple(form.offers.data or ()),
    )
    draft = SessionDraft(
        site_id=UUID(form.site.data),
        subject=Subject(form.subject.data),
        date=found.first_day,
        start=start,
        end=end,
        seats=pool.seats,
        pools=(pool,),
    )
    return Pattern(draft, frozenset(int(x) for x in form.weekdays.data or ()))


def _plan_page(
    found: Plan, pattern: PatternForm, opening: RoundForm, *, status: int = 200
) -> ResponseReturnValue:
    pattern.site.choices = _site_choices(found)
    first = found.first_day
    return render_template(
        "booking/plan.html",
        plan=found,
        lines=planner.plan_sessions(found),
        pattern=pattern,
        opening=opening,
        rounds=[x for x in planner.rounds_of(found.office_id) if x.plan_id == found.id],
        lead=pack().integer("plan.publish_lead_days"),
        closing=rules.closing_time(first, pack(), workdays.load(), zone()),
        not_announced=rules.not_announced([first, found.last_day], workdays.load()),
        may_roster=current_actor().may_sign(Act.ROSTER, second=False),
    ), status


def _round_page(found: Round, form: CloseForm, *, status: int = 200) -> ResponseReturnValue:
    actor, now = current_actor(), clock.now()
    subjects, tiers = planner.tallies(found)
    return render_template(
        "booking/round.html",
        form=form,
        round=found,
        subjects=subjects,
        tiers=tiers,
        tier_names=_tier_names(),
        signers=planner.signers(found),
        early=now < found.closes_at,
        is_planner=actor.role is Role.PLANNER,
        may_sign=actor.may_sign(Act.PUBLISH_ROUND, second=False),
        may_publish=actor.may_sign(
            Act.PUBLISH_ROUND, second=True, first_account_id=found.published_by
        ),
        results_by=rules.results_by(found.first_day, pack(), workdays.load()),
    ), status
