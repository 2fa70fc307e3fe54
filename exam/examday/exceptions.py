"""Exceptions of the day: asked for by one, decided by a duty leader, never by one alone."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from exam.db import db, lock_row, new_id, transaction
from exam.errors import InvalidInput, NotFound, WrongState
from exam.examday.calling import means_of
from exam.examday.desk import WHOLE, locked_sitting, note, sitting_in_scope
from exam.examday.drawing import again, draw_now, draws_of, next_attempt
from exam.examday.models import (
    IN_USE,
    ExamDay,
    ExceptionKind,
    ExceptionRequest,
    Sitting,
    SittingState,
)
from exam.examday.outcomes import RELEASABLE, end_without_fault, may_end
from exam.examday.rules import no_fault_reasons
from exam.people.roles import Actor
from exam.policy.pack import Pack


def ask_redraw(actor: Actor, sitting_id: UUID, *, reason: str, now: datetime) -> ExceptionRequest:
    """Ask for another draw before the attempt begins.

    Raises:
        InvalidInput: no reason.
        NotAllowed: this role may not ask.
        WrongState: nothing was drawn, or the attempt runs.
    """
    return _ask(actor, sitting_id, ExceptionKind.REDRAW, code=None, reason=reason, now=now)


def ask_no_fault(
    actor: Actor, sitting_id: UUID, code: str, *, reason: str, pack: Pack, now: datetime
) -> ExceptionRequest:
    """Ask that a sitting be ended as no-fault against the default, or after an attempt's result.

    Raises:
        InvalidInput: no words, or not one of the pack's reasons.
        NotAllowed: this role may not ask.
        WrongState: the result is there already.
    """
    if code not in no_fault_reasons(pack):
        raise InvalidInput(_("Choose a reason of the list."), field="code")
    return _ask(actor, sitting_id, ExceptionKind.NO_FAULT, code=code, reason=reason, now=now)


def _ask(
    actor: Actor,
    sitting_id: UUID,
    kind: ExceptionKind,
    *,
    code: str | None,
    reason: str,
    now: datetime,
) -> ExceptionRequest:
    ExceptionRequest.NAMES.may_ask(actor)
    if not reason.strip():
        raise InvalidInput(_("Write the reason."), field="reason")
    with transaction() as session:
        sitting = locked_sitting(actor, sitting_id)
        may_end(actor, sitting)
        _possible(kind, sitting)
        request = ExceptionRequest(
            id=new_id(),
            sitting_id=sitting.id,
            kind=kind,
            code=code,
            reason=reason.strip(),
            first_role=actor.role,
        )
        ExceptionRequest.NAMES.ask(request, actor, now=now)
        session.add(request)
        session.flush()
        note("exception.asked", sitting, actor, now=now, reason=reason.strip(), kind=kind)
    return request


def decide(
    actor: Actor, request_id: UUID, *, granted: bool, pack: Pack, now: datetime
) -> ExceptionRequest:
    """The duty leader grants or refuses; granted, it takes effect in the same transaction.

    Raises:
        NotAllowed: not a duty leader, or the person who asked.
        NotFound: unknown, or of another site.
        RuleRefused: granted, but there is nothing to draw from; nothing was changed.
        WrongState: decided already, or the sitting has moved on.
    """
    with transaction():
        query = sa.select(ExceptionRequest.sitting_id).join(
            Sitting, Sitting.id == ExceptionRequest.sitting_id
        )
        asked = (ExceptionRequest.id == request_id, sitting_in_scope(actor))
        sitting_id = db.session.scalar(query.where(*asked))
        if sitting_id is None:
            raise NotFound
        sitting = locked_sitting(actor, sitting_id)
        request: ExceptionRequest = lock_row(ExceptionRequest, request_id)
        ExceptionRequest.NAMES.decide(request, actor, granted=granted, now=now)
        note(
            "exception.decided",
            sitting,
            actor,
            now=now,
            reason=request.reason,
            kind=request.kind,
            granted=granted,
            first=request.first_account_id,
        )
        if granted:
            _possible(request.kind, sitting)
            _apply(request, sitting, actor, pack, now)
    return request


def _apply(
    request: ExceptionRequest, sitting: Sitting, actor: Actor, pack: Pack, now: datetime
) -> None:
    assert actor.account_id is not None
    if request.kind is ExceptionKind.NO_FAULT:
        assert request.code is not None
        end_without_fault(
            [sitting], request.code, actor, pack=pack, now=now, second=request.first_account_id
        )
        return
    attempt = next_attempt(sitting)
    number = 1 + sum(x.attempt_number == attempt for x in draws_of(sitting.id))
    again(sitting)
    draw_now(
        sitting,
        means_of(sitting.day, _same_day(sitting)),
        actor,
        pack=pack,
        now=now,
        number=number,
        reason=request.reason,
        names=(request.first_account_id, actor.account_id),
    )


def _same_day(sitting: Sitting) -> list[Sitting]:
    """The day's sittings in use, without re-reading the one that is being changed."""
    query = sa.select(Sitting).where(
        Sitting.exam_day_id == sitting.exam_day_id,
        Sitting.state.in_(IN_USE),
        Sitting.id != sitting.id,
    )
    return [*db.session.scalars(query.options(*WHOLE)), sitting]


def _possible(kind: ExceptionKind, sitting: Sitting) -> None:
    states = {SittingState.DRAWN} if kind is ExceptionKind.REDRAW else RELEASABLE
    if sitting.state not in states:
        raise WrongState(current=sitting.state.value, wanted=kind.value)


def waiting(day_id: UUID) -> list[ExceptionRequest]:
    """What a duty leader has to decide on a day, the oldest first."""
    query = (
        sa.select(ExceptionRequest)
        .join(Sitting, Sitting.id == ExceptionRequest.sitting_id)
        .where(Sitting.exam_day_id == day_id, ExceptionRequest.NAMES.waiting(ExceptionRequest))
        .options(
            joinedload(ExceptionRequest.sitting).joinedload(Sitting.day).joinedload(ExamDay.site)
        )
        .order_by(ExceptionRequest.asked_at)
    )
    return list(db.session.scalars(query))


def waiting_for(sitting_id: UUID) -> ExceptionRequest | None:
    """The undecided request for a sitting, if there is one."""
    query = sa.select(ExceptionRequest).where(
        ExceptionRequest.sitting_id == sitting_id, ExceptionRequest.NAMES.waiting(ExceptionRequest)
    )
    return db.session.scalar(query)
