"""Every error that the application raises on purpose.

KaochangError                     code, HTTP status, a text for the person who reads it
├── ConfigurationError            the installation is not usable; names the variable
├── InvalidInput                  a field is wrong; names the field and the fix
├── NotSignedIn                   nobody is signed in
├── ProofNeeded                   signed in, but an act asks to prove again that it is the person
├── NotAllowed                    signed in, but this role or scope may not
├── NotFound                      no such thing, or not yours: the same answer for both
├── RuleRefused                   a rule of the policy pack says no; carries rule id and parameters
├── WrongState                    the thing is no longer where this step starts from
├── Conflict                      somebody else was first; says what happened
├── Busy                          a lock was not given in time; try again
└── DiskFull                      no room left; nothing was saved, and somebody has to make room
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from flask_babel import lazy_gettext as _


class KaochangError(Exception):
    """Base of the tree.

    Args:
        message: translatable text that a person can act on; never personal data of others.
        facts: numbers and names for the log and for problem documents.
    """

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500
    default: ClassVar[Any] = _("Something went wrong on our side. Nothing was changed.")

    def __init__(self, message: Any = None, /, **facts: Any) -> None:
        self.message = message if message is not None else self.default
        self.facts: Mapping[str, Any] = facts
        super().__init__(self.code)

    def __str__(self) -> str:
        return str(self.message)


class ConfigurationError(KaochangError):
    """The installation cannot start."""

    code = "configuration"


class InvalidInput(KaochangError):
    """A value is not acceptable; ``field`` names it and the message tells the fix."""

    code = "invalid_input"
    status = 400
    default = _("Please check the highlighted answers.")

    def __init__(self, message: Any = None, /, *, field: str | None = None, **facts: Any) -> None:
        super().__init__(message, field=field, **facts)
        self.field = field


class NotSignedIn(KaochangError):
    """The page needs somebody who has signed in."""

    code = "not_signed_in"
    status = 401
    default = _("Please sign in first.")


class ProofNeeded(KaochangError):
    """The last proof of who is there is too old for this act."""

    code = "proof_needed"
    status = 403
    default = _("Prove once more that it is you; then do this again.")


class NotAllowed(KaochangError):
    """The role or its scope does not allow it."""

    code = "not_allowed"
    status = 403
    default = _("Your role does not allow this.")


class NotFound(KaochangError):
    """Unknown, or outside the reader's scope: indistinguishable on purpose."""

    code = "not_found"
    status = 404
    default = _("There is nothing at this address.")


class RuleRefused(KaochangError):
    """A rule of the policy pack refuses; ``rule`` is its id, ``facts`` its parameters."""

    code = "rule_refused"
    status = 409
    default = _("The rules do not allow this now.")

    def __init__(self, message: Any = None, /, *, rule: str, **facts: Any) -> None:
        super().__init__(message, rule=rule, **facts)
        self.rule = rule


class WrongState(KaochangError):
    """A step was asked of something that has already moved on."""

    code = "wrong_state"
    status = 409
    default = _("This has already moved on. The page shows where it stands now.")


class Conflict(KaochangError):
    """A constraint of the database refused; its name is in ``facts``."""

    code = "conflict"
    status = 409
    default = _("Somebody else was first. Nothing was changed.")


class Busy(KaochangError):
    """A lock was not given within the time-out."""

    code = "busy"
    status = 503
    default = _("Many people are doing this right now. Please try again in a moment.")


class DiskFull(KaochangError):
    """There is no room left on a disk; whatever was being saved is gone again."""

    code = "disk_full"
    status = 507
    default = _("This office's disk is full, so nothing of this was saved. Nothing else is lost.")
