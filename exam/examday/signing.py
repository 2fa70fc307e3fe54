"""The score sheet and its two signatures; with both, and only then, the result is recorded."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask_babel import gettext as _

from exam.booking.services import bookings
from exam.db import db, new_id, transaction
from exam.errors import InvalidInput, NotAllowed, WrongState
from exam.examday.attempts import live
from exam.examday.desk import go, locked_sitting, note
from exam.examday.models import Attempt, Signature, SignatureRole, Sitting, SittingState
from exam.examday.rules import SHEET_FORMAT, sheet_sha256
from exam.notify.services import Message, tell_all
from exam.people.roles import Act, Actor
from exam.policy.pack import Pack
from exam.registration.models import ResultOutcome
from exam.registration.progress import GivenResult, record_results

ABSENT = "absent"
"""What stands in the candidate's place under the result of somebody who did not come."""


def sheet(sitting: Sitting) -> dict[str, Any]:
    """The canonical score sheet: plain values in RFC 8785's reach, the same for both who sign."""
    booking = sitting.booking
    return {
        "format": SHEET_FORMAT,
        "sitting": str(sitting.id),
        "ticket": sitting.ticket,
        "serial": booking.case.serial_number,
        "subject": booking.subject.value,
        "class": booking.case.licence_class.value,
        "site": sitting.day.site.code,
        "date": sitting.day.date.isoformat(),
        "outcome": sitting.outcome.value if sitting.outcome else None,
        "attempts": [_attempt(x) for x in sitting.attempts],
    }


def _attempt(attempt: Attempt) -> dict[str, Any]:
    return {
        "number": attempt.number,
        "opened": attempt.opened_at.isoformat(),
        "ended": attempt.ended_at.isoformat() if attempt.ended_at else None,
        "examiner": str(attempt.examiner_id),
        "place": str(attempt.vehicle_id or attempt.terminal_id),
        "edition": attempt.standard_edition,
        "points": attempt.points,
        "outcome": attempt.outcome.value if attempt.outcome else None,
        "deductions": [
            {"code": x.code, "points": x.points, "at": x.noted_at.isoformat()}
            for x in live(attempt)
        ],
    }


def sign_as_examiner(actor: Actor, sitting_id: UUID, *, pack: Pack, now: datetime) -> Sitting:
    """The examiner of the last attempt signs; the candidate is told that her turn has come.

    Raises:
        NotAllowed: not an examiner, or not the one who held the attempt.
        WrongState: there is no result yet, or it is signed already.
    """
    with transaction():
        sitting = locked_sitting(actor, sitting_id)
        if not sitting.attempts or sitting.attempts[-1].examiner_id != actor.account_id:
            raise NotAllowed
        if signature(sitting.id, SignatureRole.EXAMINER):
            raise WrongState(current="signed", wanted=SittingState.TO_SIGN.value)
        sign_first([sitting], actor, now=now)
        note("sitting.signed_by_examiner", sitting, actor, now=now, pack=pack.edition)
        tell_all([_to_sign(sitting)], now=now)
    return sitting


def sign_first(sittings: Sequence[Sitting], actor: Actor, *, now: datetime) -> None:
    """First signatures; inside the caller's transaction, with the day locked."""
    if not actor.may_sign(Act.RESULT, second=False):
        raise NotAllowed
    for sitting in sittings:
        _must_wait_for_signatures(sitting)
        db.session.add(_signature(sitting, SignatureRole.EXAMINER, actor, None, now))
    db.session.flush()


def sign_as_candidate(
    actor: Actor, sitting_id: UUID, *, sheet_sha256_seen: str, now: datetime
) -> Sitting:
    """The candidate signs the sheet that she has read.

    Raises:
        NotAllowed: not the candidate.
        WrongState: the examiner has not signed, the sheet is another one, or she has signed.
    """
    with transaction():
        sitting = locked_sitting(actor, sitting_id)
        _must_wait_for_signatures(sitting)
        if sheet_sha256_seen != sheet_sha256(sheet(sitting)):
            raise WrongState(
                _("The sheet has changed since you opened it. Read it again, then sign."),
                current="changed",
                wanted="read",
            )
        sign_second([sitting], actor, refusal=None, now=now)
        note("sitting.signed_by_candidate", sitting, actor, now=now)
        conclude([sitting], actor, now=now)
    return sitting


