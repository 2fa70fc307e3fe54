"""What people are qualified for, entered by planners; what they declare, said by themselves."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from exam.audit import services as audit
from exam.clock import civil_date
from exam.db import db, lock_row, new_id, transaction
from exam.errors import InvalidInput, NotAllowed, NotFound, WrongState
from exam.people.models import Account, RoleGrant, Site
from exam.people.roles import Actor, Role
from exam.rostering.models import ROSTERED, Declaration, Qualification, Roster
from exam.rostering.states import Declared


@dataclass(frozen=True)
class Member:
    """Somebody who may be put on a roster in a role, and what is known of her."""

    account: Account
    role: Role
    sites: tuple[Site, ...]
    """Where the role holds; empty: at all sites of the office."""
    qualification: Qualification | None


@dataclass(frozen=True)
class Held:
    """A qualification as it is entered."""

    subjects: Collection[str]
    classes: Collection[str]
    weekly_hours: int
    valid_until: date | None = None


def members(actor: Actor, *, now: datetime) -> list[Member]:
    """Everybody of the office in the roles that are rostered, by role and name."""
    grants: dict[tuple[UUID, Role], list[RoleGrant]] = {}
    for grant in db.session.scalars(_grants(actor, now)):
        grants.setdefault((grant.account_id, grant.role), []).append(grant)
    sites = {x.id: x for x in sites_of(actor)}
    known = {
        (x.account_id, x.role): x
        for x in db.session.scalars(
            sa.select(Qualification).where(Qualification.account_id.in_({key for key, _ in grants}))
        )
    }
    found = [
        Member(rows[0].account, role, _bound(rows, sites), known.get((account_id, role)))
        for (account_id, role), rows in grants.items()
    ]
    return sorted(found, key=lambda x: (ROSTERED.index(x.role), x.account.username))


def _grants(actor: Actor, now: datetime) -> sa.Select[RoleGrant]:
    return (
        sa.select(RoleGrant)
        .join(Account, Account.id == RoleGrant.account_id)
        .where(
            RoleGrant.office_id == actor.office_id,
            RoleGrant.role.in_(ROSTERED),
            RoleGrant.since <= now,
            sa.or_(RoleGrant.until.is_(None), RoleGrant.until > now),
            Account.enabled,
        )
        .options(joinedload(RoleGrant.account))
    )


def _bound(rows: Sequence[RoleGrant], sites: dict[UUID, Site]) -> tuple[Site, ...]:
    bound = [sites[x.site_id] for x in rows if x.site_id in sites]
    return tuple(bound) if len(bound) == len(rows) else ()


def member(actor: Actor, account_id: UUID, role: Role, *, now: datetime) -> Member:
    """One of them.

    Raises:
        NotFound: nobody of this office in this role.
    """
    for one in members(actor, now=now):
        if one.account.id == account_id and one.role is role:
            return one
    raise NotFound


def sites_of(actor: Actor) -> Sequence[Site]:
    """The sites of an office, by code."""
    query = sa.select(Site).where(Site.office_id == actor.office_id).order_by(Site.code)
    return db.session.scalars(query).all()


def qualify(
    actor: Actor, account_id: UUID, role: Role, held: Held, *, now: datetime
) -> Qualification:
    """Enter what somebody is qualified for, in place of what was entered before.

    Raises:
        InvalidInput: an examiner without a subject or a kind of vehicle.
        NotAllowed: not a planner.
        NotFound: nobody of this office in this role.
    """
    entered_by = Roster.NAMES.may_ask(actor)
    member(actor, account_id, role, now=now)
    is_examiner = role is Role.EXAMINER
    if is_examiner and not held.subjects:
        raise InvalidInput(_("Choose at least one subject."), field="subjects")
    if is_examiner and not held.classes:
        raise InvalidInput(_("Choose at least one kind of vehicle."), field="classes")
    with transaction() as session:
        found = session.scalar(
            sa.select(Qualification)
            .where(Qualification.account_id == account_id, Qualification.role == role)
            .with_for_update()
        )
        if found is None:
            found = Qualification(id=new_id(), account_id=account_id, role=role)
            session.add(found)
        found.subjects = sorted(held.subjects) if is_examiner else []
        found.classes = sorted(held.classes) if is_examiner else ["*"]
        found.weekly_hours, found.valid_until = held.weekly_hours, held.valid_until
        found.entered_at, found.entered_by = now, entered_by
        session.flush()
        _note("qualification.entered", found, actor, now, whose=account_id)
    return found


def declare_away(
    actor: Actor, days: tuple[date, date], *, account_id: UUID | None = None, now: datetime
) -> Declaration:
    """Say that one is away on some days; a planner may say it for somebody who has called.

    Raises:
        InvalidInput: days that are over or reversed.
    """
    if days[1] < days[0]:
        raise InvalidInput(_("The last day is before the first."), field="last_day")
    zones = {x.time_zone for x in sites_of(actor)}
    if zones and days[1] < min(civil_date(now, x) for x in zones):
        raise InvalidInput(_("These days are over."), field="last_day")
    return _declare(actor, account_id, now, kind=Declared.AWAY, first_day=days[0], last_day=days[1])


def declare_avoided(actor: Actor, site_id: UUID, *, now: datetime) -> Declaration:
    """Declare a conflict of interest at a site: nobody asks which.

    Raises:
        Conflict: declared already.
        InvalidInput: no site of the office.
    """
    if site_id not in {x.id for x in sites_of(actor)}:
        raise InvalidInput(_("Choose a site."), field="site")
    return _declare(actor, None, now, kind=Declared.AVOIDS, site_id=site_id)


def _declare(actor: Actor, account_id: UUID | None, now: datetime, **facts: Any) -> Declaration:
    whose = account_id or actor.account_id
    if actor.account_id is None or whose is None:
        raise NotAllowed
    if whose != actor.account_id:
        Roster.NAMES.may_ask(actor)
        if whose not in {x.account.id for x in members(actor, now=now)}:
            raise NotFound
    with transaction() as session:
        made = Declaration(
            id=new_id(), account_id=whose, declared_at=now, declared_by=actor.account_id, **facts
        )
        session.add(made)
        session.flush()
        _note("declaration.made", made, actor, now, kind=made.kind)
    return made


def withdraw(actor: Actor, key: UUID, *, now: datetime) -> None:
    """Take one's own declaration back.

    Race stopped: withdrawing twice at once; the row is locked.

    Raises:
        NotFound: unknown, or somebody else's.
        WrongState: withdrawn already.
    """
    with transaction():
        found: Declaration | None = lock_row(Declaration, key)
        if found is None or found.account_id != actor.account_id:
            raise NotFound
        if found.withdrawn_at is not None:
            raise WrongState
        found.withdrawn_at = now
        _note("declaration.withdrawn", found, actor, now, kind=found.kind)


def declared_by(account_id: UUID, *, today: date) -> Sequence[Declaration]:
    """What somebody has declared and not taken back, days that are over left out."""
    query = (
        sa.select(Declaration)
        .options(joinedload(Declaration.site))
        .where(
            Declaration.account_id == account_id,
            Declaration.withdrawn_at.is_(None),
            sa.or_(Declaration.last_day.is_(None), Declaration.last_day >= today),
        )
    )
    return db.session.scalars(query.order_by(Declaration.declared_at)).all()


def _note(
    act: str, found: Declaration | Qualification, actor: Actor, now: datetime, **facts: Any
) -> None:
    audit.record(act, found, now=now, account_id=actor.account_id, role=actor.role, **facts)
