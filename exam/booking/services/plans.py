"""Plans: made, filled with sessions, published in time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from exam.audit import services as audit
from exam.booking import plan_rules as rules
from exam.booking.models import Plan, PlanState, Pool, Seat, Session
from exam.booking.plan_rules import SessionDraft
from exam.booking.rules import ALL_CLASSES
from exam.booking.wording import refused
from exam.clock import civil_date
from exam.db import db, lock_row, new_id, transaction
from exam.errors import NotFound, WrongState
from exam.people.models import Office, Site, SiteAuthorisation
from exam.people.roles import Actor
from exam.policy.eligibility import Refusal
from exam.policy.pack import Pack
from exam.states import move

PLAN_MOVES = {
    PlanState.DRAFT: frozenset({PlanState.PUBLISHED}),
    PlanState.PUBLISHED: frozenset({PlanState.CLOSED}),
}


def create_plan(
    actor: Actor,
    *,
    code: str,
    days: tuple[date, date],
    sessions: Iterable[SessionDraft] = (),
    now: datetime,
) -> Plan:
    """Make a draft of a plan, with as many sessions as are known already.

    Args:
        actor: the planner; the plan is of her office.
        code: the plan's name, unique in the office.
        days: first and last exam day.
        sessions: what it holds; more can be added until it is published.
        now: the injected time.

    Raises:
        RuleRefused: a session that the site may not hold, with date and start.
        Conflict: the code or a session exists.
    """
    if days[1] < days[0]:
        raise refused([Refusal("plan.no_days")])
    with transaction() as session:
        plan = Plan(
            id=new_id(),
            office_id=actor.office_id,
            code=code,
            state=PlanState.DRAFT,
            first_day=days[0],
            last_day=days[1],
        )
        session.add(plan)
        session.flush()
        added = _add(plan, list(sessions))
        audit.record(
            "plan.created",
            plan,
            now=now,
            account_id=actor.account_id,
            role=actor.role,
            sessions=added,
        )
    return plan


def add_sessions(
    actor: Actor, plan_id: UUID, sessions: Iterable[SessionDraft], *, now: datetime
) -> int:
    """Add sessions to a draft; returns how many.

    Race stopped: sessions added while the plan is being published; the plan's row is locked.

    Raises:
        RuleRefused, Conflict: as :func:`create_plan`.
        WrongState: the plan is published already.
    """
    with transaction():
        plan = _own_plan(actor, plan_id)
        if plan.state is not PlanState.DRAFT:
            raise WrongState
        added = _add(plan, list(sessions))
        audit.record(
            "plan.sessions_added",
            plan,
            now=now,
            account_id=actor.account_id,
            role=actor.role,
            sessions=added,
        )
    return added


def publish_plan(actor: Actor, plan_id: UUID, *, now: datetime, pack: Pack, zone: str) -> Plan:
    """Publish a plan, if its first exam is far enough ahead (O162 Art. 52).

    Raises:
        RuleRefused: published too late, or without any session.
    """
    with transaction() as session:
        plan = _own_plan(actor, plan_id)
        first = session.scalar(
            sa.select(sa.func.min(Session.date)).where(Session.plan_id == plan.id)
        )
        if first is None:
            raise refused([Refusal("plan.empty")])
        late = rules.lead_refusal(civil_date(now, zone), first, pack)
        if late:
            raise refused([late])
        plan.state = move(plan.state, PlanState.PUBLISHED, PLAN_MOVES)
        plan.published_at = now
        audit.record(
            "plan.published",
            plan,
            now=now,
            account_id=actor.account_id,
            role=actor.role,
            pack=pack.edition,
        )
    return plan


def _own_plan(actor: Actor, plan_id: UUID) -> Plan:
    plan: Plan | None = lock_row(Plan, plan_id)
    if plan is None or not actor.covers(office_id=plan.office_id):
        raise NotFound
    return plan


def _add(plan: Plan, drafts: Sequence[SessionDraft]) -> int:
    places = _places(plan.office_id)
    days = (plan.first_day, plan.last_day)
    rows = _Rows(plan, db.session.get_one(Office, plan.office_id).code)
    for draft in drafts:
        place = places.get(draft.site_id)
        if place is None:
            raise NotFound
        refusal = rules.draft_refusal(draft, place.classes.get(draft.subject), days)
        if refusal:
            raise refused([refusal])
        rows.take(draft, place)
    rows.insert()
    return len(drafts)


@dataclass(frozen=True)
class _Place:
    site: Site
    classes: dict[str, list[str]]


def _places(office_id: UUID) -> dict[UUID, _Place]:
    sites = db.session.scalars(sa.select(Site).where(Site.office_id == office_id))
    places = {site.id: _Place(site, {}) for site in sites}
    for row in db.session.scalars(
        sa.select(SiteAuthorisation).where(SiteAuthorisation.site_id.in_(places))
    ):
        places[row.site_id].classes[row.subject] = row.classes
    return places


class _Rows:
    """Rows of many sessions, written with one statement a table."""

    def __init__(self, plan: Plan, office: str) -> None:
        self._plan, self._office = plan, office
        self._sessions: list[dict[str, Any]] = []
        self._pools: list[dict[str, Any]] = []
        self._seats: list[dict[str, Any]] = []

    def take(self, draft: SessionDraft, place: _Place) -> None:
        zone = ZoneInfo(place.site.time_zone)
        starts = datetime.combine(draft.date, draft.start, zone)
        code = ".".join((self._office, place.site.code, draft.subject, f"{starts:%Y%m%d-%H%M}"))
        session_id = new_id()
        self._sessions.append(
            {
                "id": session_id,
                "code": code,
                "office_id": self._plan.office_id,
                "plan_id": self._plan.id,
                "site_id": place.site.id,
                "subject": draft.subject,
                "date": draft.date,
                "starts_at": starts,
                "ends_at": datetime.combine(draft.date, draft.end, zone),
                "seats": draft.seats,
            }
        )
        for number, pool in enumerate(draft.pools, start=1):
            self._take_pool(session_id, f"{code}.{number}", pool, place.classes[draft.subject])

    def _take_pool(
        self, session_id: UUID, code: str, pool: rules.PoolDraft, authorised: list[str]
    ) -> None:
        pool_id = new_id()
        self._pools.append(
            {
                "id": pool_id,
                "code": code,
                "session_id": session_id,
                "kind": pool.kind,
                "classes": rules.classes_of(pool, authorised),
                "seats": pool.seats,
                "vehicles": pool.vehicles,
                "offers": sorted(pool.offers),
            }
        )
        self._seats += [
            {"id": new_id(), "pool_id": pool_id, "number": number + 1}
            for number in range(pool.seats)
        ]

    def insert(self) -> None:
        for model, rows in ((Session, self._sessions), (Pool, self._pools), (Seat, self._seats)):
            if rows:
                db.session.execute(sa.insert(model), rows)


def classes_text(classes: Sequence[str]) -> str:
    """Classes as round files have them."""
    return ALL_CLASSES if ALL_CLASSES in classes else " ".join(sorted(classes))
