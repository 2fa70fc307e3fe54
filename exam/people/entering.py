"""From a checked password or code to a signed-in browser, over whatever is still lacking."""

import contextlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import current_app, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_user

from exam import clock
from exam.db import db
from exam.errors import NotFound, NotSignedIn
from exam.people import kept_forms, second_factor, services, visits
from exam.people.access_models import VisitEnd
from exam.people.guards import live_grants
from exam.people.models import Account
from exam.people.second_factor import Need
from exam.people.sign_in import SignedIn, current_visit
from exam.web.preferences import local_path

WAITING = "waiting"
"""Where the cookie says whose password was checked and when; it lets nobody in."""


@dataclass(frozen=True)
class Waiting:
    """Somebody whose password was right and who lacks the second factor."""

    account: Account
    epoch: int
    target: str


def proceed(account: Account) -> ResponseReturnValue:
    """Go on to what the account still lacks, or in."""
    target = local_path(request.args.get("next", "/"))
    must = current_app.config["KAOCHANG"].staff_need_second_factor
    need = second_factor.need_of(account, staff_must=must)
    _end_former()
    _clear()
    if need is Need.NOTHING:
        return enter(Waiting(account, account.session_epoch, target))
    session[WAITING] = {
        "account": str(account.id),
        "epoch": account.session_epoch,
        "since": clock.real_now().isoformat(),
        "target": target,
    }
    return redirect(url_for(f"people.{PAGES[need]}"), code=303)


def _end_former() -> None:
    """End the visit of whoever is still signed in here: its cookie may have been copied."""
    if current_user.is_authenticated:
        former = current_visit()
        why, now = VisitEnd.SIGNED_OUT, clock.real_now()
        with contextlib.suppress(NotFound):  # another request has just ended it
            visits.end(former.account_id, former.id, why=why, now=now)


PAGES = {Need.CODE: "second", Need.ENROLMENT: "enrol"}


def waiting() -> Waiting:
    """Who waits for the second factor in this browser.

    Raises:
        NotSignedIn: nobody, or for too long, or the account has moved on.
    """
    kept = session.get(WAITING)
    if not kept or clock.real_now() - datetime.fromisoformat(kept["since"]) > second_factor.WAIT:
        raise NotSignedIn
    account = db.session.get(Account, UUID(kept["account"]))
    if account is None or not account.enabled or account.session_epoch != kept["epoch"]:
        raise NotSignedIn
    return Waiting(account, kept["epoch"], kept["target"])


def enter(who: Waiting) -> ResponseReturnValue:
    """Sign this browser in and show the page that was wanted."""
    sign_in_as(who)
    return redirect(target_of(who), code=303)


def sign_in_as(who: Waiting) -> None:
    """Sign this browser in; everything has been checked."""
    _clear()
    visit = services.open_visit(
        who.account.id,
        epoch=who.epoch,
        device=visits.device_of(request.user_agent.string),
        address=request.remote_addr or "",
        now=clock.real_now(),
    )
    login_user(SignedIn(visit))
    kept_forms.mark_session(visit)
    kept = kept_forms.claim(who.account.id)
    role = next((x for x in live_grants(who.account) if kept and x.id == kept.grant_id), None)
    if role is not None:
        visits.choose_role(visit.id, role, now=clock.real_now())


def _clear() -> None:
    """A new session; what was typed before waits for its owner."""
    kept = session.get(kept_forms.COOKIE)
    session.clear()
    if kept is not None:
        session[kept_forms.COOKIE] = kept


def target_of(who: Waiting) -> str:
    """Where somebody wanted to go, else the first page of the role."""
    return who.target if who.target != "/" else url_for("home.inside")


def waiting_key() -> str:
    """For counting tries: the account that waits in this browser."""
    return f"waiting:{(session.get(WAITING) or {}).get('account', '')}"
