"""What a roster stands on, read from the database: sessions, rooms, people, other rosters."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from exam.booking.models import Plan, PlanState, Session
from exam.db import db
from exam.examday.models import Outage, Room
from exam.people.models import Account, RoleGrant, Site
from exam.rostering.models import (
    ROSTERED,
    Declaration,
    Qualification,
    Roster,
    RosterDuty,
    RosterPlace,
)
from exam.rostering.rules import (
    Demands,
    Held,
    Need,
    Person,
    Pooled,
    Problem,
    burdened,
    needs_of,
)
from exam.rostering.states import Declared, RosterState

WEEK = timedelta(days=7)
Spans = dict[UUID, list[tuple[datetime, datetime]]]


def gather(found: Roster, *, now: datetime) -> Problem:
    """The problem of a roster as things stand now."""
    demands = Demands(**found.demands)
    sites = sites_of(found)
    needs = needs_of(_sessions(found, sites), _rooms(sites), demands)
    people = _people(found, sites, needs, demands, now)
    return Problem(needs, tuple(people), demands, _prior(found, needs))


def sites_of(found: Roster) -> dict[UUID, Site]:
    """The sites that a roster covers."""
    query = sa.select(Site).where(Site.office_id == found.office_id, Site.code.in_(found.sites))
    return {x.id: x for x in db.session.scalars(query.order_by(Site.code))}


def _sessions(found: Roster, sites: dict[UUID, Site]) -> list[Held]:
    query = (
        sa.select(Session)
        .join(Plan, Plan.id == Session.plan_id)
        .where(
            Session.site_id.in_(sites),
            Session.date.between(found.first_day, found.last_day),
            Session.cancelled_at.is_(None),
            Plan.state != PlanState.DRAFT,
        )
        .options(selectinload(Session.pools))
    )
    return [_held(x, sites[x.site_id]) for x in db.session.scalars(query)]


def _held(session: Session, site: Site) -> Held:
    zone = ZoneInfo(site.time_zone)
    pools = tuple(Pooled(x.kind, x.vehicles) for x in sorted(session.pools, key=lambda x: x.code))
    start, end = (x.astimezone(zone) for x in (session.starts_at, session.ends_at))
    return Held(site.code, session.subject, start, end, pools)


def _rooms(sites: dict[UUID, Site]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for room in db.session.scalars(
        sa.select(Room).where(Room.site_id.in_(sites)).order_by(Room.code)
    ):
        found[sites[room.site_id].code].append(room.code)
    return found


def _people(
    found: Roster,
    sites: dict[UUID, Site],
    needs: Sequence[Need],
    demands: Demands,
    now: datetime,
) -> Iterable[Person]:
    qualified = _qualified(found, now)
    away, avoids = _declared(found, list(qualified))
    busy = _elsewhere(found, list(qualified))
    tokens = {(x.subject, x.kind) for x in needs if x.token}
    for account_id, (rows, reach) in sorted(qualified.items()):
        hours = min(demands.weekly_hours, *(x.weekly_hours for x in rows))
        far = {x.code for x in sites.values() if reach is not None and x.id not in reach}
        ended = [x.valid_until for x in rows if x.valid_until]
        person = Person(
            key=account_id.hex,
            roles=frozenset(str(x.role) for x in rows),
            tokens=frozenset(t for x in rows for t in _tokens(x, tokens)),
            avoids=frozenset(far | {sites[x].code for x in avoids[account_id] if x in sites}),
            away=frozenset(away[account_id] | _after(ended, needs)),
            most_minutes=hours * 60,
            most_days=demands.days_a_week,
        )
        yield burdened(person, busy[account_id], needs, demands)


def _tokens(row: Qualification, wanted: Iterable[tuple[str, str]]) -> Iterable[str]:
    for subject, kind in wanted:
        if subject in row.subjects and {"*", kind} & {*row.classes, "terminal"}:
            yield f"{subject}.{kind}"


def _after(ended: Sequence[date], needs: Iterable[Need]) -> set[str]:
    """Days on which a certificate is no longer valid."""
    return {x.day.isoformat() for x in needs if ended and x.day > min(ended)}


Qualified = dict[UUID, tuple[list[Qualification], set[UUID] | None]]


def _qualified(found: Roster, now: datetime) -> Qualified:
    """By account its qualifications, and the sites it is bound to; None: the whole office."""
    live = sa.and_(RoleGrant.since <= now, sa.or_(RoleGrant.until.is_(None), RoleGrant.until > now))
    rows = db.session.execute(
        sa.select(Qualification, RoleGrant.site_id)
        .join(Account, Account.id == Qualification.account_id)
        .join(
            RoleGrant,
            sa.and_(RoleGrant.account_id == Account.id, RoleGrant.role == Qualification.role, live),
        )
        .where(
            RoleGrant.office_id == found.office_id,
            Account.enabled,
            Qualification.role.in_(ROSTERED),
            sa.or_(
                Qualification.valid_until.is_(None), Qualification.valid_until >= found.first_day
            ),
        )
        .order_by(Qualification.account_id, Qualification.role)
    )
    made: Qualified = {}
    for row, site_id in rows:
        held, reach = made.get(row.account_id, ([], set[UUID]()))
        bound = None if reach is None or site_id is None else {*reach, site_id}
        made[row.account_id] = ([*held, row] if row not in held else held, bound)
    return made


def _declared(
    found: Roster, accounts: Sequence[UUID]
) -> tuple[dict[UUID, set[str]], dict[UUID, set[UUID]]]:
    """Days away and sites to keep away from, as declared, and as planners entered them."""
    away: dict[UUID, set[str]] = defaultdict(set)
    avoids: dict[UUID, set[UUID]] = defaultdict(set)
    query = sa.select(Declaration).where(
        Declaration.account_id.in_(accounts), Declaration.withdrawn_at.is_(None)
    )
    for one in db.session.scalars(query):
        if one.kind is Declared.AVOIDS and one.site_id:
            avoids[one.account_id].add(one.site_id)
        elif one.first_day and one.last_day:
            away[one.account_id] |= _days(one.first_day, one.last_day, found)
    out = sa.select(Outage).where(Outage.account_id.in_(accounts), Outage.lifted_at.is_(None))
    for entered in db.session.scalars(out):
        assert entered.account_id is not None
        away[entered.account_id] |= _days(entered.first_day, entered.last_day, found)
    return away, avoids


def _days(first: date, last: date, found: Roster) -> set[str]:
    begin, end = max(first, found.first_day), min(last, found.last_day)
    return {(begin + timedelta(days=n)).isoformat() for n in range((end - begin).days + 1)}


def _elsewhere(found: Roster, accounts: Sequence[UUID]) -> Spans:
    """Duties of these people in other rosters that hold, in the weeks that this one touches."""
    query = (
        sa.select(RosterPlace.account_id, RosterDuty.starts_at, RosterDuty.ends_at)
        .join(RosterDuty, RosterDuty.id == RosterPlace.roster_duty_id)
        .join(Roster, Roster.id == RosterDuty.roster_id)
        .where(
            RosterPlace.account_id.in_(accounts),
            Roster.state == RosterState.TOLD,
            RosterDuty.date.between(found.first_day - WEEK, found.last_day + WEEK),
            _not_replaced(found),
        )
    )
    busy: Spans = defaultdict(list)
    for account_id, start, end in db.session.execute(query):
        busy[account_id].append((start, end))
    return busy


def _not_replaced(found: Roster) -> sa.ColumnElement[bool]:
    """Duties of the roster that this one replaces count only before its first day."""
    if found.replaces_id is None:
        return Roster.id != found.id
    before = sa.and_(Roster.id == found.replaces_id, RosterDuty.date < found.first_day)
    return sa.or_(Roster.id.not_in([found.id, found.replaces_id]), before)


def _prior(found: Roster, needs: Sequence[Need]) -> dict[int, frozenset[str]]:
    """Who had which need in the roster before, by the need's number."""
    if found.replaces_id is None:
        return {}
    query = (
        sa.select(RosterDuty)
        .where(RosterDuty.roster_id == found.replaces_id)
        .options(
            joinedload(RosterDuty.site),
            joinedload(RosterDuty.room),
            selectinload(RosterDuty.places),
        )
    )
    had: dict[object, frozenset[str]] = {}
    for one in db.session.scalars(query):
        room = one.room.code if one.room else ""
        people = frozenset(x.account_id.hex for x in one.places)
        what = (one.site.code, str(one.role), str(one.subject or ""), one.kind, room)
        had[what, one.starts_at] = people
    found_again: dict[int, frozenset[str]] = {}
    for number, x in enumerate(needs, 1):
        name = (x.site, x.role, str(x.subject), x.kind, x.room), x.start
        if name in had:
            found_again[number] = had[name]
    return found_again
