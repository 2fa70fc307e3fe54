"""Flask-Login's side of a sign-in: what stands in the cookie, and when it ends."""

from typing import cast
from uuid import UUID

from flask import Flask, current_app
from flask_login import LoginManager, UserMixin, current_user

from exam import clock
from exam.people import visits
from exam.people.access_models import Visit
from exam.people.models import Account
from exam.web.preferences import preference

manager = LoginManager()
manager.session_protection = "strong"


class SignedIn(UserMixin):
    """A visit as Flask-Login sees it; the cookie holds nothing but its id."""

    def __init__(self, visit: Visit) -> None:
        self.visit = visit
        self.account: Account = visit.account

    @property
    def display_name(self) -> str:
        """Shown beside the button to sign out."""
        return self.account.display_name

    @property
    def language(self) -> str | None:
        """The language that the account has chosen."""
        return self.account.locale

    def get_id(self) -> str:
        """The visit's id."""
        return str(self.visit.id)


@manager.user_loader
def load(value: str) -> SignedIn | None:
    """The visit of a cookie, if nobody has ended it and it was not left alone for too long."""
    try:
        key = UUID(value)
    except ValueError:
        return None
    visit = visits.find(key)
    now = clock.real_now()
    limits = visits.limits_of(current_app.config["KAOCHANG"])
    if visit is None or limits.over(visit, now=now, elder=preference("mode") == "elder"):
        return None
    # A clock that was set back counts idleness from the time that is right.
    if abs(now - visit.last_seen_at) >= visits.SEEN_STEP:
        visits.seen(key, now=now)
    return SignedIn(visit)


def init_app(app: Flask) -> None:
    """Attach the login manager."""
    manager.init_app(app)


def current_visit() -> Visit:
    """The visit of this request; only behind a guard that asks for a sign-in."""
    return cast("SignedIn", current_user).visit


def current_account() -> Account:
    """The signed-in account; only behind a guard that asks for a sign-in."""
    return current_visit().account
