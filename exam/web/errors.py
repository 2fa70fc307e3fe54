"""Error pages: which template tells of which status, drawn even when the database is gone."""

from __future__ import annotations

from http import HTTPStatus

from flask import current_app, render_template

PAGES = (400, 403, 404, 409, 413, 429, 500, 503, 507)
"""Statuses with words of their own; others are told in those of their class."""

_PLAIN = (429, 500, 503, 507)


def error_page(
    status: int,
    *,
    message: str | None = None,
    reference: str | None = None,
    retry_after: int | None = None,
) -> str:
    """Return the page for a failure.

    ``message`` is a sentence of the error itself, already translated; ``reference`` is what the
    reader can tell on the phone; ``retry_after`` is in seconds. Failures of our own are drawn
    without context processors, because loading the reader may be what failed.
    """
    page = status if status in PAGES else _nearest(status)
    values = {"message": message, "reference": reference, "retry_after": retry_after}
    if page in _PLAIN:
        return current_app.jinja_env.get_template(f"errors/{page}.html").render(values)
    return render_template(f"errors/{page}.html", **values)


def _nearest(status: int) -> int:
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return HTTPStatus.INTERNAL_SERVER_ERROR.value
    return HTTPStatus.BAD_REQUEST.value
