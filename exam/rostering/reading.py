"""What pages show of rosters."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.sql.base import ExecutableOption

from exam.db import db
from exam.errors import NotFound
from exam.people.models import Account, Site
from exam.people.roles import Actor, Role
from exam.rostering.models import Roster, RosterDuty, RosterPlace
from exam.rostering.states import RosterState

SATURDAY = 5


@dataclass(frozen=True)
class Load:
    """What one person has in a roster."""

    account: Account
    roles: tuple[Role, ...]
    duties: int
    days: int
    weekend_days: int
    hours: float


def rosters_of(office_id: UUID) -> Sequence[Roster]:
    """The office's rosters, the latest first."""
    query = sa.select(Roster).where(Roster.office_id == office_id)
    return db.session.scalars(query.order_by(Roster.first_day.desc(), Roster.number.desc())).all()


def roster_of(actor: Actor, key: UUID) -> Roster:
    """A roster of the actor's office.

    Raises:
        NotFound: unknown, or of another office.
    """
    query = sa.select(Roster).where(Roster.id == key, Roster.office_id == actor.office_id)
    found = db.session.scalar(query.execution_options(populate_existing=True))
    if found is None or not actor.covers(office_id=found.office_id):
        raise NotFound
    return found


def days_of(found: Roster) -> list[date]:
    """The days on which it has a duty."""
    query = sa.select(RosterDuty.date).where(RosterDuty.roster_id == found.id).distinct()
    return sorted(db.session.scalars(query))


def duties_on(found: Roster, day: date) -> Sequence[RosterDuty]:
    """The duties of a day with everybody in them, by site and time."""
    query = (
        sa.select(RosterDuty)
        .join(Site, Site.id == RosterDuty.site_id)
        .where(RosterDuty.roster_id == found.id, RosterDuty.date == day)
        .options(*_whole())
        .order_by(Site.code, RosterDuty.position)
    )
    return db.session.scalars(query).all()


def duties_at(found: Roster, positions: Collection[int]) -> Sequence[RosterDuty]:
    """Duties by their numbers, as a conflict names them, in their order."""
    query = sa.select(RosterDuty).where(
        RosterDuty.roster_id == found.id, RosterDuty.position.in_(positions)
    )
    return db.session.scalars(query.options(*_whole()).order_by(RosterDuty.position)).all()


def loads_of(found: Roster) -> list[Load]:
    """What each person has in a roster, by role and name."""
    query = (
        sa.select(RosterPlace)
        .join(RosterDuty, RosterDuty.id == RosterPlace.roster_duty_id)
        .where(RosterDuty.roster_id == found.id)
        .options(joinedload(RosterPlace.account), joinedload(RosterPlace.duty))
    )
    mine: dict[UUID, list[RosterPlace]] = defaultdict(list)
    for place in db.session.scalars(query):
        mine[place.account_id].append(place)
    return sorted((_load(x) for x in mine.values()), key=lambda x: (x.roles, x.account.username))


def _load(places: Sequence[RosterPlace]) -> Load:
    duties = [x.duty for x in places]
    days = {x.date for x in duties}
    return Load(
        account=places[0].account,
        roles=tuple(sorted({x.role for x in duties})),
        duties=len(duties),
        days=len(days),
        weekend_days=sum(x.weekday() >= SATURDAY for x in days),
        hours=sum((x.ends_at - x.starts_at).total_seconds() for x in duties) / 3600,
    )


def duties_of_account(account_id: UUID, *, now: datetime, limit: int = 60) -> Sequence[RosterDuty]:
    """Somebody's own coming duties in the rosters that hold, by time."""
    query = (
        sa.select(RosterDuty)
        .join(Roster, Roster.id == RosterDuty.roster_id)
        .join(RosterPlace, RosterPlace.roster_duty_id == RosterDuty.id)
        .where(
            RosterPlace.account_id == account_id,
            Roster.state == RosterState.TOLD,
            RosterDuty.ends_at > now,
        )
        .options(*_whole())
        .order_by(RosterDuty.starts_at)
    )
    return db.session.scalars(query.limit(limit)).all()


def names_of(found: Roster) -> dict[str, str]:
    """Display names of those who signed, and of everybody whom a conflict names by key."""
    keys = {"signed": found.signed_by, "approved": found.approved_by, "asked": found.asked_by}
    keys |= {x["person"]: UUID(hex=x["person"]) for x in found.conflict if "person" in x}
    ids = [x for x in keys.values() if x]
    rows = db.session.execute(
        sa.select(Account.id, Account.display_name).where(Account.id.in_(ids))
    )
    names = {row.id: row.display_name for row in rows}
    return {key: names[x] for key, x in keys.items() if x in names}


def _whole() -> tuple[ExecutableOption, ...]:
    return (
        joinedload(RosterDuty.site),
        joinedload(RosterDuty.room),
        selectinload(RosterDuty.places).joinedload(RosterPlace.account),
    )
