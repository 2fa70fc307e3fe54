"""The attempt: opened by the drawn examiner, scored by codes, ended; one retake on the spot."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from flask_babel import gettext as _

from exam.db import new_id, transaction
from exam.errors import InvalidInput, NotAllowed, NotFound, WrongState
from exam.examday.desk import WHOLE, go, locked_sitting, note, require
from exam.examday.drawing import give_back, next_attempt
from exam.examday.models import (
    Attempt,
    Deduction,
    DeductionSource,
    ExamDay,
    Sitting,
    SittingState,
)
from exam.people.models import Site
from exam.people.roles import Actor, Role
from exam.policy import scoring
from exam.policy.pack import Pack
from exam.policy.scoring import Entry, Score, Standard
from exam.registration.models import ResultOutcome


def open_attempt(actor: Actor, sitting_id: UUID, *, pack: Pack, now: datetime) -> Attempt:
    """The drawn examiner has introduced himself and begins.

    Raises:
        NotAllowed: another examiner was drawn.
        WrongState: nothing was drawn yet, or the attempt runs.
    """
    with transaction():
        sitting = _mine(actor, sitting_id)
        return begin(sitting, actor, edition=pack.text("standard.edition"), now=now)


def begin(sitting: Sitting, actor: Actor, *, edition: str, now: datetime) -> Attempt:
    """Open the attempt; inside the caller's transaction, with the day locked."""
    go(sitting, SittingState.TESTING)
    assert actor.account_id is not None
    attempt = Attempt(
        id=new_id(),
        sitting_id=sitting.id,
        number=next_attempt(sitting),
        examiner_id=actor.account_id,
        vehicle_id=sitting.vehicle_id,
        terminal_id=sitting.terminal_id,
        lane_id=sitting.lane_id,
        opened_at=now,
        standard_edition=edition,
        deductions=[],
    )
    sitting.attempts.append(attempt)
    note("attempt.opened", sitting, actor, now=now, number=attempt.number)
    return attempt


def note_deduction(actor: Actor, sitting_id: UUID, code: str, *, now: datetime) -> Deduction:
    """Note a coded deduction of the edition in which the attempt was opened.

    Raises:
        InvalidInput: no such code for this subject and class, or noted already and not repeatable.
        WrongState: no attempt runs.
    """
    with transaction():
        sitting = _mine(actor, sitting_id)
        attempt = running(sitting)
        entry = _entry(sitting, attempt, code)
        return deduct(sitting, attempt, entry, entry.points, actor, now=now)


def deduct(
    sitting: Sitting, attempt: Attempt, entry: Entry, points: int, actor: Actor, *, now: datetime
) -> Deduction:
    """Write a deduction down; inside the caller's transaction, with the day locked."""
    row = Deduction(
        id=new_id(),
        attempt_id=attempt.id,
        edition=attempt.standard_edition,
        code=entry.code,
        points=points,
        source=DeductionSource.EXAMINER,
        account_id=actor.account_id,
        noted_at=now,
    )
    attempt.deductions.append(row)
    note("attempt.deduction", sitting, actor, now=now, code=entry.code, points=points)
    return row


def take_back(actor: Actor, sitting_id: UUID, deduction_id: UUID, *, now: datetime) -> None:
    """Take back a deduction noted by mistake, before the attempt ends; it stays readable.

    Raises:
        NotFound: the running attempt has no such deduction.
        WrongState: no attempt runs.
    """
    with transaction():
        sitting = _mine(actor, sitting_id)
        row = next((x for x in live(running(sitting)) if x.id == deduction_id), None)
        if row is None:
            raise NotFound
        row.withdrawn_at = now
        note("attempt.deduction_taken_back", sitting, actor, now=now, code=row.code)


def end_attempt(actor: Actor, sitting_id: UUID, *, pack: Pack, now: datetime) -> Score:
    """End a driven attempt: the points follow from what was noted, nobody enters them.

    Raises:
        WrongState: no attempt runs, or the subject is a computer test.
    """
    with transaction():
        sitting = _mine(actor, sitting_id)
        attempt = running(sitting)
        if sitting.booking.subject.theory:
            raise WrongState(current="theory", wanted="driven")
        return finish(sitting, attempt, actor, pack=pack, now=now)


def confirm_paper(
    actor: Actor, sitting_id: UUID, right: int, *, pack: Pack, now: datetime
) -> Score:
    """The examiner confirms the computer's result of a theory test.

    Args:
        actor: the drawn examiner.
        sitting_id: the sitting.
        right: questions answered rightly.
        pack: the rules in force.
        now: the injected time.

    Raises:
        InvalidInput: more than the paper has, or fewer than none.
        WrongState: no attempt runs, or the subject is driven.
    """
    with transaction():
        sitting = _mine(actor, sitting_id)
        attempt = running(sitting)
        if not sitting.booking.subject.theory:
            raise WrongState(current="driven", wanted="theory")
        mark_paper(sitting, attempt, right, actor, now=now)
        return finish(sitting, attempt, actor, pack=pack, now=now)


