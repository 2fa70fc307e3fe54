"""Asking for a roster, for one in place of another, trying again, dropping: nobody is told."""

from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask_babel import gettext as _

from exam.audit import services as audit
from exam.clock import civil_date
from exam.db import advisory_lock, db, lock_row, new_id, transaction
from exam.errors import Conflict, InvalidInput, NotFound
from exam.people.models import Site
from exam.people.roles import Actor
from exam.policy.pack import Pack
from exam.rostering.models import Roster
from exam.rostering.rules import Demands
from exam.rostering.states import OPEN, ROSTER_MOVES, RosterState
from exam.states import move

DAY = timedelta(days=1)


def usual(pack: Pack) -> Demands:
    """What the pack has a roster demand unless the planner says otherwise."""
    cars: Mapping[str, Any] = pack.table("roster.cars_per_examiner")
    return Demands(
        invigilators=pack.integer("roster.invigilators_per_room"),
        cars_per_examiner={k: int(v) for k, v in cars.items()},
        cars_per_safety_officer=pack.integer("roster.cars_per_safety_officer"),
        weekly_hours=pack.integer("roster.weekly_hours"),
        rest_hours=pack.integer("roster.rest_hours"),
        most_days_at_site=pack.integer("roster.most_days_at_site"),
        days_a_week=pack.integer("roster.days_a_week"),
    )


def ask(
    actor: Actor,
    *,
    sites: Collection[str],
    days: tuple[date, date],
    demands: Demands,
    pack: Pack,
    now: datetime,
) -> Roster:
    """Ask for a roster of a coming period; the jobs process answers with a draft or a conflict.

    Race stopped: two planners asking for one site and day at once; they queue by office.

    Args:
        actor: a planner.
        sites: codes of sites of the office.
        days: first and last day, both to come.
        demands: how many of whom, hours and rest.
        pack: for the longest period.
        now: the injected time.

    Raises:
        InvalidInput: no site, or days that are over, reversed or too many; the field is named.
        Conflict: another roster of one of the sites and days is open or holds.
    """
    account = Roster.NAMES.may_ask(actor)
    chosen = _sites(actor, sites)
    _refuse_days(days, chosen, pack, now)
    with transaction() as session:
        _queue(actor)
        made = Roster(
            id=new_id(),
            office_id=actor.office_id,
            sites=[x.code for x in chosen],
            first_day=days[0],
            last_day=days[1],
            demands=asdict(demands),
            state=RosterState.ASKED,
            asked_by=account,
            asked_at=now,
        )
        refuse_overlap(made)
        session.add(made)
        session.flush()
        _note("roster.asked", made, actor, now)
    return made


def ask_instead(actor: Actor, roster_id: UUID, *, now: datetime) -> Roster:
    """Ask for a roster in place of one that holds, from tomorrow on: somebody has fallen out.

    As long as the gaps can be filled, nobody else's duty is touched.

    Raises:
        InvalidInput: nothing of it is to come.
        Conflict: another one in its place is open.
        NotFound: unknown, or of another office.
    """
    account = Roster.NAMES.may_ask(actor)
    with transaction() as session:
        _queue(actor)
        old = locked_roster(actor, roster_id)
        chosen = _sites(actor, old.sites)
        first = max(old.first_day, _today(chosen, now) + DAY)
        if old.state is not RosterState.TOLD or first > old.last_day:
            raise InvalidInput(_("Nothing of this roster is to come."))
        made = Roster(
            id=new_id(),
            office_id=old.office_id,
            sites=list(old.sites),
            first_day=first,
            last_day=old.last_day,
            demands=dict(old.demands),
            replaces_id=old.id,
            state=RosterState.ASKED,
            asked_by=account,
            asked_at=now,
        )
        refuse_overlap(made)
        session.add(made)
        session.flush()
        _note("roster.asked", made, actor, now)
    return made


def try_again(actor: Actor, roster_id: UUID, *, now: datetime) -> None:
    """Have a roster solved again, after a failure or once a conflict has been mended."""
    Roster.NAMES.may_ask(actor)
    with transaction():
        found = locked_roster(actor, roster_id)
        if found.state is not RosterState.ASKED:
            found.state = move(found.state, RosterState.ASKED, ROSTER_MOVES)
        found.progress = {}
        found.signed_by = found.signed_at = None
        _note("roster.tried_again", found, actor, now)


def drop(actor: Actor, roster_id: UUID, *, now: datetime) -> None:
    """Give a roster up that nobody has been told.

    Raises:
        WrongState: it holds already, or is dropped.
    """
    Roster.NAMES.may_ask(actor)
    with transaction():
        found = locked_roster(actor, roster_id)
        found.state = move(found.state, RosterState.DROPPED, ROSTER_MOVES)
        found.signed_by = found.signed_at = None
        found.progress = {}
        _note("roster.dropped", found, actor, now)


def locked_roster(actor: Actor, roster_id: UUID) -> Roster:
    """The locked row of a roster in the actor's office.

    Race stopped: two people moving one roster at once; the second reads the state anew.

    Raises:
        NotFound: unknown, or of another office.
    """
    found: Roster | None = lock_row(Roster, roster_id)
    if found is None or not actor.covers(office_id=found.office_id):
        raise NotFound
    return found


def refuse_overlap(made: Roster) -> None:
    """Nobody is on two rosters for one site and day: raises Conflict where another one stands."""
    query = sa.select(Roster.number).where(
        Roster.office_id == made.office_id,
        Roster.id != made.id,
        Roster.state.in_((*OPEN, RosterState.TOLD)),
        Roster.first_day <= made.last_day,
        Roster.last_day >= made.first_day,
        sa.or_(*(sa.literal(x) == sa.any_(Roster.sites) for x in made.sites)),
    )
    if made.replaces_id is not None:
        query = query.where(Roster.id != made.replaces_id)
    other = db.session.scalar(query.limit(1))
    if other is not None:
        raise Conflict(
            _(
                "Roster %(number)s covers some of these sites and days. Drop it, or choose others.",
                number=other,
            )
        )


def _sites(actor: Actor, codes: Collection[str]) -> list[Site]:
    query = sa.select(Site).where(Site.office_id == actor.office_id, Site.code.in_(codes))
    found = list(db.session.scalars(query.order_by(Site.code)))
    if not found or len(found) < len(set(codes)):
        raise InvalidInput(_("Choose at least one site."), field="sites")
    return found


def _today(sites: Collection[Site], now: datetime) -> date:
    return max(civil_date(now, x.time_zone) for x in sites)


def _refuse_days(
    days: tuple[date, date], sites: Collection[Site], pack: Pack, now: datetime
) -> None:
    longest = pack.integer("roster.longest_days")
    if days[1] < days[0]:
        raise InvalidInput(_("The last day is before the first."), field="last_day")
    if days[0] <= _today(sites, now):
        raise InvalidInput(_("A roster begins tomorrow at the earliest."), field="first_day")
    if (days[1] - days[0]).days >= longest:
        message = _("Choose at most %(days)s days.", days=longest)
        raise InvalidInput(message, field="last_day")


def _queue(actor: Actor) -> None:
    advisory_lock("roster", str(actor.office_id))


def _note(act: str, found: Roster, actor: Actor, now: datetime) -> None:
    audit.record(
        act,
        found,
        now=now,
        account_id=actor.account_id,
        role=actor.role,
        number=found.number,
    )
