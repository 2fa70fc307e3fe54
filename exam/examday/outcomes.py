"""Outcomes without an attempt's end: no fault of the candidate's, and absence."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _

from exam.booking.services import release
from exam.db import db, transaction
from exam.errors import InvalidInput, NotAllowed, NotFound, RuleRefused, WrongState
from exam.examday.desk import go, locked_day, locked_sitting, note, require, sittings_of
from exam.examday.events import SittingReleased
from exam.examday.models import OPEN_STATES, Sitting, SittingState
from exam.examday.rules import no_fault_needs_two
from exam.examday.signing import ABSENT, conclude, sign_first, sign_second
from exam.notify.services import Message, tell_all
from exam.people.roles import Actor, Role
from exam.policy.pack import Pack
from exam.registration.models import ResultOutcome
from exam.registration.progress import GivenResult, record_results
from exam.system import outbox

MAY_RELEASE = (Role.EXAMINER, Role.HALL_OFFICER, Role.DUTY_LEADER)
RELEASABLE = OPEN_STATES - {SittingState.TO_SIGN}
RELEASABLE_ALONE = RELEASABLE - {SittingState.RETAKE_OFFERED}
"""Once an attempt has a result, no single person may undo it."""


def release_no_fault(
    actor: Actor, sitting_id: UUID, reason: str, *, pack: Pack, now: datetime
) -> Sitting:
    """End a sitting for a reason that by the pack's default is no fault of the candidate's.

    Her place is given back, nothing is counted, her rank key stays, and she is told what comes
    next. Nothing is decided against anybody, so it waits for no signature.

    Raises:
        InvalidInput: not a reason of the pack.
        RuleRefused: ``no_fault.with_two_names``: the reason needs a duty leader as well, or the
            attempt has a result already.
        WrongState: the result is there already.
    """
    require(actor, *MAY_RELEASE)
    if _needs_two(reason, pack):
        raise _two_names()
    with transaction():
        sitting = locked_sitting(actor, sitting_id)
        may_end(actor, sitting)
        if sitting.state is SittingState.RETAKE_OFFERED:
            raise _two_names()
        end_without_fault([sitting], reason, actor, pack=pack, now=now)
    return sitting


def release_everybody(
    actor: Actor, day_id: UUID, reason: str, *, pack: Pack, now: datetime
) -> list[Sitting]:
    """Power, weather or the site itself end the day: all without any result yet are released.

    Raises:
        InvalidInput, RuleRefused: as for one.
    """
    require(actor, Role.DUTY_LEADER)
    if _needs_two(reason, pack):
        raise _two_names()
    with transaction():
        day = locked_day(actor, day_id)
        rows = sittings_of(day.id, RELEASABLE_ALONE, fresh=True)
        end_without_fault(rows, reason, actor, pack=pack, now=now)
    return rows


def may_end(actor: Actor, sitting: Sitting) -> None:
    """An examiner ends only what was drawn for her; before the draw the hall does."""
    if actor.role is Role.EXAMINER and sitting.examiner_id != actor.account_id:
        raise NotAllowed


def end_without_fault(
    sittings: Sequence[Sitting],
    reason: str,
    actor: Actor | None,
    *,
    pack: Pack,
    now: datetime,
    second: UUID | None = None,
) -> None:
    """Release sittings; inside the caller's transaction, with the day locked."""
    for sitting in sittings:
        go(sitting, SittingState.RELEASED)
        sitting.outcome, sitting.no_fault_reason = ResultOutcome.NO_FAULT, reason
        for attempt in sitting.attempts:
            if attempt.ended_at is None:
                attempt.ended_at, attempt.outcome = now, ResultOutcome.NO_FAULT
                attempt.no_fault_reason = reason
        note(
            "sitting.released",
            sitting,
            actor,
            now=now,
            rule_reason=reason,
            pack=pack.edition,
            second=second,
        )
    given, messages = [_uncounted(x, now) for x in sittings], [_told(x) for x in sittings]
    db.session.flush()
    for sitting in sittings:  # reads the booking afresh: nothing of it is used below
        release(sitting.booking_id, now=now, actor=actor, reason=reason)
    record_results(given, now=now, actor=actor)
    tell_all(messages, now=now)
    outbox.publish_all([SittingReleased(sitting_id=x.id, reason=reason) for x in sittings], now=now)