def mark_paper(
    sitting: Sitting, attempt: Attempt, right: int, actor: Actor, *, now: datetime
) -> None:
    """Write the wrong answers down as one coded deduction."""
    subject, standard = sitting.booking.subject, scoring.load(attempt.standard_edition)
    paper = standard.paper(subject, sitting.booking.case.licence_class)
    if not 0 <= right <= paper.questions:
        message = _("Enter a number from 0 to %(most)s.", most=paper.questions)
        raise InvalidInput(message, field="right")
    lost = (paper.questions - right) * paper.points_each
    if lost:
        deduct(sitting, attempt, standard.wrong_answers(subject), lost, actor, now=now)


def finish(sitting: Sitting, attempt: Attempt, actor: Actor, *, pack: Pack, now: datetime) -> Score:
    """End the attempt and offer the retake where one is left; with the day locked."""
    result = score_of(sitting, attempt, pack)
    attempt.ended_at = now
    attempt.points = result.points
    attempt.outcome = ResultOutcome.PASSED if result.passed else ResultOutcome.FAILED
    if result.passed or attempt.number >= pack.integer("attempt.per_booking"):
        go(sitting, SittingState.TO_SIGN)
        sitting.outcome = attempt.outcome
    else:
        go(sitting, SittingState.RETAKE_OFFERED)
    note(
        "attempt.ended",
        sitting,
        actor,
        now=now,
        number=attempt.number,
        points=result.points,
        outcome=attempt.outcome,
        edition=attempt.standard_edition,
        pack=pack.edition,
    )
    return result


def score_of(sitting: Sitting, attempt: Attempt, pack: Pack) -> Score:
    """What an attempt has come to so far."""
    booking = sitting.booking
    mark = scoring.pass_mark(booking.subject, booking.case.licence_class, pack)
    return scoring.score((x.points for x in live(attempt)), pass_mark=mark)


def answer_retake(actor: Actor, sitting_id: UUID, *, taken: bool, now: datetime) -> Sitting:
    """The candidate takes the retake, or declines it; her examiner may enter her word.

    Taken, she queues again with her report time, for a new draw. Declined, the result stands.

    Raises:
        WrongState: no retake is offered.
    """
    require(actor, Role.CANDIDATE, Role.EXAMINER)
    with transaction():
        sitting = locked_sitting(actor, sitting_id)
        if actor.role is Role.EXAMINER and sitting.examiner_id != actor.account_id:
            raise NotAllowed
        if sitting.state is not SittingState.RETAKE_OFFERED:
            raise WrongState(current=sitting.state.value, wanted=SittingState.RETAKE_OFFERED.value)
        settle_retake(sitting, actor, taken=taken, now=now)
    return sitting


def settle_retake(sitting: Sitting, actor: Actor | None, *, taken: bool, now: datetime) -> None:
    """Queue again, or let the failure stand; inside the caller's transaction."""
    if taken:
        go(sitting, SittingState.CHECKED_IN)
        give_back(sitting)
        sitting.queued_at = sitting.checked_in_at = now
    else:
        go(sitting, SittingState.TO_SIGN)
        sitting.outcome = ResultOutcome.FAILED
    note("sitting.retake", sitting, actor, now=now, taken=taken)


def expire_retakes(*, now: datetime) -> int:
    """Retakes offered on a day that is over were not taken: the result waits for signatures.

    Only the offer ends; the failure it follows stands as it stood.
    """
    query = (
        sa.select(Sitting)
        .join(ExamDay, ExamDay.id == Sitting.exam_day_id)
        .join(Site, Site.id == ExamDay.site_id)
        .where(Sitting.state == SittingState.RETAKE_OFFERED)
        .where(ExamDay.date < sa.cast(sa.func.timezone(Site.time_zone, now), sa.Date))
        .options(*WHOLE)
        .with_for_update(of=Sitting, skip_locked=True)
    )
    with transaction() as session:
        rows = list(session.scalars(query))
        for sitting in rows:
            settle_retake(sitting, None, taken=False, now=now)
    return len(rows)


def running(sitting: Sitting) -> Attempt:
    """The attempt that runs.

    Raises:
        WrongState: none does.
    """
    found = next((x for x in sitting.attempts if x.ended_at is None), None)
    if found is None:
        raise WrongState(current=sitting.state.value, wanted=SittingState.TESTING.value)
    return found


def live(attempt: Attempt) -> Sequence[Deduction]:
    """The deductions that count."""
    return [x for x in attempt.deductions if x.withdrawn_at is None]


def choices(sitting: Sitting, attempt: Attempt) -> list[Entry]:
    """What the examiner may still note."""
    noted = {x.code for x in live(attempt)}
    standard: Standard = scoring.load(attempt.standard_edition)
    booking = sitting.booking
    return [
        x
        for x in standard.choices(booking.subject, booking.case.licence_class)
        if x.repeatable or x.code not in noted
    ]


def _entry(sitting: Sitting, attempt: Attempt, code: str) -> Entry:
    found = next((x for x in choices(sitting, attempt) if x.code == code), None)
    if found is None:
        raise InvalidInput(
            _("Choose a deduction of the list; one that counts once cannot be noted twice."),
            field="code",
        )
    return found


def _mine(actor: Actor, sitting_id: UUID) -> Sitting:
    """The sitting, if the draw gave it to this examiner."""
    require(actor, Role.EXAMINER)
    sitting = locked_sitting(actor, sitting_id)
    if sitting.examiner_id != actor.account_id:
        raise NotAllowed(_("Another examiner was drawn for this candidate."))
    return sitting
