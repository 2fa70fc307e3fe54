"""What each role finds in the navigation; the first entry is where it starts."""

from typing import Any

from flask import Flask, current_app, request, url_for
from flask_babel import lazy_gettext as _
from flask_login import current_user

from exam.errors import NotSignedIn
from exam.pages.role_names import label_of
from exam.people.guards import current_actor, live_grants
from exam.people.roles import Role
from exam.people.sign_in import current_account, current_visit

Entry = tuple[str, Any, str]
"""Endpoint, label, icon."""

SCHOOL: list[Entry] = [
    ("school_day.today", _("Our candidates"), "users"),
    ("school.uploads", _("Uploads"), "upload"),
]
WALL: Entry = ("wall.board", _("Camera wall"), "device-cctv")
ROUNDS: Entry = ("planning.start", _("Plans and rounds"), "calendar-plus")
OUTAGES: Entry = ("replanning.outage_sites", _("What is not there"), "car")
ROSTERS: Entry = ("rostering.listed", _("Rosters"), "users")
DUTIES: Entry = ("duties.mine", _("My duties"), "calendar-event")
DAY: Entry = ("hall.sites", _("Exam day"), "list-check")
KEYS: Entry = ("key_erasing.listed", _("Erasing keys"), "key")
RESETS: Entry = ("rights.resets", _("Lost second factors"), "key")

MENU: dict[Role, list[Entry]] = {
    Role.CANDIDATE: [
        ("my.home_page", _("My exams"), "home"),
        ("booking.start", _("Exam bookings"), "calendar-event"),
        ("signing.results", _("My results"), "file-text"),
        ("account.mandates", _("My school’s mandate"), "school"),
    ],
    Role.SCHOOL_CLERK: SCHOOL,
    Role.SCHOOL_MANAGER: SCHOOL,
    Role.REVIEWER: [
        ("review.waiting", _("To review"), "list-check"),
        ("holding.listed", _("Legal holds"), "file-text"),
        KEYS,
    ],
    Role.PLANNER: [ROUNDS, OUTAGES, ROSTERS],
    Role.HALL_OFFICER: [DAY],
    Role.EXAMINER: [("examiner.mine_today", _("My exams today"), "car"), DUTIES, WALL],
    Role.INVIGILATOR: [WALL, DUTIES],
    Role.SAFETY_OFFICER: [DUTIES],
    Role.FIRST_AIDER: [DUTIES],
    Role.SITE_OPERATOR: [WALL],
    Role.DUTY_LEADER: [DAY, ROUNDS, ROSTERS, WALL],
    Role.SUPERVISOR: [
        WALL,
        ("inspection.start_inspection", _("Rounds"), "list-check"),
        ("holding.listed", _("Legal holds"), "file-text"),
        KEYS,
        ("holding.receipts", _("Erased after its term"), "file-text"),
        RESETS,
    ],
    Role.INSPECTOR: [("inspection.start_inspection", _("Rounds"), "list-check")],
    Role.ADMINISTRATOR: [
        ("demo.clock_page", _("Clock"), "clock"),
        RESETS,
        ("rights.colleague", _("Signed-in browsers"), "device-desktop"),
    ],
}

DEFAULT: list[Entry] = [("home.start", _("Start"), "home")]


def first_page(role: Role) -> str:
    """The endpoint where a role starts."""
    return menu_of(role)[0][0]


def menu_of(role: Role) -> list[Entry]:
    """What a role finds here, without doors that this installation does not open."""
    doors = current_app.view_functions
    return [entry for entry in MENU.get(role, ()) if entry[0] in doors] or DEFAULT


def init_app(app: Flask) -> None:
    """Give every page the navigation of its reader."""
    app.context_processor(_menu)
    app.jinja_env.globals["role_label"] = label_of


def _menu() -> dict[str, Any]:
    try:
        role = current_actor().role if current_user.is_authenticated else None
    except NotSignedIn:
        role = None
    if role is None:
        return {"navigation": [], "role": None, "footer_links": _footer_links()}
    entries = [
        {
            "url": url_for(endpoint),
            "label": label,
            "icon": icon,
            "current": request.endpoint == endpoint,
        }
        for endpoint, label, icon in menu_of(role)
    ]
    grants = live_grants(current_account())
    chosen = current_visit().grant_id or grants[0].id
    options = [
        {"name": str(x.id), "label": label_of(x), "current": x.id == chosen}
        for x in (grants if len(grants) > 1 else [])
    ]
    return {
        "navigation": entries,
        "footer_links": _footer_links(),
        "role": role,
        "role_options": options,
        "role_switch_url": url_for("account.choose_role"),
    }


def _footer_links() -> list[dict[str, Any]]:
    return [
        {"url": url_for("public.start"), "label": _("Open to everybody")},
        {"url": url_for("public.rules"), "label": _("Rules and their sources")},
    ]
