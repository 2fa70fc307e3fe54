"""The demo's sign-ins, for its welcome on the terminal and for the sign-in page."""

from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask_babel import lazy_gettext as _

from exam import clock
from exam.demo import notes
from exam.demo.staff import PASSWORD
from exam.pages.role_names import ROLE_NAMES
from exam.people.roles import Role


@dataclass(frozen=True)
class SignIn:
    """A name, its role and what to look at."""

    name: str
    role: Role
    look_at: Any


STAFF = (
    SignIn("clerk", Role.SCHOOL_CLERK, _("Upload a spreadsheet, hand out one-time codes")),
    SignIn("manager", Role.SCHOOL_MANAGER, _("The school’s candidates")),
    SignIn("reviewer", Role.REVIEWER, _("Accept or return cases")),
    SignIn("planner", Role.PLANNER, _("Plans; close and sign a round")),
    SignIn("leader", Role.DUTY_LEADER, _("Publish a round, second names")),
    SignIn("hall-w1", Role.HALL_OFFICER, _("Open the day, check in, call, draw")),
    SignIn("examiner-w1-1", Role.EXAMINER, _("Outcomes, signatures, the wall")),
    SignIn("invigilator-w1-1", Role.INVIGILATOR, _("The wall")),
    SignIn("operator-w1", Role.SITE_OPERATOR, _("The wall: equipment only")),
    SignIn("supervisor", Role.SUPERVISOR, _("The wall, rounds")),
    SignIn("inspector", Role.INSPECTOR, _("Rounds and who signed them")),
    SignIn("safety-w3", Role.SAFETY_OFFICER, _("The start page")),
    SignIn("aid-w1", Role.FIRST_AIDER, _("The start page")),
    SignIn("appeals", Role.APPEALS_MEMBER, _("The start page")),
    SignIn("admin", Role.ADMINISTRATOR, _("Move the clock")),
)
CANDIDATES: dict[str, Any] = {
    "S1": _("Has an exam today; the photo may be compared by machine"),
    "served": _("Got a seat in this week’s round"),
    "refused": _("Got no seat: the page says why"),
    "open": _("May apply in the open round"),
}


def everybody(found: notes.Notes) -> list[SignIn]:
    """All sign-ins of the city that stands."""
    people = [SignIn(x, Role.CANDIDATE, CANDIDATES[what]) for x, what in found.sign_ins.items()]
    return [*STAFF, *people]


def init_app(app: Flask) -> None:
    """Give pages the moved clock, and the sign-in page its list."""
    folder = app.config["KAOCHANG"].data_folder

    @app.context_processor
    def shown() -> dict[str, Any]:
        return {"demo_clock": clock.now(), "demo_accounts": _accounts(folder)}


def _accounts(folder: Any) -> list[dict[str, Any]]:
    try:
        found = notes.read(folder)
    except FileNotFoundError:
        return []
    return [
        {
            "role": ROLE_NAMES[x.role],
            "name": x.name,
            "password": PASSWORD,
            "look_at": x.look_at,
        }
        for x in everybody(found)
    ]
