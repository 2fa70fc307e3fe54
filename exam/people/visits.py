"""Visits: which browsers are signed in, since when and from where; ended by their owner.

Times here are the machine's (`exam.clock.real_now`), so that a demo's clock ends nobody's visit.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from exam.audit import services as audit
from exam.config import Settings
from exam.db import db, new_id, transaction, wake
from exam.errors import InvalidInput, NotAllowed, NotFound
from exam.people.access_models import Visit, VisitEnd
from exam.people.models import Account, RoleGrant
from exam.people.roles import Act, Actor, Role

CHANNEL = "visits"
"""Told whenever a visit ends or changes its role, so that open sockets are looked at again."""
SEEN_STEP = timedelta(minutes=1)
"""How old `last_seen_at` may grow before it is written anew: one write a minute at most."""
ELDER_IDLE = timedelta(minutes=10)
KEPT = timedelta(days=90)
"""How long an ended visit stays on file, for the account's owner and for an inquiry."""


@dataclass(frozen=True)
class Limits:
    """When a visit is over without anybody ending it."""

    staff: timedelta
    candidate: timedelta
    longest: timedelta

    def over(self, visit: Visit, *, now: datetime, elder: bool) -> bool:
        """Whether nobody was there for too long, or the visit itself has lasted too long."""
        own = {x.role for x in visit.account.grants}
        idle = self.candidate if own <= {Role.CANDIDATE} else self.staff
        idle = max(idle, ELDER_IDLE) if elder else idle
        return now - visit.last_seen_at > idle or now - visit.since > self.longest


def limits_of(settings: Settings) -> Limits:
    """The limits of an installation."""
    return Limits(
        staff=timedelta(minutes=settings.idle_minutes_staff),
        candidate=timedelta(minutes=settings.idle_minutes_candidate),
        longest=timedelta(hours=settings.visit_hours),
    )


def begin(account_id: UUID, *, epoch: int, device: str, address: str, now: datetime) -> Visit:
    """Sign a browser in, in the caller's transaction."""
    visit = Visit(
        id=new_id(),
        account_id=account_id,
        epoch=epoch,
        since=now,
        last_seen_at=now,
        proven_at=now,
        device=device[:80],
        address=address[:64],
    )
    db.session.add(visit)
    db.session.flush()
    return visit


def find(key: UUID) -> Visit | None:
    """A visit that nobody has ended, of an account that is enabled and has not moved on."""
    return db.session.scalar(_open().where(Visit.id == key))


def _open() -> sa.Select[Visit]:
    return (
        sa.select(Visit)
        .join(Account, Account.id == Visit.account_id)
        .where(Visit.ended_at.is_(None), Account.enabled, Account.session_epoch == Visit.epoch)
    )


def seen(key: UUID, *, now: datetime) -> None:
    """Note that the browser is there; by a connection of its own, whatever the request does."""
    with db.engine.begin() as connection:
        connection.execute(sa.update(Visit).where(Visit.id == key).values(last_seen_at=now))


def of_account(account_id: UUID, *, limits: Limits, now: datetime) -> list[Visit]:
    """The browsers in which an account is signed in now, the latest seen first."""
    query = _open().where(Visit.account_id == account_id).order_by(Visit.last_seen_at.desc())
    found = db.session.scalars(query.execution_options(populate_existing=True)).all()
    return [x for x in found if not limits.over(x, now=now, elder=True)]


def with_ids(keys: Collection[UUID]) -> dict[UUID, Visit]:
    """Those of these visits that nobody has ended."""
    return {x.id: x for x in db.session.scalars(_open().where(Visit.id.in_(keys)))}


def end(account_id: UUID, key: UUID, *, why: VisitEnd, now: datetime) -> None:
    """End one of one's own visits; it is out at its next request and its sockets are cut.

    Raises:
        NotFound: no such visit, or somebody else's.
    """
    with transaction():
        if not _end(Visit.id == key, account_id=account_id, why=why, now=now):
            raise NotFound


def of_colleague(
    actor: Actor, username: str, *, limits: Limits, now: datetime
) -> tuple[Account, list[Visit]]:
    """Where somebody of one's own office is signed in; that it was looked at is recorded.

    Raises:
        NotAllowed: not an administrator.
        InvalidInput: this office has no such account.
    """
    _may_look(actor)
    with transaction() as session:
        own = (Account.username == username.strip(), Account.office_id == actor.office_id)
        account = session.scalar(sa.select(Account).where(*own))
        if account is None:
            raise InvalidInput(_("This office has no account of this name."), field="username")
        audit.record(
            "visit.looked_at",
            account,
            now=now,
            account_id=actor.account_id,
            role=actor.role,
            for_person_id=account.person_id,
        )
    return account, of_account(account.id, limits=limits, now=now)


