"""Asking for a replanning, trying it again, dropping it: nothing of it touches a seat."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from flask_babel import gettext as _

from exam.audit import services as audit
from exam.booking.models import Round, RoundState, Session
from exam.booking.services import offering
from exam.booking.wording import refused
from exam.db import db, lock_row, new_id, transaction
from exam.errors import InvalidInput, NotAllowed, NotFound
from exam.people.roles import Actor, Role
from exam.policy.eligibility import Refusal
from exam.policy.subjects import Subject
from exam.registration.models import Case
from exam.replanning.gathering import begun_sessions
from exam.replanning.models import (
    REPLAN_MOVES,
    Replan,
    ReplanGuest,
    ReplanKind,
    ReplanOffer,
    ReplanState,
)
from exam.states import move


@dataclass(frozen=True)
class Cut:
    """What a session offers from now on."""

    session_id: UUID
    seats: int | None = None
    """The session's own cap; None: as it is."""
    pools: Mapping[UUID, int] = field(default_factory=dict)
    """Seats by pool; those that are not named stay as they are."""
    cancels: bool = False
    """It does not take place at all."""


@dataclass(frozen=True)
class Guest:
    """Somebody who asks for a seat by the green channel."""

    serial_number: str
    subject: Subject
    days: tuple[date, date]
    area: tuple[str, ...] = ()


def ask(
    actor: Actor,
    round_id: UUID,
    kind: ReplanKind,
    *,
    note: str,
    cuts: Sequence[Cut] = (),
    guest: Guest | None = None,
    now: datetime,
) -> Replan:
    """Ask what an event does to a published round; the jobs process answers with a draft.

    Race stopped: two planners asking at once; the round's row is locked, and a unique index holds
    one live replanning a round.

    Args:
        actor: a planner of the round's office.
        round_id: the round.
        kind: what happened; candidates and the public read it.
        note: the planner's words, for the office.
        cuts: what is offered from now on.
        guest: who comes by the green channel.
        now: the injected time.

    Raises:
        Conflict: another replanning of the round is open.
        InvalidInput: no words, or a case that does not exist; the field is named.
        RuleRefused: not published, nothing changes, more seats than there are, or a day has begun.
    """
    if actor.role is not Role.PLANNER or actor.account_id is None:
        raise NotAllowed
    if not note.strip():
        raise InvalidInput(_("Write in a few words what happened."), field="note")
    with transaction() as session:
        found: Round | None = lock_row(Round, round_id)
        if found is None or not actor.covers(office_id=found.office_id):
            raise NotFound
        if found.state is not RoundState.PUBLISHED:
            raise refused([Refusal("replan.not_published")])
        numbers = sa.select(sa.func.max(Replan.number)).where(Replan.round_id == found.id)
        made = Replan(
            id=new_id(),
            office_id=found.office_id,
            round_id=found.id,
            number=(session.scalar(numbers) or 0) + 1,
            kind=kind,
            note=note.strip(),
            state=ReplanState.ASKED,
            asked_by=actor.account_id,
            asked_at=now,
        )
        made.offers = _offers(found, cuts, now)
        made.guests = [_guest(actor, guest)] if guest else []
        if not made.offers and not made.guests:
            raise refused([Refusal("replan.nothing_changes")])
        session.add(made)
        session.flush()
        _note("replan.asked", made, actor, now, reason=made.note)
    return made


def _offers(found: Round, cuts: Sequence[Cut], now: datetime) -> list[ReplanOffer]:
    sessions = {x.id: x for x in offering.sessions_of(found)}
    wanted = [x for x in cuts if x.session_id in sessions]
    if len(wanted) < len(cuts):
        raise NotFound
    begun = begun_sessions([sessions[x.session_id] for x in wanted], now) if wanted else set()
    made: list[ReplanOffer] = []
    for one in wanted:
        session = sessions[one.session_id]
        if session.id in begun:
            raise refused([Refusal("replan.day_begun", {"date": session.date.isoformat()})])
        if session.cancelled_at is None:
            made += _offers_of(session, one)
    return made


def _offers_of(session: Session, cut: Cut) -> list[ReplanOffer]:
    if cut.cancels:
        return [_offer(session, None, session.seats, 0, cancels=True)]
    after = session.seats if cut.seats is None else cut.seats
    rows: list[tuple[UUID | None, str, int, int]] = [(None, session.code, session.seats, after)]
    rows += [(x.id, x.code, x.seats, cut.pools.get(x.id, x.seats)) for x in session.pools]
    for _key, code, before, seats in rows:
        if not 0 <= seats <= before:
            raise refused([Refusal("replan.more_seats", {"place": code, "before": before})])
    return [_offer(session, x[0], x[2], x[3]) for x in rows if x[2] != x[3]]


def _offer(
    session: Session, pool_id: UUID | None, before: int, after: int, *, cancels: bool = False
) -> ReplanOffer:
    return ReplanOffer(
        id=new_id(),
        session_id=session.id,
        pool_id=pool_id,
        seats_before=before,
        seats_after=after,
        cancels=cancels,
    )


def _guest(actor: Actor, guest: Guest) -> ReplanGuest:
    case = db.session.scalar(
        sa.select(Case).where(
            Case.serial_number == guest.serial_number, Case.office_id == actor.office_id
        )
    )
    if case is None:
        raise InvalidInput(
            _("No case of this office has this serial number. Check it."), field="serial_number"
        )
    if guest.days[1] < guest.days[0]:
        raise InvalidInput(_("The last day is before the first."), field="latest")
    return ReplanGuest(
        id=new_id(),
        case_id=case.id,
        subject=guest.subject,
        earliest=guest.days[0],
        latest=guest.days[1],
        area=list(guest.area),
    )


def try_again(actor: Actor, replan_id: UUID, *, now: datetime) -> None:
    """Let the jobs process take up a replanning that stopped with a failure."""
    with transaction():
        found = locked_replan(actor, replan_id)
        found.progress = {}
        _note("replan.tried_again", found, actor, now)


def drop(actor: Actor, replan_id: UUID, *, now: datetime) -> None:
    """Give a replanning up: nobody has been told, nothing changes.

    Raises:
        NotAllowed: not a planner.
        WrongState: told already, or dropped.
    """
    if actor.role is not Role.PLANNER:
        raise NotAllowed
    with transaction():
        found = locked_replan(actor, replan_id)
        found.state = move(found.state, ReplanState.DROPPED, REPLAN_MOVES)
        found.approved_by = found.approved_at = None
        found.progress = {}
        _note("replan.dropped", found, actor, now)


def locked_replan(actor: Actor, replan_id: UUID) -> Replan:
    """The locked row of a replanning in the actor's office.

    Race stopped: two people moving one replanning at once; the second reads the state anew.

    Raises:
        NotFound: unknown, or of another office.
    """
    found: Replan | None = lock_row(Replan, replan_id)
    if found is None or not actor.covers(office_id=found.office_id):
        raise NotFound
    return found


def _note(
    act: str, found: Replan, actor: Actor, now: datetime, *, reason: str | None = None
) -> None:
    audit.record(
        act,
        found,
        now=now,
        account_id=actor.account_id,
        role=actor.role,
        reason=reason,
        kind=found.kind,
        number=found.number,
    )
