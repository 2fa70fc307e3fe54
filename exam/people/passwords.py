"""Passwords: argon2id with the library's current parameters, and what is refused as one."""

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask_babel import lazy_gettext as _

from exam.config import Settings
from exam.errors import InvalidInput
from exam.people.models import Account
from exam.people.password_rules import LONGEST, Weakness, weakness
from exam.people.roles import Role

_hasher = PasswordHasher()

SAID: dict[Weakness, Any] = {
    Weakness.SHORT: _(
        "Choose a password of at least %(least)s characters; several words are easy to remember."
    ),
    Weakness.LONG: _("Choose a password of at most %(longest)s characters."),
    Weakness.COMMON: _(
        "This password is among the first that anybody tries. Choose several words that only you"
        " would put together."
    ),
    Weakness.OWN: _("Choose a password that is not your name, phone or document number."),
}


@dataclass(frozen=True)
class Rules:
    """How long a password must be."""

    staff: int = 12
    candidate: int = 8

    def least_for(self, account: Account) -> int:
        """Characters that this account's password must have."""
        own = {x.role for x in account.grants}
        return self.candidate if own <= {Role.CANDIDATE} else self.staff


USUAL = Rules()


def rules_of(settings: Settings) -> Rules:
    """The rules of an installation."""
    return Rules(staff=settings.password_min_staff, candidate=settings.password_min_candidate)


def hash_password(password: str) -> str:
    """An argon2id hash with its own salt."""
    return _hasher.hash(password)


def matches(password: str, stored: str | None) -> bool:
    """Whether the password fits; an unknown account takes as long as a wrong password."""
    try:
        fits = _hasher.verify(stored or _nobodys(), password)
    except (VerificationError, InvalidHashError):
        return False
    return fits and stored is not None


@functools.cache
def _nobodys() -> str:
    return _hasher.hash("nobody has this password")


def refuse_weak(password: str, *, about: Iterable[str], least: int) -> None:
    """Refuse a password that is too short or soon guessed.

    Raises:
        InvalidInput: at the field ``password``, with the fix.
    """
    found = weakness(password, least=least, about=about)
    if found is not None:
        text = str(SAID[found]) % {"least": least, "longest": LONGEST}
        raise InvalidInput(text, field="password")