def note_refusal(actor: Actor, sitting_id: UUID, *, reason: str, now: datetime) -> Sitting:
    """A duty leader notes that the candidate does not sign; the result stands, and so may appeals.

    Raises:
        InvalidInput: no reason.
        NotAllowed: not a duty leader, or the one who signed first.
    """
    if not reason.strip():
        raise InvalidInput(_("Write why the candidate does not sign."), field="reason")
    with transaction():
        sitting = locked_sitting(actor, sitting_id)
        _must_wait_for_signatures(sitting)
        sign_second([sitting], actor, refusal=reason.strip(), now=now)
        note("sitting.refusal_noted", sitting, actor, now=now, reason=reason.strip())
        conclude([sitting], actor, now=now)
    return sitting


def sign_second(
    sittings: Sequence[Sitting], actor: Actor, *, refusal: str | None, now: datetime
) -> None:
    """Second signatures; inside the caller's transaction, with the day locked.

    Raises:
        NotAllowed: this role may not, or this person signed first.
        WrongState: the examiner has not signed.
    """
    for sitting in sittings:
        first = signature(sitting.id, SignatureRole.EXAMINER)
        if first is None:
            raise WrongState(
                _("The examiner signs first."), current=sitting.state.value, wanted="examiner"
            )
        if not actor.may_sign(Act.RESULT, second=True, first_account_id=first.account_id) or (
            (actor.person_id is None) != (refusal is not None)
        ):
            raise NotAllowed
        if first.sheet_sha256 != sheet_sha256(sheet(sitting)):
            raise WrongState(current="changed", wanted="signed sheet")
        db.session.add(_signature(sitting, SignatureRole.CANDIDATE, actor, refusal, now))
    db.session.flush()


def conclude(sittings: Sequence[Sitting], actor: Actor | None, *, now: datetime) -> None:
    """Both have signed: the results are recorded and the bookings used, in this transaction."""
    for sitting in sittings:
        go(sitting, SittingState.SIGNED)
        sitting.signed_at = now
    db.session.flush()
    record_results([_given(x) for x in sittings], now=now, actor=actor)
    bookings.finish_many([x.booking_id for x in sittings], now=now)


def signature(sitting_id: UUID, role: SignatureRole) -> Signature | None:
    """One of the two signatures, if it was given."""
    return next((x for x in signatures(sitting_id) if x.role is role), None)


def signatures(sitting_id: UUID) -> Sequence[Signature]:
    """The signatures under a result."""
    query = sa.select(Signature).where(Signature.sitting_id == sitting_id)
    return db.session.scalars(query.order_by(Signature.signed_at)).all()


def _given(sitting: Sitting) -> GivenResult:
    assert sitting.outcome is not None
    last = sitting.attempts[-1] if sitting.attempts else None
    ended = last.ended_at if last else None
    return GivenResult(
        case_id=sitting.booking.case_id,
        subject=sitting.booking.subject,
        outcome=sitting.outcome,
        points=last.points if last else None,
        exam_at=ended or sitting.booking.starts_at,
        exam_date=sitting.day.date,
        booking_counts=sitting.outcome is not ResultOutcome.NO_FAULT,
        sitting_id=sitting.id,
    )


def _must_wait_for_signatures(sitting: Sitting) -> None:
    if sitting.state is not SittingState.TO_SIGN:
        raise WrongState(current=sitting.state.value, wanted=SittingState.TO_SIGN.value)


def _signature(
    sitting: Sitting, role: SignatureRole, actor: Actor, refusal: str | None, now: datetime
) -> Signature:
    assert actor.account_id is not None
    return Signature(
        id=new_id(),
        sitting_id=sitting.id,
        role=role,
        account_id=actor.account_id,
        signed_at=now,
        sheet_sha256=sheet_sha256(sheet(sitting)),
        refusal_reason=refusal,
    )


def _to_sign(sitting: Sitting) -> Message:
    booking = sitting.booking
    facts = {"subject": booking.subject, "sitting": sitting.id, "outcome": sitting.outcome}
    return Message("result.to_sign", booking.case.person_id, None, f"to_sign:{sitting.id}", facts)
