"""The hall's board: ticket numbers and places, no names, no reasons; anybody may look."""

import sqlalchemy as sa
from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from exam.db import db
from exam.errors import NotFound
from exam.examday.boards import rows_of
from exam.examday.views.day_pages import shared, today
from exam.people.models import Site

board = Blueprint("board", __name__)


@board.get("/<code>")
def show(code: str) -> ResponseReturnValue:
    """The whole board."""
    return render_template("examday/board.html", **_content(code))


@board.get("/<code>/rows")
def rows(code: str) -> ResponseReturnValue:
    """What the board asks for every few seconds."""
    return render_template("examday/_board_rows.html", **_content(code))


def _content(code: str) -> dict[str, object]:
    site = db.session.scalar(sa.select(Site).where(Site.code == code))
    if site is None:
        raise NotFound
    return {"site": site, "board": rows_of(today(site)), **shared()}
