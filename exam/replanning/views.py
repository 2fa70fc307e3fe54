"""Pages of replanning: ask, look at the draft, sign, approve, tell."""

import io
from datetime import date
from pathlib import Path
from uuid import UUID

from flask import (
    Blueprint,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from exam import clock
from exam.booking import round_files, subject_names
from exam.booking.forms import pairs
from exam.booking.models import Round, Session
from exam.booking.services import offering, planner
from exam.errors import Conflict, InvalidInput, KaochangError, NotFound, RuleRefused
from exam.examday import outages
from exam.people.guards import current_actor
from exam.people.proving import asks_again
from exam.people.roles import Act, Role
from exam.policy.pack import Pack
from exam.policy.subjects import Subject
from exam.replanning import asking, reading, telling, wording
from exam.replanning.asking import Guest
from exam.replanning.forms import AskForm, GuestForm, WhereForm, ask_form, cuts_of
from exam.replanning.models import Replan, ReplanKind, ReplanState
from exam.replanning.proposals import proposal, touched_by
from exam.web.answers import show_error
from exam.web.names import local_name

replanning = Blueprint("replanning", __name__)


@replanning.context_processor
def names() -> dict[str, object]:
    """What templates call things."""
    return {"names": subject_names, "said": wording, "ReplanState": ReplanState}


@replanning.get("/round/<code>")
def of_round(code: str) -> ResponseReturnValue:
    """The replannings of a round."""
    found = _round(code)
    replans = reading.replans_of(found.id)
    return render_template(
        "replanning/of_round.html",
        round=found,
        replans=replans,
        counts=reading.counts_of([x.id for x in replans]),
        is_planner=current_actor().role is Role.PLANNER,
    )


@replanning.route("/round/<code>/new", methods=["GET", "POST"])
def new(code: str) -> ResponseReturnValue:
    """Say what happened to which sessions of a site."""
    found = _round(code)
    where = WhereForm(request.args, data=None)
    where.site.choices = _sites(found)
    shown = _shown(found, where) if request.args else []
    form = ask_form(shown, _proposed())
    if shown and form.validate_on_submit():
        try:
            made = asking.ask(
                current_actor(),
                found.id,
                ReplanKind(form.kind.data),
                note=form.note.data or "",
                cuts=cuts_of(form, shown),
                now=clock.now(),
            )
        except (RuleRefused, Conflict) as error:
            form.form_errors.append(str(error))
        else:
            return redirect(url_for("replanning.page", key=made.id), code=303)
    return _ask_page(found, where, form, shown)


@replanning.route("/round/<code>/guest", methods=["GET", "POST"])
def guest(code: str) -> ResponseReturnValue:
    """Ask for a seat by the green channel."""
    found, form = _round(code), GuestForm()
    form.area.choices = pairs((x.code, local_name(x)) for x in planner.sites_of(found.office_id))
    if form.validate_on_submit():
        try:
            made = asking.ask(
                current_actor(),
                found.id,
                ReplanKind.GREEN_CHANNEL,
                note=form.note.data or "",
                guest=_guest(form),
                now=clock.now(),
            )
        except InvalidInput as error:
            show_error(form, error)
        except (RuleRefused, Conflict) as error:
            form.form_errors.append(str(error))
        else:
            return redirect(url_for("replanning.page", key=made.id), code=303)
    return render_template("replanning/guest.html", round=found, form=form), _status()


@replanning.get("/<uuid:key>")
def page(key: UUID) -> ResponseReturnValue:
    """A replanning: who would move, who keeps, what proves it, and what can be done next."""
    found = _replan(key)
    actor = current_actor()
    return render_template(
        "replanning/replan.html",
        replan=found,
        counts=reading.counts_of([found.id])[found.id],
        moves=reading.moves_of(found),
        who=reading.names_of(found),
        files=sorted(_files(found)) if found.round_sha256 else [],
        stale=wording.stale_reasons(found.stale),
        is_planner=actor.role is Role.PLANNER,
        may_sign=actor.may_sign(Act.PUBLISH_ROUND, second=False),
        may_approve=actor.may_sign(
            Act.PUBLISH_ROUND, second=True, first_account_id=found.signed_by
        ),
    )


@replanning.get("/<uuid:key>/progress")
def progress(key: UUID) -> ResponseReturnValue:
    """The part of the page that asks again while the jobs process works."""
    return render_template("replanning/_progress.html", replan=_replan(key), fragment=True)


@replanning.post("/<uuid:key>/<any(sign,approve,tell):step>")
@asks_again()
def decide(key: UUID, step: str) -> ResponseReturnValue:
    """Sign, approve, tell."""
    actor, now = current_actor(), clock.now()
    _replan(key)
    try:
        if step == "sign":
            telling.sign(actor, key, now=now, pack=_pack())
        elif step == "approve":
            telling.approve(actor, key, now=now, pack=_pack())
        else:
            telling.tell(actor, key, now=now, pack=_pack(), data_folder=_data_folder())
            flash(_("Seats are changed, and everybody whom it concerns is told."), "good")
    except NotFound:
        raise
    except KaochangError as error:
        flash(str(error), "bad")
    return redirect(url_for("replanning.page", key=key), code=303)


@replanning.post("/<uuid:key>/<any(again,drop):what>")
def act(key: UUID, what: str) -> ResponseReturnValue:
    """Try again or drop: nobody is told by it."""
    actor, now = current_actor(), clock.now()
    _replan(key)
    try:
        if what == "again":
            asking.try_again(actor, key, now=now)
        else:
            asking.drop(actor, key, now=now)
    except NotFound:
        raise
    except KaochangError as error:
        flash(str(error), "bad")
    return redirect(url_for("replanning.page", key=key), code=303)


@replanning.get("/<uuid:key>/everything.zip")
def files(key: UUID) -> ResponseReturnValue:
    """The files of a draft with the checker, for whoever is to sign it."""
    found = _replan(key)
    if found.round_sha256 is None:
        raise NotFound
    return send_archive(reading.folder_of(_data_folder(), found), found)


def send_archive(folder: Path, found: Replan) -> ResponseReturnValue:
    """All files of a replanning as one archive."""
    packed: io.BytesIO = round_files.archive(folder)
    name = f"{found.round.code}-{found.number}.zip"
    return send_file(packed, mimetype="application/zip", as_attachment=True, download_name=name)


def _ask_page(
    found: Round, where: WhereForm, form: AskForm, shown: list[Session]
) -> ResponseReturnValue:
    return render_template(
        "replanning/new.html", round=found, where=where, form=form, sessions=shown
    ), _status()


def _shown(found: Round, where: WhereForm) -> list[Session]:
    """The sessions of the chosen site and days that still take place."""
    if not where.validate():
        return []
    first, last = where.first.data, where.last.data
    assert isinstance(first, date)
    assert isinstance(last, date)
    return [
        x
        for x in offering.sessions_of(found)
        if x.site.code == where.site.data and first <= x.date <= last and x.cancelled_at is None
    ]


def _proposed() -> dict[UUID, int]:
    """What an outage leaves, where the planner comes from one."""
    key = request.args.get("outage", type=UUID)
    return proposal(touched_by(outages.outage_of(current_actor(), key))) if key else {}


def _guest(form: GuestForm) -> Guest:
    earliest, latest = form.earliest.data, form.latest.data
    assert earliest is not None
    assert latest is not None
    return Guest(
        serial_number=(form.serial_number.data or "").strip(),
        subject=Subject(form.subject.data),
        days=(earliest, latest),
        area=tuple(form.area.data or ()),
    )


def _sites(found: Round) -> list[object]:
    return list(pairs((x.code, local_name(x)) for x in planner.sites_of(found.office_id)))


def _round(code: str) -> Round:
    return planner.round_by_code(code, office_id=current_actor().office_id)


def _replan(key: UUID) -> Replan:
    return reading.replan_of(current_actor(), key)


def _files(found: Replan) -> dict[str, Path]:
    return round_files.public_files(reading.folder_of(_data_folder(), found))


def _data_folder() -> Path:
    folder: Path = current_app.config["KAOCHANG"].data_folder
    return folder


def _pack() -> Pack:
    pack: Pack = current_app.extensions["kaochang.pack"]
    return pack


def _status() -> int:
    return 422 if request.method == "POST" else 200
