"""The first page of everybody, of the candidate and of the school."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from exam import clock
from exam.examday import wording
from exam.examday.views.day_pages import sites_of
from exam.examday.views.day_pages import today as day_of
from exam.notify.services import mark_read
from exam.pages import candidate
from exam.pages.navigation import first_page
from exam.pages.role_names import ROLE_NAMES
from exam.people.guards import current_actor, live_grants
from exam.people.sign_in import current_account, current_visit
from exam.registration import school as schools
from exam.registration.permits import current_pack
from exam.web.paging import page_address, page_asked

home = Blueprint("home", __name__)
my = Blueprint("my", __name__)
school_day = Blueprint("school_day", __name__)


@home.get("/")
def landing() -> ResponseReturnValue:
    """What this place is, and where to go."""
    choices = current_pack().integer("booking.max_choices")
    return render_template("pages/landing.html", choices=choices)


@home.get("/inside")
def inside() -> ResponseReturnValue:
    """After signing in: the first page of the role, chosen before where there are several."""
    role = current_actor().role
    if current_visit().grant_id is None and len(live_grants(current_account())) > 1:
        return redirect(url_for("account.roles"), code=303)
    return redirect(url_for(first_page(role)), code=303)


@home.get("/start")
def start() -> ResponseReturnValue:
    """Where a role starts whose work is done on site: today at the sites of one's scope."""
    actor = current_actor()
    rows = [(x, day_of(x)) for x in sites_of(actor)]
    return render_template(
        "pages/start.html", rows=rows, wording=wording, role_name=ROLE_NAMES[actor.role]
    )


@my.get("/")
def home_page() -> ResponseReturnValue:
    """The candidate's cases, subjects, permit and notices."""
    actor = current_actor()
    found = candidate.home_of(actor, now=clock.now(), pack=current_pack())
    page = render_template("pages/my.html", home=found, pack=current_pack())
    mark_read(found.person.id, now=clock.now())
    return page


@school_day.get("/")
def today() -> ResponseReturnValue:
    """The school's candidates whom it may follow, and its last uploads."""
    actor = current_actor()
    return render_template(
        "pages/school_day.html",
        found=schools.candidates_of(actor, page=page_asked()),
        page_address=page_address,
        uploads=schools.uploads_of(actor, limit=3),
    )
