"""Signing in with a document number and six digits sent to the phone on file.

Whether a person exists is never told: asking costs the same work and gives the same answer for
everybody, and what differs (making the code, sending it) is done afterwards, from the outbox.
"""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from exam.audit import services as audit
from exam.db import db, lock_row, new_id, transaction
from exam.errors import InvalidInput
from exam.people.access_models import OneTimeCode
from exam.people.models import Account, Person, RoleGrant
from exam.people.roles import Role
from exam.sealing.holder import ring
from exam.system import outbox
from exam.system.outbox import DomainEvent

VALID = timedelta(minutes=10)
TRIES = 5
DIGITS = 6
WRONG = _(
    "This code does not fit, or its ten minutes are over. If no message came, check"
    " the number or ask at the counter."
)


class CodeAsked(DomainEvent):
    """Somebody asked for a code; there may be nobody to send it to."""

    name: ClassVar[str] = "people.code_asked"
    code_id: UUID


@dataclass(frozen=True)
class Parcel:
    """A code on its way: to whom, and the digits, which are kept nowhere."""

    person_id: UUID
    phone: str
    digits: str


def ask(document_number: str, *, now: datetime, news_at: datetime) -> UUID:
    """Ask for a code; the answer is the request's id, and the same for everybody.

    Args:
        document_number: as it was typed.
        now: the machine's time.
        news_at: the application's time, for the outbox.
    """
    plain = "".join(document_number.split()).upper()
    with transaction() as session:
        asked = OneTimeCode(
            id=new_id(), person_id=_who(plain), asked_at=now, expires_at=now + VALID
        )
        session.add(asked)
        outbox.publish(CodeAsked(code_id=asked.id), now=news_at)
    return asked.id


def begin_for_phone(*, now: datetime) -> UUID:
    """A request in the caller's transaction for a phone that no person here has yet."""
    asked = OneTimeCode(id=new_id(), person_id=None, asked_at=now, expires_at=now + VALID)
    db.session.add(asked)
    return asked.id


def make_for_phone(code_id: UUID) -> str | None:
    """The digits for such a request, in the caller's transaction; None once it was used."""
    asked = db.session.get(OneTimeCode, code_id)
    if asked is None or asked.used_at is not None:
        return None
    digits = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    asked.code_hmac = _keyed(code_id, digits)
    return digits


def take(asked: OneTimeCode | None, digits: str, *, now: datetime) -> bool:
    """Count a try on a locked request; whether it was right, in time, and the first."""
    if asked is None:
        return False
    plain = "".join(x for x in digits if x.isdecimal())
    # Compared in every case, so that an empty request takes as long as a wrong code.
    expected = asked.code_hmac or _keyed(asked.id, "nobody")
    fits = hmac.compare_digest(_keyed(asked.id, plain), expected)
    asked.tries += 1
    open_still = asked.used_at is None and asked.expires_at > now and asked.tries <= TRIES
    if fits and open_still and asked.code_hmac:
        asked.used_at = now
        return True
    return False


def _who(plain: str) -> UUID | None:
    """The person with that number, if she has a sign-in; staff sign in by password alone."""
    works_here = sa.exists().where(
        RoleGrant.account_id == Account.id, RoleGrant.role != Role.CANDIDATE
    )
    query = (
        sa.select(Account.person_id)
        .join(Person, Person.id == Account.person_id)
        .where(Person.document_number.matches(plain), Account.enabled, ~works_here)
    )
    return db.session.scalar(query.order_by(Account.created_at).limit(1))


def make(code_id: UUID) -> Parcel | None:
    """Make the digits of a request in the caller's transaction; None if there is nobody.

    A request handled twice gets new digits, and the earlier ones end.
    """
    asked = db.session.get(OneTimeCode, code_id)
    if asked is None or asked.person_id is None or asked.used_at is not None:
        return None
    digits = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    asked.code_hmac = _keyed(code_id, digits)
    person = db.session.get_one(Person, asked.person_id)
    return Parcel(person.id, person.phone, digits)


def check(code_id: UUID, digits: str, *, now: datetime) -> Account:
    """The account for a code, once, within its time and a few tries.

    Race stopped: many tries at once, each counted as the first; the request's row is locked.

    Raises:
        InvalidInput: one answer for a wrong code, an old one, and nobody.
    """
    with transaction() as session:
        account = _account_for(lock_row(OneTimeCode, code_id), digits, now)
        if account is not None:
            audit.record(
                "code.used",
                session.get_one(OneTimeCode, code_id),
                now=now,
                account_id=account.id,
                for_person_id=account.person_id,
            )
    if account is None:
        raise InvalidInput(WRONG, field="code")
    return account


def _account_for(asked: OneTimeCode | None, digits: str, now: datetime) -> Account | None:
    if not take(asked, digits, now=now) or asked is None or asked.person_id is None:
        return None
    own = (Account.person_id == asked.person_id, Account.enabled)
    return db.session.scalar(sa.select(Account).where(*own))


def _keyed(code_id: UUID, digits: str) -> str:
    return ring().fingerprint(f"{code_id}:{digits}", purpose="one_time_code").hex()
