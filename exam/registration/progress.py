"""How far a case has come, and what a subject's final result makes of it.

The rows of `subject_result` are the only source: a result is written once, and from these rows
alone follow the permit, the next earliest date, the end of a case and the next round's rank.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa

from exam.audit import services as audit
from exam.db import db, new_id
from exam.notify.services import Message, tell_all
from exam.people.roles import Actor
from exam.policy.eligibility import CaseFacts, PermitFacts, subjects_of
from exam.policy.pack import Pack
from exam.policy.subjects import Subject
from exam.registration.cases import locked_cases
from exam.registration.events import CaseEnded, ResultRecorded
from exam.registration.models import (
    CASE_MOVES,
    Case,
    CaseState,
    Permit,
    ResultOutcome,
    SubjectResult,
)
from exam.registration.permits import current_pack, issue_on_first_pass
from exam.states import move
from exam.system import outbox

UNSUCCESSFUL = (ResultOutcome.FAILED, ResultOutcome.ABSENT)
"""They use a booking and start the wait; what was not the candidate's fault does neither."""


@dataclass(frozen=True, kw_only=True)
class GivenResult:
    """A final result before it is recorded; exactly one of the two provenances is set."""

    case_id: UUID
    subject: Subject
    outcome: ResultOutcome
    points: int | None
    exam_at: datetime
    exam_date: date
    booking_counts: bool
    sitting_id: UUID | None = None
    national_record_id: UUID | None = None


def case_facts(case_ids: Collection[UUID]) -> dict[UUID, CaseFacts]:
    """What the eligibility rules need to know, for many cases in three queries.

    ``booked`` stays empty: booking stands above and adds it.
    """
    cases = db.session.scalars(sa.select(Case).where(Case.id.in_(case_ids))).all()
    query = sa.select(Permit).where(Permit.case_id.in_(case_ids))
    permits = {x.case_id: x for x in db.session.scalars(query)}
    results = _valid_results(case_ids)
    return {x.id: _facts(x, permits.get(x.id), results[x.id]) for x in cases}


def rank_times(case_ids: Collection[UUID]) -> dict[UUID, tuple[datetime, datetime | None]]:
    """Acceptance, and the end of the last exam of whatever subject (WS137 9(2)2), of cases.

    An exam that ended through no fault of the candidate does not count: her key stays.
    """
    last = (
        sa.select(SubjectResult.case_id, sa.func.max(SubjectResult.exam_at).label("at"))
        .where(SubjectResult.outcome != ResultOutcome.NO_FAULT)
        .where(SubjectResult.case_id.in_(case_ids))
        .group_by(SubjectResult.case_id)
        .subquery()
    )
    rows = db.session.execute(
        sa.select(Case.id, Case.accepted_at, last.c.at)
        .outerjoin(last, last.c.case_id == Case.id)
        .where(Case.id.in_(case_ids), Case.accepted_at.is_not(None))
    )
    return {key: (accepted, at) for key, accepted, at in rows if accepted is not None}


def record_result(
    *,
    case_id: UUID,
    subject: Subject,
    outcome: ResultOutcome,
    points: int | None,
    exam_at: datetime,
    exam_date: date,
    booking_counts: bool,
    now: datetime,
    sitting_id: UUID | None = None,
    national_record_id: UUID | None = None,
    actor: Actor | None = None,
) -> SubjectResult:
    """Record one final result in the caller's transaction; see :func:`record_results`."""
    given = GivenResult(
        case_id=case_id,
        subject=subject,
        outcome=outcome,
        points=points,
        exam_at=exam_at,
        exam_date=exam_date,
        booking_counts=booking_counts,
        sitting_id=sitting_id,
        national_record_id=national_record_id,
    )
    return record_results([given], now=now, actor=actor)[0]


def record_results(
    given: Sequence[GivenResult], *, now: datetime, actor: Actor | None = None
) -> list[SubjectResult]:
    """Write final results in the caller's transaction and draw what follows from them.

    A pass of S1 issues the permit; the last pass completes the case; the last allowed booking that
    fails voids the other passes and ends the case (O162 Art. 47).

    Race stopped: two results of one case recorded at once, both counting one failure too few; the
    case rows are locked in the order of their ids.

    Raises:
        NotFound: a case does not exist.
        Conflict: the sitting already has its result, or the subject is already passed.
    """
    cases = {x.id: x for x in locked_cases({x.case_id for x in given})}
    rows = [
        SubjectResult(
            id=new_id(),
            case_id=x.case_id,
            subject=x.subject,
            outcome=x.outcome,
            points=x.points,
            exam_at=x.exam_at,
            exam_date=x.exam_date,
            booking_counts=x.booking_counts,
            sitting_id=x.sitting_id,
            national_record_id=x.national_record_id,
            recorded_at=now,
        )
        for x in given
    ]
    db.session.add_all(rows)
    db.session.flush()
    for row in rows:
        _note(row, cases[row.case_id], now, actor)
    outbox.publish_all(
        (
            ResultRecorded(result_id=x.id, case_id=x.case_id, subject=x.subject, outcome=x.outcome)
            for x in rows
        ),
        now=now,
    )
    tell_all((_told(x, cases[x.case_id]) for x in rows), now=now)
    _draw_consequences(cases, now)
    return rows