def end_for_colleague(actor: Actor, key: UUID, *, reason: str, now: datetime) -> Account:
    """Sign somebody else's browser out: one that was lost, or is not the owner's.

    It takes nothing away that signing in anew does not give back, so one name is enough.

    Raises:
        NotAllowed: not an administrator.
        NotFound: no such visit in this office, or it has ended.
        InvalidInput: no reason was given.
    """
    _may_look(actor)
    if not reason.strip():
        raise InvalidInput(_("Say why, in a sentence."), field="reason")
    with transaction():
        owner = colleagues_visit(actor, key).account
        by = _By(actor, reason.strip())
        why = VisitEnd.ENDED_BY_OFFICE
        if not _end(Visit.id == key, account_id=owner.id, why=why, now=now, by=by):
            raise NotFound
    return owner


def colleagues_visit(actor: Actor, key: UUID) -> Visit:
    """A visit of somebody of the office that nobody has ended.

    Raises:
        NotAllowed: not an administrator.
        NotFound: no such visit in this office.
    """
    _may_look(actor)
    here = (Visit.id == key, Account.office_id == actor.office_id)
    found = db.session.scalar(_open().where(*here))
    if found is None:
        raise NotFound
    return found


def _may_look(actor: Actor) -> None:
    if not actor.may_sign(Act.RIGHTS, second=False):
        raise NotAllowed


@dataclass(frozen=True)
class _By:
    """Who ends a visit that is not hers, and why."""

    actor: Actor
    reason: str


def end_others(account_id: UUID, keep: UUID | None, *, why: VisitEnd, now: datetime) -> int:
    """End all of an account's visits but one; returns how many."""
    with transaction():
        return _end(
            Visit.id != keep if keep else sa.true(), account_id=account_id, why=why, now=now
        )


def end_everywhere(account: Account, *, keep: Visit | None, why: VisitEnd, now: datetime) -> None:
    """End all visits but ``keep`` in the caller's transaction.

    Race stopped: a sign-in whose password was checked a moment before; its visit carries the
    epoch that it was checked under, and is over when it begins.
    """
    account.session_epoch += 1
    if keep is not None:
        keep.epoch = account.session_epoch
    _end(Visit.id != keep.id if keep else sa.true(), account_id=account.id, why=why, now=now)


def _end(
    which: Any, *, account_id: UUID, why: VisitEnd, now: datetime, by: _By | None = None
) -> int:
    ended = db.session.scalars(
        sa.update(Visit)
        .where(which, Visit.account_id == account_id, Visit.ended_at.is_(None))
        .values(ended_at=now, ended_why=why)
        .returning(Visit.id)
    ).all()
    for key in ended:
        audit.record(
            "visit.ended",
            Visit(id=key),
            now=now,
            account_id=by.actor.account_id if by else account_id,
            role=by.actor.role if by else None,
            reason=by.reason if by else None,
            why=why,
            **({"whose": account_id} if by else {}),
        )
    if ended:
        wake(CHANNEL, str(account_id))
    return len(ended)


def choose_role(visit_id: UUID, grant: RoleGrant, *, now: datetime) -> None:
    """Act in another of one's own roles from now on; every later act carries it."""
    with transaction() as session:
        visit = session.get_one(Visit, visit_id)
        visit.grant_id = grant.id
        audit.record(
            "visit.role_chosen", visit, now=now, account_id=grant.account_id, role=grant.role
        )
        wake(CHANNEL, str(grant.account_id))


def forget_old(now: datetime) -> int:
    """Delete visits of which nothing has been seen for so long that nobody will ask."""
    with transaction() as session:
        old = sa.delete(Visit).where(Visit.last_seen_at < now - KEPT)
        return len(session.scalars(old.returning(Visit.id)).all())


def device_of(user_agent: str) -> str:
    """Browser and system in two words, such as ``Chrome, Windows``; no version, nothing unique."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "?")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "?")
    return f"{browser}, {system}"


_BROWSERS = (
    ("MicroMessenger", "WeChat"),
    ("Edg/", "Edge"),
    ("HuaweiBrowser", "Huawei"),
    ("MQQBrowser", "QQ"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)
