"""The hall: checklist, check-in, identity, queue and draw. Closing is in `leader`."""

from uuid import UUID

import sqlalchemy as sa
from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from exam import clock
from exam.clock import civil_date
from exam.db import db
from exam.disk import nothing_half
from exam.errors import InvalidInput, NotFound, RuleRefused, WrongState
from exam.examday import services
from exam.examday.calling import line_of, means_of
from exam.examday.desk import day_in_scope, read_sitting
from exam.examday.exceptions import waiting, waiting_for
from exam.examday.forms import ChecklistForm, ExceptionForm, NumberForm, PictureForm, WordsForm
from exam.examday.models import ExamDay, ExceptionKind, Sitting, SittingState
from exam.examday.pictures import keep_probe
from exam.examday.rules import IdentityStep, Line
from exam.examday.views.day_pages import act, data_folder, names_of, pack, shared, sites_of, today
from exam.examday.wording import CHECKLIST
from exam.people.guards import current_actor
from exam.people.models import Site
from exam.people.proving import asks_again
from exam.policy.subjects import Subject
from exam.sealing import answers
from exam.vision.models import VisionQuestion
from exam.web import limits
from exam.web.admission import PICTURE_MB, takes_files
from exam.web.answers import show_error

hall = Blueprint("hall", __name__)


@hall.get("/")
def sites() -> ResponseReturnValue:
    """Today at the sites of one's scope."""
    rows = [(x, today(x)) for x in sites_of(current_actor())]
    return render_template("examday/sites.html", rows=rows, **shared())


@hall.post("/sites/<uuid:site_id>/start")
def start(site_id: UUID) -> ResponseReturnValue:
    """Make the sittings of today's bookings, or those that came later."""
    actor, now = current_actor(), clock.now()
    site = db.session.get(Site, site_id)
    if site is None:
        raise NotFound
    day = services.start_day(site_id, civil_date(now, site.time_zone), now=now, actor=actor)
    return redirect(url_for("hall.day", day_id=day.id), code=303)


@hall.get("/day/<uuid:day_id>")
def day(day_id: UUID) -> ResponseReturnValue:
    """The hall at work: queues, who was called, who sits where."""
    found = read_day(day_id)
    means = means_of(found)
    lines = sorted({line_of(x) for x in means.sittings})
    return render_template(
        "examday/hall.html",
        day=found,
        means=means,
        lines=lines,
        names=names_of({x.examiner_id for x in means.sittings}),
        exceptions=len(waiting(day_id)),
        **shared(),
    )


@hall.route("/day/<uuid:day_id>/open", methods=["GET", "POST"])
def open_day(day_id: UUID) -> ResponseReturnValue:
    """The checklist, and then the day opens."""
    found, form = read_day(day_id), ChecklistForm()
    form.ask(pack().words("day.checklist"))
    if form.validate_on_submit():
        try:
            services.open_day(
                current_actor(), day_id, ready=form.ready.data or [], pack=pack(), now=clock.now()
            )
        except InvalidInput as error:
            show_error(form, error)
        else:
            return redirect(url_for("hall.day", day_id=day_id), code=303)
    hints = {x: CHECKLIST[x][1] for x in pack().words("day.checklist")}
    page = render_template("examday/open.html", day=found, form=form, hints=hints, **shared())
    return page, 422 if form.errors else 200


@hall.route("/day/<uuid:day_id>/check-in", methods=["GET", "POST"])
@limits.acts("120 per minute")
def check_in(day_id: UUID) -> ResponseReturnValue:
    """The number of who stands at the desk."""
    found, form = read_day(day_id), NumberForm()
    if form.validate_on_submit():
        number = form.number.data or ""
        try:
            sitting = services.check_in(
                current_actor(), day_id, number, pack=pack(), now=clock.now()
            )
        except InvalidInput as error:
            show_error(form, error)
        except (RuleRefused, WrongState) as error:
            form.form_errors.append(str(error))
        else:
            return redirect(url_for("hall.sitting", sitting_id=sitting.id), code=303)
    page = render_template("examday/check_in.html", day=found, form=form, **shared())
    return page, 422 if form.errors else 200


@hall.get("/sitting/<uuid:sitting_id>")
def sitting(sitting_id: UUID) -> ResponseReturnValue:
    """One person at the desk; looked at again, it takes the machine's answer like its fragment."""
    actor = current_actor()
    found = read_sitting(actor, sitting_id)
    asked = found.vision_question_id is not None and found.identity_by is None
    if asked and found.state is SittingState.CHECKED_IN:
        services.take_answer(actor, sitting_id, pack=pack(), now=clock.now())
        found = read_sitting(actor, sitting_id)
    return _desk(found, PictureForm())


@hall.post("/sitting/<uuid:sitting_id>/picture")
@takes_files(PICTURE_MB)
def picture(sitting_id: UUID) -> ResponseReturnValue:
    """Compare the face with the registered photo, one to one."""
    actor, form = current_actor(), PictureForm()
    found = read_sitting(actor, sitting_id)
    if not form.validate_on_submit():
        return _desk(found, form), 422
    try:
        probe = keep_probe(form.picture.data.read(), data_folder(), on=found.day.date)
    except InvalidInput as error:
        show_error(form, error)
        return _desk(found, form), 422

    def ask() -> None:
        with nothing_half(data_folder() / probe):
            services.ask_machine(actor, sitting_id, probe, now=clock.now())

    return act(url_for("hall.sitting", sitting_id=sitting_id), ask)


