"""Accounts: signing in, activating, granting roles, who is called first."""

import hashlib
import secrets
from collections.abc import Collection
from datetime import date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from exam.audit import services as audit
from exam.db import db, new_id, transaction
from exam.errors import InvalidInput
from exam.people import passwords, visits
from exam.people.access_models import Visit, VisitEnd
from exam.people.models import Account, Activation, NeedKind, Person, RoleGrant
from exam.people.needs import live_needs
from exam.people.passwords import USUAL, Rules, hash_password, matches
from exam.people.roles import Actor, Role
from exam.policy.eligibility import age_on
from exam.policy.pack import Pack

CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH = 12


def check_password(username: str, password: str) -> Account:
    """The account for these words; what else a sign-in needs is asked for afterwards.

    Raises:
        InvalidInput: the same answer for an unknown name, a wrong password and a disabled account.
    """
    account = db.session.scalar(sa.select(Account).where(Account.username == username.strip()))
    fits = matches(password, account.password_hash if account else None)
    if account is None or not fits or not account.enabled:
        raise InvalidInput(
            _("Sign-in name or password is not right. Check both, or ask at the counter."),
            field="username",
        )
    return account


def open_visit(account_id: UUID, *, epoch: int, device: str, address: str, now: datetime) -> Visit:
    """Sign a browser in, after everything has been checked under that epoch of the account."""
    with transaction():
        visit = visits.begin(account_id, epoch=epoch, device=device, address=address, now=now)
        audit.record("account.signed_in", visit.account, now=now, account_id=account_id)
    return visit


def change_password(visit: Visit, old: str, new: str, *, rules: Rules, now: datetime) -> None:
    """Another password; every other browser is signed out.

    Raises:
        InvalidInput: naming the field.
    """
    with transaction() as session:
        visit = session.merge(visit)
        account = visit.account
        if not matches(old, account.password_hash):
            raise InvalidInput(_("This is not your password of now."), field="old")
        passwords.refuse_weak(new, about=_words_about(account), least=rules.least_for(account))
        account.password_hash = hash_password(new)
        visits.end_everywhere(account, keep=visit, why=VisitEnd.PASSWORD_CHANGED, now=now)
        audit.record("account.password_changed", account, now=now, account_id=account.id)


def issue_activations(persons: Collection[Person], *, pack: Pack, now: datetime) -> dict[UUID, str]:
    """Make a one-time code for each person in the caller's transaction; earlier codes end.

    Returns:
        Person to code, grouped for reading; codes are shown once and kept only as hashes.
    """
    keys = [x.id for x in persons]
    db.session.execute(
        sa.update(Activation)
        .where(Activation.person_id.in_(keys), Activation.used_at.is_(None))
        .values(expires_at=now)
    )
    ends = now + timedelta(days=pack.integer("activation.valid_days"))
    codes = {key: _new_code() for key in keys}
    db.session.add_all(
        Activation(person_id=key, code_sha256=_code_hash(code), created_at=now, expires_at=ends)
        for key, code in codes.items()
    )
    return codes


def issue_activation(person: Person, *, pack: Pack, now: datetime) -> str:
    """Make one code; see :func:`issue_activations`."""
    return issue_activations([person], pack=pack, now=now)[person.id]


def _new_code() -> str:
    code = "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))
    return "-".join(code[i : i + 4] for i in range(0, CODE_LENGTH, 4))


