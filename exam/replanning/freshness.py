"""Whether a draft still stands on what it was made from, and if not, why not."""

from datetime import datetime

import sqlalchemy as sa

from exam.audit import services as audit
from exam.booking.models import Session
from exam.db import db
from exam.errors import RuleRefused
from exam.policy.pack import Pack
from exam.replanning.gathering import gather
from exam.replanning.models import REPLAN_MOVES, Replan, ReplanLine, ReplanState
from exam.replanning.rules import fingerprint
from exam.states import move

Reasons = dict[str, int]
"""`left` (seats given back or used), `came` (seats booked), `begun` (a touched day has begun),
`other` (seats, days or rules), each with a count."""


def outdated(found: Replan, *, now: datetime, pack: Pack) -> Reasons:
    """What has changed since the draft was made; empty if nothing of it has.

    Args:
        found: a solved replanning with round, offers and guests loaded.
        now: the injected time.
        pack: the rules in force.
    """
    try:
        given = gather(found, now=now, pack=pack)
    except RuleRefused as error:
        return {"begun" if error.rule == "replan.day_begun" else "other": 1}
    touched = found.summary["touched"]
    if fingerprint(given.rows, touched) == found.fingerprint:
        return {}
    known = _held_then(found)
    live = {x.key for x in given.people if x.prior is not None}
    seats_of = {
        x.key for x in given.people if x.prior is not None and x.prior.session_id in _ids(touched)
    }
    reasons = {"left": len(known - live), "came": len(seats_of - known)}
    return {name: count for name, count in reasons.items() if count} or {"other": 1}


def _held_then(found: Replan) -> set[object]:
    query = sa.select(ReplanLine.booking_id).where(
        ReplanLine.replan_id == found.id, ReplanLine.booking_id.is_not(None)
    )
    return set(db.session.scalars(query))


def _ids(codes: list[str]) -> set[object]:
    return set(db.session.scalars(sa.select(Session.id).where(Session.code.in_(codes))))


def mark_stale(found: Replan, reasons: Reasons, *, now: datetime) -> None:
    """In the caller's transaction, the row locked: signatures fall, it is to be solved again."""
    found.state = move(found.state, ReplanState.STALE, REPLAN_MOVES)
    found.stale = dict(reasons)
    found.signed_by = found.signed_at = None
    found.approved_by = found.approved_at = None
    audit.record("replan.stale", found, now=now, account_id=None, reasons=dict(reasons))
