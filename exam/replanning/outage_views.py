"""Pages of vehicles and examiners that are not there, leading to the replanning."""

from datetime import date
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from exam import clock
from exam.booking.forms import pairs
from exam.booking.services import planner
from exam.errors import InvalidInput, NotAllowed, WrongState
from exam.examday import outages
from exam.examday.models import OutageCause
from exam.people.guards import current_actor
from exam.people.models import Site
from exam.people.roles import Role
from exam.replanning import cutting
from exam.replanning.forms import OutageForm
from exam.replanning.proposals import touched_by
from exam.replanning.views import replanning
from exam.web.answers import show_error


@replanning.get("/outages")
def outage_sites() -> ResponseReturnValue:
    """The office's sites."""
    return render_template(
        "replanning/outage_sites.html", sites=planner.sites_of(current_actor().office_id)
    )


@replanning.route("/outages/site/<uuid:site_id>", methods=["GET", "POST"])
def site_outages(site_id: UUID) -> ResponseReturnValue:
    """What is not there at a site, and a form for more."""
    site, found = outages.outages_of(current_actor(), site_id)
    form = _form(site)
    if form.validate_on_submit():
        try:
            made = _enter(site, form)
        except InvalidInput as error:
            show_error(form, error)
        else:
            return redirect(url_for("replanning.outage", outage_id=made), code=303)
    return render_template(
        "replanning/site_outages.html",
        site=site,
        outages=found,
        form=form,
        is_planner=current_actor().role is Role.PLANNER,
    ), 422 if request.method == "POST" else 200


@replanning.get("/outages/<uuid:outage_id>")
def outage(outage_id: UUID) -> ResponseReturnValue:
    """The sessions that an outage touches, and the way to the replanning."""
    found = outages.outage_of(current_actor(), outage_id)
    touched = touched_by(found)
    rounds = {x.round.code: x.round for x in touched if x.round is not None and x.cut is None}
    return render_template(
        "replanning/outage.html",
        outage=found,
        touched=touched,
        rounds=[rounds[x] for x in sorted(rounds)],
        is_planner=current_actor().role is Role.PLANNER,
    )


@replanning.post("/outages/<uuid:outage_id>/lift")
def lift_outage(outage_id: UUID) -> ResponseReturnValue:
    """It is over sooner, or was a mistake."""
    found = outages.outage_of(current_actor(), outage_id)
    site_id = found.site_id
    try:
        outages.lift(current_actor(), outage_id, now=clock.now())
        back = cutting.give_back(outage_id, now=clock.now())
    except WrongState as error:
        flash(str(error), "bad")
    else:
        flash(_back(back), "good")
    return redirect(url_for("replanning.site_outages", site_id=site_id), code=303)


def _back(sessions: int) -> str:
    if sessions:
        text: str = ngettext(
            "It counts as there again. %(num)s undecided session has its seats back.",
            "It counts as there again. %(num)s undecided sessions have their seats back.",
            sessions,
        )
        return text
    return str(_("It counts as there again. Seats that were taken away are not given back."))


def _form(site: Site) -> OutageForm:
    form = OutageForm()
    form.thing.choices = pairs(
        [(str(x.id), f"{x.code} ({x.kind})") for x in outages.vehicles_of(site)]
        + [(str(x.id), x.display_name) for x in outages.examiners_of(site)]
    )
    return form


def _enter(site: Site, form: OutageForm) -> UUID:
    actor = current_actor()
    if actor.role is not Role.PLANNER:
        raise NotAllowed
    first, last = form.first_day.data, form.last_day.data
    assert isinstance(first, date)
    assert isinstance(last, date)
    made = outages.enter(
        actor,
        site.id,
        UUID(form.thing.data),
        cause=OutageCause(form.cause.data),
        days=(first, last),
        now=clock.now(),
    )
    cutting.cut(made.id, now=clock.now())
    return made.id
