"""What each role finds in the navigation; the first entry is where it starts."""

from typing import Any

from flask import Flask
from flask_babel import lazy_gettext as _
from flask_login import current_user

from exam.errors import NotSignedIn
from exam.people.guards import current_actor
from exam.people.roles import Role

MENU: dict[Role, list[tuple[str, Any]]] = {}
"""Role -> (endpoint, label)."""

DEFAULT = [("home.landing", _("Start"))]


def first_page(role: Role) -> str:
    """The endpoint where a role starts."""
    return MENU.get(role, DEFAULT)[0][0]


def init_app(app: Flask) -> None:
    """Give every page the navigation of its reader."""

    @app.context_processor
    def menu() -> dict[str, Any]:
        try:
            role = current_actor().role if current_user.is_authenticated else None
        except NotSignedIn:
            role = None
        return {"navigation": MENU.get(role, DEFAULT) if role else [], "role": role}