@hall.get("/sitting/<uuid:sitting_id>/identity")
def identity(sitting_id: UUID) -> ResponseReturnValue:
    """What the identity waits for: asked again until the machine answers or its time is over."""
    actor = current_actor()
    services.take_answer(actor, sitting_id, pack=pack(), now=clock.now())
    return _identity(read_sitting(actor, sitting_id), PictureForm(), "examday/_identity.html")


@hall.post("/sitting/<uuid:sitting_id>/confirm")
def confirm(sitting_id: UUID) -> ResponseReturnValue:
    """A person has compared face and document."""
    actor = current_actor()
    return act(
        url_for("hall.sitting", sitting_id=sitting_id),
        lambda: services.confirm_by_person(actor, sitting_id, now=clock.now()),
    )


@hall.route("/sitting/<uuid:sitting_id>/doubt", methods=["GET", "POST"])
def doubt(sitting_id: UUID) -> ResponseReturnValue:
    """This is somebody else: noted, nothing decided."""
    actor, form = current_actor(), WordsForm()
    found = read_sitting(actor, sitting_id)
    if form.validate_on_submit():
        words = form.words.data or ""
        return act(
            url_for("hall.day", day_id=found.exam_day_id),
            lambda: services.doubt_identity(actor, sitting_id, words=words, now=clock.now()),
            _("Noted. The place waits for the person who booked it."),
        )
    page = render_template("examday/doubt.html", sitting=found, form=form, **shared())
    return page, 422 if form.errors else 200


@hall.post("/day/<uuid:day_id>/call/<subject>/<kind>")
def call(day_id: UUID, subject: str, kind: str) -> ResponseReturnValue:
    """Call the next person of a line."""
    if subject not in {x.value for x in Subject}:
        raise NotFound
    actor, line = current_actor(), Line(Subject(subject), kind)
    return act(
        url_for("hall.day", day_id=day_id),
        lambda: services.call_next(actor, day_id, line, pack=pack(), now=clock.now()),
    )


@hall.post("/sitting/<uuid:sitting_id>/draw")
def draw(sitting_id: UUID) -> ResponseReturnValue:
    """Draw examiner, vehicle with lane, or terminal."""
    actor = current_actor()
    found = read_sitting(actor, sitting_id)
    return act(
        url_for("hall.day", day_id=found.exam_day_id),
        lambda: services.draw_for(actor, sitting_id, pack=pack(), now=clock.now()),
    )


@hall.post("/sitting/<uuid:sitting_id>/put-back")
def put_back(sitting_id: UUID) -> ResponseReturnValue:
    """Called, but not here."""
    actor = current_actor()
    found = read_sitting(actor, sitting_id)
    return act(
        url_for("hall.day", day_id=found.exam_day_id),
        lambda: services.put_back(actor, sitting_id, now=clock.now()),
    )


@hall.route("/sitting/<uuid:sitting_id>/exception", methods=["GET", "POST"])
@asks_again()
def exception(sitting_id: UUID) -> ResponseReturnValue:
    """Ask for a redraw, or for no-fault against the default; a duty leader decides."""
    actor, form = current_actor(), ExceptionForm()
    found = read_sitting(actor, sitting_id)
    form.ask(found.state, pack())
    if form.validate_on_submit():
        return act(
            url_for("hall.sitting", sitting_id=sitting_id),
            lambda: ask_exception(sitting_id, form),
            _("Asked. It takes effect when a duty leader agrees."),
        )
    page = render_template("examday/exception.html", sitting=found, form=form, **shared())
    return page, 422 if form.errors else 200


def ask_exception(sitting_id: UUID, form: ExceptionForm) -> None:
    """Ask for what the form says."""
    actor, now, reason = current_actor(), clock.now(), form.reason.data or ""
    if form.kind.data == ExceptionKind.REDRAW:
        services.ask_redraw(actor, sitting_id, reason=reason, now=now)
    else:
        services.ask_no_fault(
            actor, sitting_id, form.code.data or "", reason=reason, pack=pack(), now=now
        )


@hall.get("/sitting/<uuid:sitting_id>/photo/<which>")
def photo(sitting_id: UUID, which: str) -> Response:
    """The registered photo or the picture of the desk, for the person who compares."""
    found = read_sitting(current_actor(), sitting_id)
    name = found.booking.case.person.photo
    if which == "probe":
        question = found.vision_question_id
        asked = db.session.get(VisionQuestion, question) if question else None
        name = asked.probe if asked else None
    return answers.picture(name)


def read_day(day_id: UUID) -> ExamDay:
    """A day of one's scope, with its site."""
    query = sa.select(ExamDay).where(ExamDay.id == day_id, day_in_scope(current_actor()))
    found = db.session.scalar(query.options(joinedload(ExamDay.site)))
    if found is None:
        raise NotFound
    return found


def _desk(found: Sitting, form: PictureForm) -> str:
    return _identity(found, form, "examday/sitting.html")


def _identity(found: Sitting, form: PictureForm, template: str) -> str:
    step = services.identity_step(found, pack=pack(), now=clock.now())
    return render_template(
        template,
        sitting=found,
        form=form,
        step=step if found.state is SittingState.CHECKED_IN else IdentityStep.DONE,
        request_waiting=waiting_for(found.id),
        names=names_of({found.examiner_id, found.identity_account_id}),
        seconds=pack().integer("identity.machine_seconds"),
        **shared(),
    )
