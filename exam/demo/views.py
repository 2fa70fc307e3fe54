"""Moving the demo's clock."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from exam import clock
from exam.clock import SystemClock
from exam.demo.forms import STEPS, ClockForm
from exam.demo.places import TIME_ZONE
from exam.errors import InvalidInput
from exam.notify.kinds import words_of
from exam.notify.texts import latest_simulated
from exam.system import demo_clock
from exam.web.answers import show_error

demo = Blueprint("demo", __name__)
phones = Blueprint("phones", __name__)


@phones.get("/phones")
def messages() -> ResponseReturnValue:
    """The text messages that real phones would have got; everybody may read them here."""
    return render_template("demo/phones.html", sent=latest_simulated(), words_of=words_of)


@demo.route("/clock", methods=["GET", "POST"])
def clock_page() -> ResponseReturnValue:
    """Show and move the clock; every job that falls due on the way runs as it would have."""
    form = ClockForm(step="day")
    if form.validate_on_submit():
        try:
            target = _target(form)
        except InvalidInput as error:
            show_error(form, error)
        else:
            demo_clock.move(current_app, to=target, real_now=SystemClock().now())
            flash(_("The clock has been moved. Jobs that fell due are running now."), "good")
            return redirect(url_for("demo.clock_page"), code=303)
    status = 422 if form.errors else 200
    return render_template("demo/clock.html", form=form, now=clock.now()), status


def _target(form: ClockForm) -> datetime:
    if form.step.data == "real":
        return SystemClock().now()
    if form.step.data != "to":
        return clock.now() + timedelta(hours=STEPS[form.step.data])
    if form.day.data is None or form.time.data is None:
        raise InvalidInput(_("Give a day and a time."), field="day")
    return datetime.combine(form.day.data, form.time.data, ZoneInfo(TIME_ZONE))
