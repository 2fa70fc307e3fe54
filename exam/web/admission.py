"""What a request must be before any page sees it: for our name, from our pages, not too large.

These checks run before the forms' own token is read, so that nobody makes us read 64 MB to find
that a token is missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import structlog
from flask import current_app, request
from flask_babel import lazy_gettext as _
from werkzeug.sansio.utils import host_is_trusted

from exam.errors import InvalidInput, NotAllowed

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

    from exam.config import Settings

log = structlog.get_logger()

ORDINARY_BYTES = 256 * 1024
"""The longest form that is no upload: several hundred choices fit."""
PICTURE_MB = 12
"""A photo as a telephone takes it, with room for the rest of its form."""
THIS_MACHINE = ("localhost", "127.0.0.1")

_LIMIT = "body_limit_mb"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN = frozenset({"same-origin", "none"})

View = TypeVar("View", bound="Callable[..., object]")


def takes_files(megabytes: int | None = None) -> Callable[[View], View]:
    """Mark a view that takes files, of so many megabytes or what the installation allows."""

    def mark(view: View) -> View:
        setattr(view, _LIMIT, megabytes)
        return view

    return mark


def body_limit(app: Flask, endpoint: str | None) -> int:
    """Return how many bytes a request to an endpoint may carry."""
    view = app.view_functions.get(endpoint or "")
    if not hasattr(view, _LIMIT):
        return ORDINARY_BYTES
    given: int | None = getattr(view, _LIMIT)
    most: int = app.config["UPLOAD_LIMIT_MB"]
    return min(given or most, most) * 1024 * 1024


def trusted_hosts(settings: Settings) -> tuple[str, ...]:
    """Return the names that pages answer to; none means any, which only the demo does."""
    if settings.demo and not settings.trusted_hosts:
        return ()
    # Whoever asks whether the process lives asks from here.
    return (*settings.trusted_hosts, *THIS_MACHINE)


def _check_host() -> None:
    hosts: tuple[str, ...] = current_app.config["ANSWERS_TO"]
    if hosts and not host_is_trusted(request.headers.get("Host"), hosts):
        log.warning("refused.host", fix="name this installation in KAOCHANG_TRUSTED_HOSTS")
        raise InvalidInput(
            _("This address is not one of this office's. Use the one that it has made known."),
            field="Host",
        )


def _check_origin() -> None:
    """Refuse what a page of another host makes a browser ask for, but for plain links here.

    Browsers name the asking page in headers that no script can write (W3C Fetch Metadata).
    Programs and old browsers do not send them: for those the form's token is the only proof.
    """
    if request.headers.get("Sec-Fetch-Site", "none") in _OWN:
        return
    followed = (
        request.headers.get("Sec-Fetch-Mode") == "navigate"
        and request.headers.get("Sec-Fetch-Dest") == "document"
    )
    if not followed or request.method not in _SAFE:
        log.warning("refused.cross_site")
        raise NotAllowed(_("Another site's page asked for this. Open the page here and try again."))


def _limit_body() -> None:
    request.max_content_length = body_limit(current_app, request.endpoint)


def init_app(app: Flask, settings: Settings) -> None:
    """Check every request; register before anything that reads a form."""
    app.config["ANSWERS_TO"] = trusted_hosts(settings)
    app.config["UPLOAD_LIMIT_MB"] = settings.upload_limit_mb
    # The database and the page are there already when these refuse: they answer as pages do.
    for check in (_limit_body, _check_host, _check_origin):
        app.before_request(check)
