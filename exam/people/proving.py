"""Asking again who somebody is, before an act that a found or borrowed browser must not do.

Whoever has a second factor shows that, anybody else the password. It counts for some minutes
(`KAOCHANG_PROVE_AGAIN_MINUTES`), and signing in counts too.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import current_app, request
from flask_babel import lazy_gettext as _

from exam import clock
from exam.audit import services as audit
from exam.db import transaction
from exam.errors import InvalidInput, ProofNeeded
from exam.people import second_factor
from exam.people.access_models import Visit
from exam.people.passwords import matches
from exam.people.sign_in import current_visit

MARK = "asks_again"
"""What a view that asks carries, so that a test can hold them all against a list."""
P = ParamSpec("P")
R = TypeVar("R")


def asks_again(*, reading: bool = False) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Mark a view that needs a fresh proof to act; ``reading``: to be looked at, too."""

    def mark(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def asked(*args: P.args, **named: P.kwargs) -> R:
            if reading or request.method == "POST":
                must_be_proven(current_visit(), now=clock.real_now())
            return view(*args, **named)

        setattr(asked, MARK, True)
        return asked

    return mark


def must_be_proven(visit: Visit, *, now: datetime) -> None:
    """Raise ProofNeeded where the last proof is too old, or of a clock that was ahead."""
    limit = timedelta(minutes=current_app.config["KAOCHANG"].prove_again_minutes)
    if abs(now - (visit.proven_at or visit.since)) > limit:
        raise ProofNeeded


def prove(visit: Visit, *, password: str = "", code: str = "", now: datetime) -> None:
    """Take the proof: a code where the account has a second factor, else the password.

    Raises:
        InvalidInput: it does not fit; names the field.
    """
    if second_factor.factor_of(visit.account_id) is not None:
        second_factor.check(visit.account_id, code, now=now)
    elif not matches(password, visit.account.password_hash):
        raise InvalidInput(_("This is not your password of now."), field="password")
    with transaction() as session:
        visit = session.merge(visit)
        visit.proven_at = now
        audit.record("visit.proven", visit, now=now, account_id=visit.account_id)