def mark_absent(actor: Actor, sitting_ids: Collection[UUID], *, now: datetime) -> list[Sitting]:
    """An examiner on duty writes down who did not come, and signs first.

    Raises:
        NotFound: none of them is a sitting of the actor's site.
        RuleRefused: ``absence.too_early``: her session has not ended, or she was never called.
    """
    require(actor, Role.EXAMINER)
    with transaction():
        rows = [locked_sitting(actor, x) for x in sorted(sitting_ids)]
        if not rows:
            raise NotFound
        write_absent(rows, actor, now=now)
    return rows


def write_absent(sittings: Sequence[Sitting], actor: Actor, *, now: datetime) -> None:
    """Absent and signed first; inside the caller's transaction, with the day locked."""
    for sitting in sittings:
        _refuse_early_absence(sitting, now)
        go(sitting, SittingState.TO_SIGN)
        sitting.outcome = ResultOutcome.ABSENT
        note("sitting.absent", sitting, actor, now=now)
    sign_first(sittings, actor, now=now)


def confirm_absences(actor: Actor, day_id: UUID, *, now: datetime) -> list[Sitting]:
    """The duty leader confirms who did not come, in the place of the candidates' signatures.

    Raises:
        WrongState: nobody is written down as absent.
    """
    require(actor, Role.DUTY_LEADER)
    with transaction():
        day = locked_day(actor, day_id)
        rows = [
            x
            for x in sittings_of(day.id, [SittingState.TO_SIGN], fresh=True)
            if x.outcome is ResultOutcome.ABSENT
        ]
        if not rows:
            raise WrongState(current=day.state.value, wanted=ABSENT)
        settle_absences(rows, actor, now=now)
    return rows


def settle_absences(sittings: Sequence[Sitting], actor: Actor, *, now: datetime) -> None:
    """Second signatures and results of absent people; inside the caller's transaction."""
    sign_second(sittings, actor, refusal=ABSENT, now=now)
    for sitting in sittings:
        note("sitting.absence_confirmed", sitting, actor, now=now)
    conclude(sittings, actor, now=now)


def _refuse_early_absence(sitting: Sitting, now: datetime) -> None:
    """Who waits in the queue is not absent, however long it takes."""
    waits = sitting.state is SittingState.CHECKED_IN and sitting.called_at is None
    may = sitting.state in (SittingState.EXPECTED, SittingState.CHECKED_IN, SittingState.CALLED)
    if not may:
        raise WrongState(current=sitting.state.value, wanted=ABSENT)
    if waits or now < sitting.booking.ends_at:
        raise RuleRefused(
            _(
                "%(ticket)s cannot be written down as absent: the session has not ended, or this"
                " person was not called yet.",
                ticket=sitting.ticket,
            ),
            rule="absence.too_early",
            ticket=sitting.ticket,
        )


def _two_names() -> RuleRefused:
    return RuleRefused(
        _("This reason goes against the default: a duty leader decides it with you."),
        rule="no_fault.with_two_names",
    )


def _needs_two(reason: str, pack: Pack) -> bool:
    try:
        return no_fault_needs_two(reason, pack)
    except ValueError:
        raise InvalidInput(_("Choose a reason of the list."), field="reason") from None


def _uncounted(sitting: Sitting, now: datetime) -> GivenResult:
    return GivenResult(
        case_id=sitting.booking.case_id,
        subject=sitting.booking.subject,
        outcome=ResultOutcome.NO_FAULT,
        points=None,
        exam_at=now,
        exam_date=sitting.day.date,
        booking_counts=False,
        sitting_id=sitting.id,
    )


def _told(sitting: Sitting) -> Message:
    booking = sitting.booking
    facts = {"subject": booking.subject, "reason": sitting.no_fault_reason}
    return Message("result.no_fault", booking.case.person_id, None, f"free:{sitting.id}", facts)