def end_case(case: Case, *, rule: str, now: datetime) -> None:
    """Let an accepted case lapse in the caller's transaction: its passes are void.

    Args:
        case: locked by the caller.
        rule: the parameter of the pack that ends it.
        now: the injected time.
    """
    case.state = move(case.state, CaseState.LAPSED, CASE_MOVES)
    for row in _valid_results([case.id])[case.id]:
        if row.outcome is ResultOutcome.PASSED:
            row.voided_at, row.void_rule = now, rule
    audit.record(
        "case.lapsed",
        case,
        now=now,
        account_id=None,
        for_person_id=case.person_id,
        rule=rule,
        pack=current_pack().edition,
    )
    outbox.publish(CaseEnded(case_id=case.id, rule=rule), now=now)
    tell_all(
        [Message("case.ended", case.person_id, None, f"ended:{case.id}", {"rule": rule})], now=now
    )


def _valid_results(case_ids: Collection[UUID]) -> defaultdict[UUID, list[SubjectResult]]:
    query = sa.select(SubjectResult).where(
        SubjectResult.case_id.in_(case_ids), SubjectResult.voided_at.is_(None)
    )
    found: defaultdict[UUID, list[SubjectResult]] = defaultdict(list)
    for row in db.session.scalars(query.order_by(SubjectResult.exam_at, SubjectResult.id)):
        found[row.case_id].append(row)
    return found


def _facts(case: Case, permit: Permit | None, results: Sequence[SubjectResult]) -> CaseFacts:
    used: dict[Subject, int] = defaultdict(int)
    failed: dict[Subject, date] = {}
    for row in results:
        if row.outcome in UNSUCCESSFUL:
            used[row.subject] += row.booking_counts
            failed[row.subject] = max(row.exam_date, failed.get(row.subject, row.exam_date))
    return CaseFacts(
        licence_class=case.licence_class,
        pathway=case.pathway,
        accepted=case.state in (CaseState.ACCEPTED, CaseState.COMPLETED),
        permit=PermitFacts(permit.issued_on, permit.valid_until) if permit else None,
        passed=frozenset(x.subject for x in results if x.outcome is ResultOutcome.PASSED),
        bookings_used=dict(used),
        last_failed_on=failed,
    )


def _note(row: SubjectResult, case: Case, now: datetime, actor: Actor | None) -> None:
    audit.record(
        "result.recorded",
        row,
        now=now,
        account_id=actor.account_id if actor else None,
        role=actor.role if actor else None,
        for_person_id=case.person_id,
        exam_subject=row.subject,
        outcome=row.outcome,
        points=row.points,
    )


def _told(row: SubjectResult, case: Case) -> Message:
    facts = {"subject": row.subject, "outcome": row.outcome, "date": row.exam_date.isoformat()}
    return Message("result.recorded", case.person_id, None, f"result:{row.id}", facts)


def _draw_consequences(cases: dict[UUID, Case], now: datetime) -> None:
    pack = current_pack()
    results = _valid_results(cases.keys())
    issue_on_first_pass(cases.values(), results, now=now)
    for case in cases.values():
        rows = results[case.id]
        passed = {x.subject for x in rows if x.outcome is ResultOutcome.PASSED}
        if case.state is not CaseState.ACCEPTED:
            continue
        if passed >= set(subjects_of(case.pathway, pack)):
            case.state = move(case.state, CaseState.COMPLETED, CASE_MOVES)
            audit.record(
                "case.completed", case, now=now, account_id=None, for_person_id=case.person_id
            )
        elif _used_up(rows, passed, pack):
            end_case(case, rule="attempt.max_bookings", now=now)


def _used_up(rows: Sequence[SubjectResult], passed: Collection[Subject], pack: Pack) -> bool:
    for subject in {x.subject for x in rows} - set(passed):
        limit = pack.by("attempt.max_bookings", subject)
        used = sum(
            x.booking_counts for x in rows if x.subject is subject and x.outcome in UNSUCCESSFUL
        )
        if limit is not None and used >= limit:
            return True
    return False
