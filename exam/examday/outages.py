"""Vehicles and examiners that are not there: entered by planners, respected by the draw."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from exam.audit import services as audit
from exam.db import db, lock_row, new_id, transaction
from exam.errors import InvalidInput, NotAllowed, NotFound, WrongState
from exam.examday.models import Outage, OutageCause, Vehicle
from exam.people.models import Account, RoleGrant, Site
from exam.people.roles import Actor, Role

Days = tuple[date, date]
"""First and last day, both inclusive."""


def enter(
    actor: Actor, site_id: UUID, thing_id: UUID, *, cause: OutageCause, days: Days, now: datetime
) -> Outage:
    """Enter that a vehicle or an examiner of a site is not there on some days.

    Args:
        actor: a planner of the site's office.
        site_id: the site.
        thing_id: a vehicle there, or an account that examines there.
        cause: for a person `AWAY`, whatever the reason is.
        days: first and last day.
        now: the injected time.

    Raises:
        InvalidInput: days that end before they begin, or a thing that is not of this site.
        NotFound: no such site in the actor's scope.
    """
    site = _site(actor, site_id)
    if days[1] < days[0]:
        raise InvalidInput(_("The last day is before the first."), field="last_day")
    vehicle = next((x for x in vehicles_of(site) if x.id == thing_id), None)
    account = next((x for x in examiners_of(site) if x.id == thing_id), None)
    if vehicle is None and account is None:
        raise InvalidInput(_("Choose a vehicle or an examiner of this site."), field="thing")
    if (cause is OutageCause.AWAY) is (account is None):
        raise InvalidInput(
            _("A person is away; a vehicle is repaired or inspected."), field="cause"
        )
    assert actor.account_id is not None
    with transaction() as session:
        made = Outage(
            id=new_id(),
            site_id=site.id,
            vehicle_id=vehicle.id if vehicle else None,
            account_id=account.id if account else None,
            cause=cause,
            first_day=days[0],
            last_day=days[1],
            entered_at=now,
            entered_by=actor.account_id,
        )
        session.add(made)
        session.flush()
        _note("outage.entered", made, actor, now)
    return made


def lift(actor: Actor, outage_id: UUID, *, now: datetime) -> Outage:
    """It is over sooner, or was a mistake; what was replanned meanwhile stays as it was told.

    Race stopped: two people lifting it at once; the row is locked.

    Raises:
        NotFound: unknown, or of another office.
        WrongState: lifted already.
    """
    outage_of(actor, outage_id)
    if actor.role is not Role.PLANNER:
        raise NotAllowed
    with transaction():
        found: Outage = lock_row(Outage, outage_id)
        if found.lifted_at is not None:
            raise WrongState
        found.lifted_at, found.lifted_by = now, actor.account_id
        _note("outage.lifted", found, actor, now)
    return found


def outage_of(actor: Actor, outage_id: UUID) -> Outage:
    """An outage of the actor's office, with site, vehicle and account.

    Raises:
        NotFound: unknown, or of another office.
    """
    query = _whole().where(Outage.id == outage_id, Site.office_id == actor.office_id)
    found = db.session.scalar(query)
    if found is None or not actor.covers(office_id=actor.office_id, site_id=found.site_id):
        raise NotFound
    return found


def outages_of(actor: Actor, site_id: UUID) -> tuple[Site, list[Outage]]:
    """A site of the actor's with all that was entered for it, the latest days first.

    Raises:
        NotFound: no such site in the actor's scope.
    """
    site = _site(actor, site_id)
    query = _whole().where(Outage.site_id == site_id).order_by(Outage.first_day.desc(), Outage.id)
    return site, list(db.session.scalars(query))


def live_on(site_id: UUID, on: date) -> tuple[set[UUID], set[UUID]]:
    """Vehicles and accounts that are not there on a day."""
    rows = db.session.execute(
        sa.select(Outage.vehicle_id, Outage.account_id).where(
            Outage.site_id == site_id,
            Outage.lifted_at.is_(None),
            Outage.first_day <= on,
            Outage.last_day >= on,
        )
    ).all()
    return {x[0] for x in rows if x[0]}, {x[1] for x in rows if x[1]}


def vehicles_of(site: Site) -> Sequence[Vehicle]:
    """The vehicles of a site by code."""
    query = sa.select(Vehicle).where(Vehicle.site_id == site.id).order_by(Vehicle.code)
    return db.session.scalars(query).all()


def examiners_of(site: Site) -> Sequence[Account]:
    """Who examines at a site: with a role there, or in the whole office."""
    query = (
        sa.select(Account)
        .join(RoleGrant, RoleGrant.account_id == Account.id)
        .where(
            RoleGrant.role == Role.EXAMINER,
            RoleGrant.office_id == site.office_id,
            sa.or_(RoleGrant.site_id.is_(None), RoleGrant.site_id == site.id),
            Account.enabled,
        )
        .order_by(Account.display_name, Account.id)
    )
    return db.session.scalars(query.distinct()).all()


def _whole() -> sa.Select[Outage]:
    return (
        sa.select(Outage)
        .join(Site, Site.id == Outage.site_id)
        .options(joinedload(Outage.site), joinedload(Outage.vehicle), joinedload(Outage.account))
    )


def _site(actor: Actor, site_id: UUID) -> Site:
    query = sa.select(Site).where(Site.id == site_id, Site.office_id == actor.office_id)
    found = db.session.scalar(query)
    if found is None or not actor.covers(office_id=found.office_id, site_id=found.id):
        raise NotFound
    return found


def _note(act: str, found: Outage, actor: Actor, now: datetime) -> None:
    audit.record(
        act,
        found,
        now=now,
        account_id=actor.account_id,
        role=actor.role,
        cause=found.cause,
        first_day=found.first_day,
        last_day=found.last_day,
    )
