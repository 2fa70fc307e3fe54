"""What somebody typed and could not send, kept until she is back.

A form is sent after its sender was left alone for too long, or signed in anew in another window,
or has to prove again that it is she. What it held is sealed, for an hour, and given back to the
same person in the same browser: the browser's cookie holds nothing but its number, and whose it is
says the form's own token, which we signed when we drew it. Passwords, codes and files are never
kept.
"""

import json
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

import sqlalchemy as sa
from flask import Flask, current_app, flash, g, request, session
from flask_babel import gettext as _
from flask_login import current_user
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException

from exam import clock
from exam.db import db, new_id, transaction
from exam.people.access_models import KeptForm, Visit
from exam.people.sign_in import current_account
from exam.web.forms import never_kept
from exam.web.preferences import local_path

LIFE = timedelta(hours=1)
MOST_BYTES = 64 * 1024
COOKIE = "kept_form"
GIVEN = "kept"
"""The word in an address that asks for it."""
TOKEN = "csrf_token"  # noqa: S105 - the name of a field
NOT_HERE = frozenset({"people", "preferences"})
"""Doors that stand open to everybody: nobody is sent away from them."""
PROOFS = frozenset({"account"})
"""Doors whose forms hold passwords, codes and choices: the page alone is come back to."""
ID = 32


def mark_session(visit: Visit) -> None:
    """Let the tokens of this session's forms tell in which visit they were drawn."""
    session[TOKEN] = f"{visit.id.hex}{secrets.token_hex(20)}"


def keep(visit: Visit | None = None) -> str | None:
    """Keep what this request carries; returns the page where it is given back.

    None where there is nobody to keep it for; without anything typed the page alone is returned.

    Args:
        visit: of whom, where the request was let in; else the form's own token says it.
    """
    visit = visit or _drawn_for()
    if request.method != "POST" or visit is None or request.blueprint in NOT_HERE:
        return None
    page = _page()
    fields = [(k, v) for k, v in request.form.items(multi=True) if v and k not in never_kept()]
    text = json.dumps(fields)
    if not fields or len(text) > MOST_BYTES or request.blueprint in PROOFS:
        return page
    with transaction() as database:
        row = KeptForm(
            id=new_id(),
            account_id=visit.account_id,
            grant_id=visit.grant_id,
            path=request.path[:400],
            kept_at=clock.real_now(),
        )
        row.fields = text
        database.add(row)
    session[COOKIE] = str(row.id)
    flash(_("What you had typed is kept for an hour, and given back to you alone."))
    return f"{page}{'&' if '?' in page else '?'}{GIVEN}=1"


def _drawn_for() -> Visit | None:
    """The visit in which the form was drawn, by the word of its own token."""
    signer = URLSafeTimedSerializer(str(current_app.secret_key), salt="wtf-csrf-token")
    try:
        key = UUID(str(signer.loads(request.form.get(TOKEN, "")))[:ID])
    except (BadData, ValueError):
        return None
    return db.session.get(Visit, key)


def _page() -> str:
    """Where the form stands: its own address, or the page from which it was sent."""
    if request.url_rule is not None and "GET" in (request.url_rule.methods or ()):
        return request.full_path.rstrip("?")
    from_where = urlsplit(request.referrer or "")
    here = from_where.netloc == request.host
    path = local_path(from_where.path or "/") if here else "/"
    return path if _is_page(path) else "/inside"


def _is_page(path: str) -> bool:
    try:
        current_app.url_map.bind("").match(path, method="GET")
    except HTTPException:
        return False
    return path != "/"


def find(key: UUID, account_id: UUID, *, now: datetime) -> KeptForm | None:
    """A form of this account that is still kept."""
    row = db.session.get(KeptForm, key)
    fresh = row is not None and row.account_id == account_id and now - row.kept_at <= LIFE
    return row if fresh else None


def forget(keys: Iterable[UUID]) -> None:
    """Delete them."""
    with transaction() as database:
        database.execute(sa.delete(KeptForm).where(KeptForm.id.in_(list(keys))))


def forget_old(now: datetime) -> int:
    """Delete those that nobody came back for."""
    with transaction() as database:
        old = sa.delete(KeptForm).where(KeptForm.kept_at < now - LIFE)
        return len(database.scalars(old.returning(KeptForm.id)).all())


def claim(account_id: UUID) -> KeptForm | None:
    """What this browser kept for whoever has just signed in; for somebody else it is gone."""
    key = session.get(COOKIE)
    if key is None:
        return None
    found = find(UUID(key), account_id, now=clock.real_now())
    if found is None:
        session.pop(COOKIE)
        forget([UUID(key)])
    return found


def _give_back() -> None:
    """Before a view: fill its form from what was kept, or forget that once it is sent again."""
    if COOKIE not in session or not current_user.is_authenticated:
        return
    found = claim(current_account().id)
    if found is None:
        return
    if request.method == "GET" and GIVEN in request.args:
        g.kept_fields = MultiDict(json.loads(found.fields))
        flash(
            _(
                "Your form was not sent yet. Here is what you had typed: look through it and send"
                " it again. Passwords and files have to be given anew."
            ),
            "warn",
        )
    elif request.method == "POST" and request.path == found.path and _is_sent_in_order():
        session.pop(COOKIE)
        forget([found.id])


def _is_sent_in_order() -> bool:
    """A form with the token of the session that stands; any other is kept again."""
    drawn = _drawn_for()
    return drawn is not None and drawn.id == current_user.visit.id


def init_app(app: Flask) -> None:
    """Look for kept forms before each view."""
    app.before_request(_give_back)
