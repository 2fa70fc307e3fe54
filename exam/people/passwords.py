"""Password hashing: argon2id with the library's current parameters."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher()
_DUMMY = _hasher.hash("nobody has this password")


def hash_password(password: str) -> str:
    """An argon2id hash with its own salt."""
    return _hasher.hash(password)


def matches(password: str, stored: str | None) -> bool:
    """Whether the password fits; an unknown account takes as long as a wrong password."""
    try:
        fits = _hasher.verify(stored or _DUMMY, password)
    except (VerificationError, InvalidHashError):
        return False
    return fits and stored is not None
