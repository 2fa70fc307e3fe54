"""Flask-Login's side of a sign-in: what stands in the cookie, and when it ends."""

from uuid import UUID

from flask import Flask
from flask_login import LoginManager, UserMixin, current_user

from exam.db import db
from exam.people.models import Account

manager = LoginManager()
manager.session_protection = "strong"


class SignedIn(UserMixin):
    """An account as Flask-Login sees it; ending all sessions raises the account's epoch."""

    def __init__(self, account: Account) -> None:
        self.account = account

    @property
    def display_name(self) -> str:
        """Shown beside the button to sign out."""
        return self.account.display_name

    @property
    def language(self) -> str | None:
        """The language that the account has chosen."""
        return self.account.locale

    def get_id(self) -> str:
        """Account id and epoch."""
        return f"{self.account.id}:{self.account.session_epoch}"


@manager.user_loader
def load(value: str) -> SignedIn | None:
    """The account of a cookie, if it is still enabled and of this epoch."""
    key, _, epoch = value.partition(":")
    try:
        account = db.session.get(Account, UUID(key))
    except ValueError:
        return None
    if account is None or not account.enabled or str(account.session_epoch) != epoch:
        return None
    return SignedIn(account)


def init_app(app: Flask) -> None:
    """Attach the login manager."""
    manager.init_app(app)


def current_account() -> Account:
    """The signed-in account; only behind a guard that asks for a sign-in."""
    account: Account = current_user.account
    return account
