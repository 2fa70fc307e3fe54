"""What planners read about a solved round before and after it is published."""

from flask import current_app, render_template
from flask.typing import ResponseReturnValue

from exam.booking import report_wording
from exam.booking.services import planner, reports
from exam.booking.views.planning import planning
from exam.people.guards import current_actor


@planning.get("/rounds/<code>/worth")
def worth(code: str) -> ResponseReturnValue:
    """What one more seat, vehicle or examiner in each session would bring."""
    found = planner.round_by_code(code, office_id=current_actor().office_id)
    folder = current_app.config["KAOCHANG"].data_folder
    return render_template(
        "booking/worth.html",
        round=found,
        gains=reports.gains_of(found, folder),
        additions=report_wording.ADDITIONS,
    )


@planning.get("/rounds/<code>/fairness")
def fairness(code: str) -> ResponseReturnValue:
    """How groups of candidates fared, small ones hidden."""
    found = planner.round_by_code(code, office_id=current_actor().office_id)
    folder = current_app.config["KAOCHANG"].data_folder
    return render_template(
        "booking/fairness.html",
        round=found,
        report=reports.fairness_of(found, folder),
        told=report_wording,
    )
