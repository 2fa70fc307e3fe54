"""Every error becomes a page or a problem document (RFC 9457) here, and nowhere else."""

import sqlalchemy as sa
import structlog
from flask import Flask, Response, current_app, g, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_limiter import RateLimitExceeded
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from exam import disk
from exam.db import db, translated
from exam.errors import Busy, DiskFull, KaochangError, NotSignedIn, ProofNeeded
from exam.people import kept_forms
from exam.people.sign_in import current_visit
from exam.web import limits
from exam.web.errors import error_page

log = structlog.get_logger()


def init_app(app: Flask) -> None:
    """Register the handlers."""
    app.register_error_handler(KaochangError, _expected)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(sa.exc.OperationalError, _no_database)
    app.register_error_handler(sa.exc.TimeoutError, _no_connection)
    app.register_error_handler(OSError, _no_room)
    app.register_error_handler(Exception, _unknown)


def _expected(error: KaochangError) -> ResponseReturnValue:
    db.session.rollback()
    log.info("refused", code=error.code, **dict(error.facts))
    if isinstance(error, (NotSignedIn, ProofNeeded)) and not _wants_json():
        return _way_in(error)
    return _answer(error.status, error.code, str(error))


def _way_in(error: NotSignedIn | ProofNeeded) -> ResponseReturnValue:
    """Send somebody to prove who it is, and from there back to the page with what was typed."""
    # The way in leads nowhere for somebody who has gone half of it and waited too long.
    inside = request.method == "GET" and request.blueprint != "people"
    known = isinstance(error, ProofNeeded)
    door = "account.prove" if known else "people.sign_in"
    visit = current_visit() if known else None
    back = request.full_path.rstrip("?") if inside else kept_forms.keep(visit)
    return redirect(url_for(door, next=back), code=303)


def _form_of_another_session() -> ResponseReturnValue | None:
    """A form that was drawn before its sender signed in anew, or in a browser since closed."""
    back = None if _wants_json() else kept_forms.keep()
    if back is None:
        return None
    known = current_user.is_authenticated
    return redirect(back if known else url_for("people.sign_in", next=back), code=303)


def _http(error: HTTPException) -> ResponseReturnValue:
    db.session.rollback()
    if isinstance(error, CSRFError) and (answer := _form_of_another_session()) is not None:
        return answer
    if isinstance(error, RateLimitExceeded):
        return _too_many()
    if error.code is None or error.code < 400:
        return error
    return _answer(error.code, error.name.lower().replace(" ", "_"), None)


def _no_database(error: sa.exc.OperationalError) -> ResponseReturnValue:
    if isinstance(told := translated(error), KaochangError):
        return _expected(told)
    # It comes back by itself, and its text repeats the address: one line without either.
    db.session.remove()
    log.warning("database.away", error=type(error.orig).__name__)
    return _answer(503, "database_away", None)


def _no_connection(_error: sa.exc.TimeoutError) -> ResponseReturnValue:
    """Every connection is in use: the database is slow, and whoever asks next may be luckier."""
    return _expected(Busy())


def _no_room(error: OSError) -> ResponseReturnValue:
    """A file of ours, or the copy that the server keeps of an upload while it comes in."""
    if not disk.is_full(error):
        return _unknown(error)
    log.error("disk.full")
    return _expected(DiskFull())


def _unknown(error: Exception) -> ResponseReturnValue:
    db.session.rollback()
    log.error("unexpected", error=type(error).__name__, exc_info=error)
    return _answer(500, "error", None)


def _answer(
    status: int, code: str, message: str | None, *, retry_after: int | None = None
) -> ResponseReturnValue:
    if _wants_json():
        body = {
            "type": "about:blank",
            "status": status,
            "code": code,
            "request": g.get("request_id"),
        }
        response: Response = jsonify(body | ({"detail": message} if message else {}))
        response.mimetype = "application/problem+json"
        return response, status
    reference = g.get("request_id")
    page = error_page(status, message=message, reference=reference, retry_after=retry_after)
    return page, status


def _too_many() -> ResponseReturnValue:
    seconds = limits.retry_after()
    log.info("refused", code="too_many")
    answer = current_app.make_response(_answer(429, "too_many", None, retry_after=seconds))
    if seconds is not None:
        answer.headers["Retry-After"] = str(seconds)
    return answer


def _wants_json() -> bool:
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return request.path.startswith("/api/") or best == "application/json"
