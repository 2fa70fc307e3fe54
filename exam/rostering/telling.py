"""Two names approve a roster; with the second it holds, and everybody on it is told."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import selectinload

from exam.audit import services as audit
from exam.clock import civil_date
from exam.db import db, new_id, transaction
from exam.errors import Conflict, WrongState
from exam.examday.models import Duty
from exam.notify.services import Message, tell_all
from exam.people.models import Site
from exam.people.roles import Actor, Role
from exam.rostering.asking import locked_roster, refuse_overlap
from exam.rostering.gathering import gather, sites_of
from exam.rostering.models import ROSTERED, Qualification, Roster, RosterDuty
from exam.rostering.states import ROSTER_MOVES, RosterState
from exam.states import move


def sign(actor: Actor, roster_id: UUID, *, now: datetime) -> Roster:
    """The planner has looked at the draft and signs first.

    Raises:
        Conflict: sessions or people have changed; it is being solved again.
        NotAllowed: the role may not sign first.
        WrongState: no draft, or signed already.
    """
    Roster.NAMES.may_ask(actor)
    with transaction():
        found = locked_roster(actor, roster_id)
        if found.state is not RosterState.DRAFT:
            raise WrongState
        fresh = _fresh(found, now=now)
        if fresh:
            Roster.NAMES.ask(found, actor, now=now)
            _note("roster.signed", found, actor, now)
    _refuse_old(fresh=fresh)
    return found


def approve(actor: Actor, roster_id: UUID, *, now: datetime) -> Roster:
    """A duty leader, who did not sign first, approves: it holds, and everybody on it is told.

    Races stopped: two leaders at once (the row is locked), and a session or a person that changed
    since the draft (compared under the lock; then it is solved again).

    Raises:
        Conflict: something has changed, or another roster covers the same site and day.
        NotAllowed: the role may not sign second, or it is the person who signed first.
        WrongState: no draft, or not signed first.
    """
    with transaction():
        found = locked_roster(actor, roster_id)
        if found.state is not RosterState.DRAFT:
            raise WrongState
        Roster.NAMES.may_decide(found, actor)
        fresh = _fresh(found, now=now)
        if fresh:
            refuse_overlap(found)
            Roster.NAMES.decide(found, actor, now=now)
            found.state = move(found.state, RosterState.TOLD, ROSTER_MOVES)
            _replace(found)
            _put_on_duty(found, now)
            _tell(found, now)
            _note("roster.told", found, actor, now)
    _refuse_old(fresh=fresh)
    return found


def _fresh(found: Roster, *, now: datetime) -> bool:
    """Whether it still stands on what it was made from; if not, it goes back to be solved."""
    if gather(found, now=now).fingerprint() == found.fingerprint:
        return True
    found.state = move(found.state, RosterState.ASKED, ROSTER_MOVES)
    found.signed_by = found.signed_at = None
    found.progress = {"again": True}
    return False


def _refuse_old(*, fresh: bool) -> None:
    if not fresh:
        raise Conflict(
            _("Sessions or people have changed since this draft. It is being solved again.")
        )


def _replace(found: Roster) -> None:
    if found.replaces_id is None:
        return
    old = db.session.get_one(Roster, found.replaces_id, with_for_update=True)
    old.state = move(old.state, RosterState.REPLACED, ROSTER_MOVES)


def _put_on_duty(found: Roster, now: datetime) -> None:
    """Write who serves on the coming days, in place of what was entered before.

    Who examines whom stays with the draw of the day: this only says among whom it is drawn.
    """
    sites = sites_of(found)
    duties = _loaded(found)
    classes = _classes(duties)
    coming = [x for x in duties if _is_coming(x.date, sites[x.site_id], now)]
    for site in sites.values():
        days = [x.date for x in coming if x.site_id == site.id]
        if days:
            old = sa.delete(Duty).where(Duty.site_id == site.id, Duty.role.in_(ROSTERED))
            db.session.execute(old.where(Duty.date.in_(days)))
    subjects: dict[tuple[UUID, UUID, date, Role], set[str]] = defaultdict(set)
    for duty in coming:
        for place in duty.places:
            mine = subjects[duty.site_id, place.account_id, duty.date, duty.role]
            mine |= {str(duty.subject)} if duty.subject else set()
    rows = [
        {
            "id": new_id(),
            "site_id": site_id,
            "account_id": account_id,
            "date": on,
            "role": role,
            "subjects": sorted(held),
            "classes": classes.get((account_id, role), ["*"]),
        }
        for (site_id, account_id, on, role), held in subjects.items()
    ]
    if rows:
        db.session.execute(sa.insert(Duty), rows)


def _is_coming(day: date, site: Site, now: datetime) -> bool:
    return day > civil_date(now, site.time_zone)


def _classes(duties: Sequence[RosterDuty]) -> dict[tuple[UUID, Role], list[str]]:
    accounts = {y.account_id for x in duties for y in x.places}
    query = sa.select(Qualification).where(Qualification.account_id.in_(accounts))
    return {(x.account_id, x.role): list(x.classes) or ["*"] for x in db.session.scalars(query)}


def _loaded(found: Roster) -> Sequence[RosterDuty]:
    query = sa.select(RosterDuty).where(RosterDuty.roster_id == found.id)
    loaded = query.options(selectinload(RosterDuty.places)).order_by(RosterDuty.position)
    return db.session.scalars(loaded).all()


def _tell(found: Roster, now: datetime) -> None:
    """One notice to everybody on it; where it replaces another, to whom it changes something."""
    before = _by_account(found.replaces_id, found.first_day) if found.replaces_id else {}
    after = _by_account(found.id, found.first_day)
    whom = [x for x in {*before, *after} if before.get(x) != after.get(x)]
    facts = {"date": found.first_day.isoformat(), "until": found.last_day.isoformat()}
    kind = "roster.changed" if found.replaces_id else "roster.told"
    tell_all(
        [
            Message(kind, account_id=x, dedup_key=f"roster:{found.id}:{x}", facts=facts)
            for x in sorted(whom)
        ],
        now=now,
    )


def _by_account(roster_id: UUID, since: date) -> dict[UUID, set[tuple[str, str, str]]]:
    query = (
        sa.select(RosterDuty)
        .where(RosterDuty.roster_id == roster_id, RosterDuty.date >= since)
        .options(selectinload(RosterDuty.places))
    )
    found: dict[UUID, set[tuple[str, str, str]]] = defaultdict(set)
    for duty in db.session.scalars(query):
        for place in duty.places:
            found[place.account_id].add((str(duty.site_id), str(duty.starts_at), str(duty.role)))
    return found


def _note(act: str, found: Roster, actor: Actor, now: datetime) -> None:
    audit.record(
        act,
        found,
        now=now,
        account_id=actor.account_id,
        role=actor.role,
        number=found.number,
        fingerprint=found.fingerprint,
    )
