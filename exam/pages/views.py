"""The first page of each role."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from exam.pages.navigation import first_page
from exam.people.guards import current_actor

home = Blueprint("home", __name__)


@home.get("/")
def landing() -> ResponseReturnValue:
    """What this place is, and where to go."""
    return render_template("pages/landing.html")


@home.get("/inside")
def inside() -> ResponseReturnValue:
    """After signing in: the first page of the role."""
    return redirect(url_for(first_page(current_actor().role)), code=303)
