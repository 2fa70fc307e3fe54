"""The reader's own settings (language, theme, elder mode), kept in cookies by a plain form."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Blueprint, current_app, redirect, request, url_for
from werkzeug.exceptions import BadRequest
from werkzeug.routing import BuildError

from exam.web import cookies
from exam.web.locale import COOKIE, LANGUAGES

if TYPE_CHECKING:
    from flask import Flask
    from werkzeug import Response

CHOICES = {
    COOKIE: tuple(LANGUAGES),
    "theme": ("light", "dark"),
    "mode": ("standard", "elder"),
}
"""Name of the cookie and of the form field → values; the first is the default."""

_YEAR = 365 * 24 * 3600

bp = Blueprint("preferences", __name__)


def preference(name: str) -> str:
    """Return the reader's setting, or the default when the cookie is absent or unknown."""
    value = request.cookies.get(cookies.named(name), "")
    return value if value in CHOICES[name] else CHOICES[name][0]


def local_path(address: str) -> str:
    """Return ``address`` if it is a path of this site, else ``/``: no redirect leads away."""
    parts = urlsplit(address)
    away = parts.scheme or parts.netloc or not address.startswith("/")
    # Browsers read a backslash as a slash, so "/\host" would be another host.
    odd = "\\" in address or address.startswith("//") or any(ord(c) < 32 for c in address)
    return "/" if away or odd else address


@bp.post("/preferences")
def save() -> Response:
    """Keep each setting that was sent and return to the page it was sent from."""
    sent = {name: request.form[name] for name in CHOICES if name in request.form}
    if not sent or any(value not in CHOICES[name] for name, value in sent.items()):
        raise BadRequest
    response = redirect(local_path(request.form.get("next", "/")), code=303)
    for name, value in sent.items():
        response.set_cookie(
            cookies.named(name),
            value,
            max_age=_YEAR,
            samesite="Lax",
            httponly=True,
            secure=cookies.secure() or request.is_secure,
        )
    return response


def here() -> str:
    """Return the path that a settings form comes back to: only a page that was fetched."""
    return request.full_path.rstrip("?") if request.method == "GET" else request.path


def url_if(endpoint: str) -> str | None:
    """Return the address of an endpoint, or None where the application has no such page."""
    try:
        return url_for(endpoint)
    except BuildError:
        return None


def setting(name: str) -> object:
    """Return a value of the application's configuration, None where it is not set."""
    return current_app.config.get(name)


def init_app(app: Flask) -> None:
    """Register the form's address and tell the layout what was chosen."""
    app.register_blueprint(bp)
    app.jinja_env.globals.update(preference=preference, here=here, url_if=url_if, setting=setting)
