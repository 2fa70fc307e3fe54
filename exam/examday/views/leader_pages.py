"""The duty leader: exceptions, refused signatures, absences, closing."""

from uuid import UUID

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from exam import clock
from exam.examday import services
from exam.examday.desk import read_sitting, sittings_of
from exam.examday.exceptions import waiting
from exam.examday.forms import NoFaultForm, ReasonForm
from exam.examday.models import OPEN_STATES, SittingState
from exam.examday.outcomes import RELEASABLE_ALONE
from exam.examday.views.day_pages import act, names_of, pack, shared
from exam.examday.views.hall_pages import hall, read_day
from exam.people.guards import current_actor
from exam.people.proving import asks_again
from exam.registration.models import ResultOutcome


@hall.get("/day/<uuid:day_id>/close")
def closing(day_id: UUID) -> ResponseReturnValue:
    """What stands between the day and its end."""
    day = read_day(day_id)
    rows = sittings_of(day_id, OPEN_STATES)
    requests = waiting(day_id)
    form = NoFaultForm()
    form.ask(pack())
    absent = [
        x for x in rows if x.state is SittingState.TO_SIGN and x.outcome is ResultOutcome.ABSENT
    ]
    return render_template(
        "examday/closing.html",
        day=day,
        rows=rows,
        absent=absent,
        releasable=[x for x in rows if x.state in RELEASABLE_ALONE],
        requests=requests,
        names=names_of({x.first_account_id for x in requests}),
        form=form,
        **shared(),
    )


@hall.post("/day/<uuid:day_id>/close")
def close(day_id: UUID) -> ResponseReturnValue:
    """Close the day, if nobody is left."""
    actor = current_actor()
    return act(
        url_for("hall.closing", day_id=day_id),
        lambda: services.close_day(actor, day_id, now=clock.now()),
        _("The day is closed. Nobody is left."),
    )


@hall.post("/day/<uuid:day_id>/absences")
def absences(day_id: UUID) -> ResponseReturnValue:
    """Confirm who did not come."""
    actor = current_actor()
    return act(
        url_for("hall.closing", day_id=day_id),
        lambda: services.confirm_absences(actor, day_id, now=clock.now()),
    )


@hall.post("/day/<uuid:day_id>/release")
def release(day_id: UUID) -> ResponseReturnValue:
    """Power, weather or the site end the day for everybody."""
    actor, reason = current_actor(), request.form.get("reason", "")
    return act(
        url_for("hall.closing", day_id=day_id),
        lambda: services.release_everybody(actor, day_id, reason, pack=pack(), now=clock.now()),
        _("Everybody who was still open is released. Nothing is counted."),
    )


@hall.post("/exceptions/<uuid:request_id>/<uuid:day_id>")
@asks_again()
def decide(request_id: UUID, day_id: UUID) -> ResponseReturnValue:
    """Grant or refuse what somebody asked for."""
    actor, granted = current_actor(), request.form.get("granted") == "yes"
    return act(
        url_for("hall.closing", day_id=day_id),
        lambda: services.decide(actor, request_id, granted=granted, pack=pack(), now=clock.now()),
    )


@hall.route("/sitting/<uuid:sitting_id>/refusal", methods=["GET", "POST"])
def refusal(sitting_id: UUID) -> ResponseReturnValue:
    """A candidate does not sign."""
    actor, form = current_actor(), ReasonForm()
    found = read_sitting(actor, sitting_id)
    if form.validate_on_submit():
        reason = form.reason.data or ""
        return act(
            url_for("hall.closing", day_id=found.exam_day_id),
            lambda: services.note_refusal(actor, sitting_id, reason=reason, now=clock.now()),
        )
    page = render_template("examday/refusal.html", sitting=found, form=form, **shared())
    return page, 422 if form.errors else 200
