"""Rounds: opened with a window and a committed seed, closed by a planner or by the time."""

import secrets
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from exam.audit import services as audit
from exam.booking import rules
from exam.booking.models import ROUND_MOVES, Plan, PlanState, Round, RoundState, Session
from exam.booking.rules import Days
from exam.booking.wording import refused
from exam.db import db, lock_row, new_id, transaction
from exam.errors import InvalidInput, NotFound
from exam.people.models import Site
from exam.people.roles import Actor
from exam.policy.eligibility import Refusal
from exam.policy.pack import Pack
from exam.policy.workdays import WorkingDays
from exam.states import move

SEED_BYTES = 32


def open_round(
    actor: Actor,
    plan_id: UUID,
    *,
    code: str,
    days: Days | None = None,
    opens_at: datetime | None = None,
    now: datetime,
    pack: Pack,
    calendar: WorkingDays,
) -> Round:
    """Open a round over some days of a published plan.

    The window closes the pack's number of working days before the first exam that the round gives
    out. The seed of the lots is drawn here and only its commitment is public until the freeze.

    Race stopped: two rounds opened over the same days at once; the plan's row is locked.

    Args:
        actor: the planner.
        plan_id: a published plan.
        code: the round's public name.
        days: first and last exam day to give out; None: the whole plan.
        opens_at: None: now.
        now: the injected time.
        pack: the rules in force.
        calendar: working days.

    Raises:
        RuleRefused: no session, too late, or days that another round decides.
    """
    with transaction() as session:
        plan = lock_row(Plan, plan_id)
        if plan is None or not actor.covers(office_id=plan.office_id):
            raise NotFound
        wanted = days or (plan.first_day, plan.last_day)
        first, last, zone = _held_days(plan, wanted)
        closes_at = rules.closing_time(first, pack, calendar, zone)
        if closes_at <= max(now, opens_at or now):
            raise refused(
                [Refusal("round.too_late", {"closes": closes_at.strftime("%Y-%m-%d %H:%M")})]
            )
        _refuse_overlap(plan, (first, last))
        seed = secrets.token_hex(SEED_BYTES)
        made = Round(
            id=new_id(),
            office_id=plan.office_id,
            plan_id=plan.id,
            code=code,
            state=RoundState.PLANNED,
            first_day=first,
            last_day=last,
            opens_at=opens_at or now,
            closes_at=closes_at,
            lot_seed=seed,
            lot_commitment=rules.commitment(seed),
        )
        if made.opens_at <= now:
            made.state = move(made.state, RoundState.OPEN, ROUND_MOVES)
        session.add(made)
        session.flush()
        audit.record(
            "round.opened",
            made,
            now=now,
            account_id=actor.account_id,
            role=actor.role,
            commitment=made.lot_commitment,
            pack=pack.edition,
        )
    return made


def _held_days(plan: Plan, wanted: Days) -> tuple[date, date, str]:
    """First and last day with a session, and the civil time of the first one's site."""
    if plan.state is not PlanState.PUBLISHED:
        raise refused([Refusal("round.plan_not_published")])
    found = db.session.execute(
        sa.select(sa.func.min(Session.date), sa.func.max(Session.date)).where(
            Session.plan_id == plan.id,
            Session.cancelled_at.is_(None),
            Session.date.between(*wanted),
        )
    ).one()
    if found[0] is None:
        raise refused([Refusal("round.no_sessions")])
    zone = db.session.scalar(
        sa.select(Site.time_zone)
        .join(Session, Session.site_id == Site.id)
        .where(Session.plan_id == plan.id, Session.date == found[0])
        .order_by(Session.starts_at)
        .limit(1)
    )
    return found[0], found[1], str(zone)


def _refuse_overlap(plan: Plan, days: Days) -> None:
    other = db.session.scalar(
        sa.select(Round.id).where(
            Round.plan_id == plan.id,
            Round.state != RoundState.PUBLISHED,
            Round.first_day <= days[1],
            Round.last_day >= days[0],
        )
    )
    if other is not None:
        raise refused([Refusal("round.days_decided")])


def close_round(actor: Actor, round_id: UUID, *, now: datetime, reason: str = "") -> Round:
    """Close the window by hand; the jobs process then freezes, solves and checks.

    Before the announced time somebody may still have wanted to apply, so that closing early asks
    for a reason, which the public page of the round shows.

    Raises:
        InvalidInput: closed early without a reason.
        WrongState: it is not open.
    """
    with transaction():
        found = own_round(actor, round_id)
        early = now < found.closes_at
        if early and not reason.strip():
            raise InvalidInput(
                _("Applications were announced to close later. Say why you close them now."),
                field="reason",
            )
        if early:
            announced = found.closes_at.isoformat()
            found.summary = {"closed_early": {"announced": announced, "reason": reason.strip()}}
        _close(found, now=now)
        audit.record(
            "round.closed",
            found,
            now=now,
            account_id=actor.account_id,
            role=actor.role,
            reason=reason.strip() or None,
        )
    return found


def follow_clock(*, now: datetime) -> dict[str, int]:
    """Open and close rounds whose time has come; returns how many of each.

    Race stopped: a planner closing the same round at that moment; rows are locked, and those that
    somebody else holds are left for the next time.
    """
    counts = {"opened": 0, "closed": 0}
    with transaction() as session:
        due = session.scalars(
            sa.select(Round)
            .where(
                sa.or_(
                    sa.and_(Round.state == RoundState.PLANNED, Round.opens_at <= now),
                    sa.and_(Round.state == RoundState.OPEN, Round.closes_at <= now),
                )
            )
            .with_for_update(skip_locked=True)
        )
        for found in due.all():
            if found.state is RoundState.PLANNED:
                found.state = move(found.state, RoundState.OPEN, ROUND_MOVES)
                counts["opened"] += 1
            if found.closes_at <= now:
                _close(found, now=now)
                audit.record("round.closed", found, now=now, account_id=None)
                counts["closed"] += 1
    return counts


def _close(found: Round, *, now: datetime) -> None:
    found.state = move(found.state, RoundState.CLOSED, ROUND_MOVES)
    found.progress = {}
    if found.closes_at > now > found.opens_at:
        found.closes_at = now


def try_again(actor: Actor, round_id: UUID, *, now: datetime) -> None:
    """Let the jobs process take up a round that stopped with a failure.

    A plan that the checker refused is solved afresh; anything else continues where it stood.
    """
    with transaction():
        found = own_round(actor, round_id)
        if found.state is RoundState.SOLVED:
            found.state = move(found.state, RoundState.FROZEN, ROUND_MOVES)
            found.solved_at = None
        found.progress = {}
        audit.record(
            "round.tried_again", found, now=now, account_id=actor.account_id, role=actor.role
        )


def own_round(actor: Actor, round_id: UUID) -> Round:
    """The locked row of a round in the actor's office.

    Race stopped: two people moving one round at once; the second reads the state anew.
    """
    found: Round | None = lock_row(Round, round_id)
    if found is None or not actor.covers(office_id=found.office_id):
        raise NotFound
    return found