def activate(
    code: str,
    document_last_four: str,
    username: str,
    password: str,
    *,
    rules: Rules = USUAL,
    now: datetime,
) -> Account:
    """Turn a registered person into a sign-in, once.

    Race stopped: the same code used twice at once; the activation row is locked.

    Raises:
        InvalidInput: naming the field that is wrong.
    """
    passwords.refuse_weak(password, about=[username], least=rules.candidate)
    with transaction() as session:
        found = session.scalar(
            sa.select(Activation)
            .where(Activation.code_sha256 == _code_hash(code))
            .with_for_update()
        )
        person = session.get(Person, found.person_id) if found else None
        last_four = document_last_four.strip().upper()
        if (
            found is None
            or person is None
            or found.used_at is not None
            or found.expires_at <= now
            or not secrets.compare_digest(person.document_number[-4:].upper(), last_four)
        ):
            raise InvalidInput(
                _(
                    "This code and document do not fit together, or the code was used or has ended."
                    " Ask your school or the counter for a new one."
                ),
                field="code",
            )
        about = (person.document_number, person.phone)
        passwords.refuse_weak(password, about=about, least=rules.candidate)
        found.used_at = now
        account = _open_account(person, username, password, now)
        audit.record(
            "account.activated", account, now=now, account_id=account.id, for_person_id=person.id
        )
    return account


def _open_account(person: Person, username: str, password: str, now: datetime) -> Account:
    taken = db.session.scalar(sa.select(Account).where(Account.username == username.strip()))
    if taken is not None and taken.person_id != person.id:
        raise InvalidInput(_("This sign-in name is taken. Choose another."), field="username")
    account = db.session.scalar(sa.select(Account).where(Account.person_id == person.id))
    if account is None:
        account = Account(
            id=new_id(),
            office_id=person.office_id,
            username=username.strip(),
            display_name=person.name,
            person_id=person.id,
            created_at=now,
        )
        account.grants = [RoleGrant(role=Role.CANDIDATE, office_id=person.office_id, since=now)]
        db.session.add(account)
    account.username = username.strip()
    account.password_hash = hash_password(password)
    db.session.flush()
    return account


def open_by_phone(person: Person, *, now: datetime) -> None:
    """A sign-in by code alone for a person whose phone is proven, in the caller's transaction."""
    if db.session.scalar(sa.select(Account.id).where(Account.person_id == person.id)) is not None:
        return
    account = Account(
        id=new_id(),
        office_id=person.office_id,
        username=f"p-{secrets.token_hex(8)}",
        display_name=person.name,
        person_id=person.id,
        created_at=now,
    )
    account.grants = [RoleGrant(role=Role.CANDIDATE, office_id=person.office_id, since=now)]
    db.session.add(account)
    db.session.flush()
    audit.record("account.opened", account, now=now, account_id=None, for_person_id=person.id)


def open_staff_account(
    *,
    username: str,
    display_name: str,
    password_hash: str,
    role: Role,
    office_id: UUID,
    now: datetime,
    site_id: UUID | None = None,
    school_id: UUID | None = None,
    by: Actor | None = None,
) -> Account:
    """Open an account with one role in the caller's transaction; see `passwords.hash_password`."""
    account = Account(
        id=new_id(),
        office_id=office_id,
        username=username,
        display_name=display_name,
        password_hash=password_hash,
        created_at=now,
    )
    account.grants = [
        RoleGrant(role=role, office_id=office_id, site_id=site_id, school_id=school_id, since=now)
    ]
    db.session.add(account)
    db.session.flush()
    audit.record(
        "account.opened",
        account,
        now=now,
        account_id=by.account_id if by else None,
        role=by.role if by else None,
        granted=role,
    )
    return account


def service_group(person_ids: Collection[UUID], *, on: date, pack: Pack) -> set[UUID]:
    """Those of these persons who are called first on a day; the reason stays here.

    A support need of the pack's kinds counts until the date that the person gave; elderly is an
    age of the pack.
    """
    kinds = [NeedKind(x) for x in pack.words("service_group.kinds")]
    births = sa.select(Person.id, Person.birth_date).where(Person.id.in_(person_ids))
    age = pack.integer("age.elderly")
    elderly = {key for key, born in db.session.execute(births) if age_on(born, on) >= age}
    needs = live_needs(person_ids, on=on)
    return elderly | {key for key, found in needs.items() if not found.isdisjoint(kinds)}


def _words_about(account: Account) -> list[str]:
    person = account.person
    own = [person.document_number, person.phone] if person else []
    return [account.username, *own]


def _code_hash(code: str) -> str:
    plain = "".join(ch for ch in code.upper() if ch.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()
