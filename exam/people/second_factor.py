"""Second factors: a code of the authenticator (RFC 6238), or a recovery code from paper."""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

import pyotp
import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from exam.audit import services as audit
from exam.db import db, transaction
from exam.errors import InvalidInput, WrongState
from exam.people.access_models import RecoveryCode, SecondFactor
from exam.people.guards import STAFF, live_grants
from exam.people.models import Account
from exam.people.passwords import hash_password, matches

ISSUER = "Kaochang 考场"
STEP_SECONDS = 30
DRIFT_STEPS = 1
"""Phones are half a minute off now and then; more than that helps guessing only."""
RECOVERY_CODES = 8
RECOVERY_LENGTH = 12
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
WAIT = timedelta(minutes=10)
"""How long a checked password waits for the second factor."""


class Need(StrEnum):
    """What a sign-in still lacks after the password."""

    NOTHING = "nothing"
    CODE = "code"
    ENROLMENT = "enrolment"


@dataclass(frozen=True)
class Enrolment:
    """What an authenticator has to be told."""

    secret: str
    uri: str


def need_of(account: Account, *, staff_must: bool) -> Need:
    """An account with a factor is always asked for it; staff without one must enrol."""
    if factor_of(account.id) is not None:
        return Need.CODE
    is_staff = any(x.role in STAFF for x in live_grants(account))
    return Need.ENROLMENT if staff_must and is_staff else Need.NOTHING


def factor_of(account_id: UUID) -> SecondFactor | None:
    """The factor in force."""
    found = _row(account_id)
    return found if found is not None and found.confirmed_at is not None else None


def begin(account_id: UUID, *, now: datetime) -> None:
    """Make a new secret; what was begun before and not confirmed is replaced.

    Raises:
        WrongState: a factor is in force; it has to be reset first.
    """
    with transaction() as session:
        found = _row(account_id, lock=True)
        if found is None:
            found = SecondFactor(id=account_id, created_at=now)
            session.add(found)
        elif found.confirmed_at is not None:
            raise WrongState
        found.secret, found.created_at = pyotp.random_base32(), now


def enrolment_of(account: Account) -> Enrolment | None:
    """What to show until the factor is confirmed; None if there is nothing to confirm."""
    found = _row(account.id)
    if found is None or found.confirmed_at is not None:
        return None
    secret = found.secret
    return Enrolment(
        secret, pyotp.TOTP(secret).provisioning_uri(name=account.username, issuer_name=ISSUER)
    )


def confirm(account_id: UUID, code: str, *, now: datetime) -> list[str]:
    """Take the first code; the factor is in force from now on.

    Returns:
        The recovery codes, shown this once.

    Raises:
        InvalidInput: the code is not of this secret and this minute.
        WrongState: nothing to confirm.
    """
    with transaction():
        found = _row(account_id, lock=True)
        if found is None or found.confirmed_at is not None:
            raise WrongState
        step = _step(found.secret, code, now)
        if step is None:
            raise _wrong_code()
        found.confirmed_at, found.last_step = now, step
        codes = _new_recovery_codes(account_id, now)
        audit.record("factor.enrolled", found, now=now, account_id=account_id)
    return codes


def check(account_id: UUID, code: str, *, now: datetime) -> None:
    """Take a code of the authenticator, or a recovery code, once.

    Race stopped: the same code sent twice at once; the factor's row is locked.

    Raises:
        InvalidInput: wrong, used before, or of another time; one answer for all of them.
    """
    with transaction():
        found = _row(account_id, lock=True)
        if found is None or found.confirmed_at is None:
            raise WrongState
        plain = plain_code(code)
        if len(plain) == RECOVERY_LENGTH:
            used = _use_recovery(account_id, plain, now)
        else:
            used = _use_step(found, plain, now)
        if not used:
            raise _wrong_code()


def renew_recovery_codes(account_id: UUID, *, now: datetime) -> list[str]:
    """New recovery codes; the earlier ones end."""
    with transaction():
        found = _row(account_id, lock=True)
        if found is None or found.confirmed_at is None:
            raise WrongState
        codes = _new_recovery_codes(account_id, now)
        audit.record("factor.codes_renewed", found, now=now, account_id=account_id)
    return codes


def remove(account_id: UUID) -> None:
    """Take factor and recovery codes away in the caller's transaction."""
    db.session.execute(sa.delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    db.session.execute(sa.delete(SecondFactor).where(SecondFactor.id == account_id))


def codes_left(account_id: UUID) -> int:
    """How many recovery codes have not been used."""
    query = sa.select(sa.func.count()).select_from(RecoveryCode)
    unused = (RecoveryCode.account_id == account_id, RecoveryCode.used_at.is_(None))
    return db.session.scalar(query.where(*unused)) or 0


def plain_code(code: str) -> str:
    """A code as it is compared: without what people write between the groups."""
    return "".join(x for x in code.upper() if x.isascii() and x.isalnum())


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """The time step that a code belongs to, of those near ``now``; all are compared. Pure."""
    current = int(now.timestamp()) // STEP_SECONDS
    totp = pyotp.TOTP(secret, interval=STEP_SECONDS)
    near = range(current - DRIFT_STEPS, current + DRIFT_STEPS + 1)
    fits = [x for x in near if hmac.compare_digest(totp.at(x * STEP_SECONDS), code)]
    return fits[0] if fits else None


def _step(secret: str, code: str, now: datetime) -> int | None:
    return step_of(secret, plain_code(code), now)


def _use_step(found: SecondFactor, plain: str, now: datetime) -> bool:
    step = step_of(found.secret, plain, now)
    if step is None or step <= found.last_step:
        return False
    found.last_step = step
    return True


def _use_recovery(account_id: UUID, plain: str, now: datetime) -> bool:
    unused = (RecoveryCode.account_id == account_id, RecoveryCode.used_at.is_(None))
    rows = db.session.scalars(sa.select(RecoveryCode).where(*unused)).all()
    # Every hash is tried, so that the time does not tell which line of the paper was meant.
    fitting = [row for row in rows if matches(plain, row.code_hash)]
    if not fitting:
        return False
    fitting[0].used_at = now
    audit.record(
        "factor.recovery_used", fitting[0], now=now, account_id=account_id, left=len(rows) - 1
    )
    return True


def _new_recovery_codes(account_id: UUID, now: datetime) -> list[str]:
    db.session.execute(sa.delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    plain = [
        "".join(secrets.choice(ALPHABET) for _i in range(RECOVERY_LENGTH))
        for _n in range(RECOVERY_CODES)
    ]
    db.session.add_all(
        RecoveryCode(account_id=account_id, code_hash=hash_password(x), created_at=now)
        for x in plain
    )
    return ["-".join(x[i : i + 4] for i in range(0, RECOVERY_LENGTH, 4)) for x in plain]


def _row(account_id: UUID, *, lock: bool = False) -> SecondFactor | None:
    query = sa.select(SecondFactor).where(SecondFactor.id == account_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return db.session.scalar(query)


def _wrong_code() -> InvalidInput:
    return InvalidInput(
        _(
            "This code does not fit, or was used before. Wait for the next one in your"
            " authenticator, or use a recovery code."
        ),
        field="code",
    )
