from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from exam.booking.models import Booking, BookingState
from exam.db import db
from exam.errors import NotAllowed, WrongState
from exam.examday import services
from exam.examday.desk import read_sitting
from exam.examday.models import SittingState
from exam.examday.rules import sheet_sha256
from exam.examday.signing import sheet
from exam.notify.models import Notice
from exam.policy.subjects import Subject
from exam.registration.models import Permit, SubjectResult
from tests.examday.factories import PACK, REPORT, book, examiner_of, seat

if TYPE_CHECKING:
    from uuid import UUID

    from tests.examday.factories import Booked, Hall

LATER = REPORT + timedelta(minutes=30)


def passed_paper(hall: Hall) -> tuple[UUID, Booked]:
    who = book(hall, Subject.S1)
    sitting = seat(hall, hall.opened(), who)
    examiner = examiner_of(hall, sitting.id)
    services.open_attempt(examiner, sitting.id, pack=PACK, now=REPORT)
    score = services.confirm_paper(examiner, sitting.id, 92, pack=PACK, now=LATER)
    assert (score.points, score.passed) == (92, True)
    return sitting.id, who


def results(who: Booked) -> list[SubjectResult]:
    query = sa.select(SubjectResult).where(SubjectResult.case_id == who.case_id)
    return list(db.session.scalars(query))


def seen(who: Booked, sitting_id: UUID) -> str:
    return sheet_sha256(sheet(read_sitting(who.candidate, sitting_id)))


def test_both_signatures_record_the_result_issue_the_permit_and_use_the_booking(hall: Hall) -> None:
    sitting_id, who = passed_paper(hall)
    services.sign_as_examiner(examiner_of(hall, sitting_id), sitting_id, pack=PACK, now=LATER)
    assert results(who) == []
    services.sign_as_candidate(
        who.candidate, sitting_id, sheet_sha256_seen=seen(who, sitting_id), now=LATER
    )
    (row,) = results(who)
    assert (row.outcome, row.points, row.booking_counts) == ("passed", 92, True)
    assert row.sitting_id == sitting_id
    assert row.exam_at == LATER
    permit = db.session.scalar(sa.select(Permit).where(Permit.case_id == who.case_id))
    assert permit is not None
    assert permit.result_id == row.id
    assert db.session.get(Booking, who.booking_id).state is BookingState.USED
    assert read_sitting(who.candidate, sitting_id).state is SittingState.SIGNED


def test_the_candidate_cannot_sign_before_the_examiner(hall: Hall) -> None:
    sitting_id, who = passed_paper(hall)
    with pytest.raises(WrongState):
        services.sign_as_candidate(
            who.candidate, sitting_id, sheet_sha256_seen=seen(who, sitting_id), now=LATER
        )
    assert results(who) == []


def test_a_sheet_that_she_has_not_read_is_not_signed(hall: Hall) -> None:
    sitting_id, who = passed_paper(hall)
    services.sign_as_examiner(examiner_of(hall, sitting_id), sitting_id, pack=PACK, now=LATER)
    with pytest.raises(WrongState):
        services.sign_as_candidate(who.candidate, sitting_id, sheet_sha256_seen="0" * 64, now=LATER)
    assert results(who) == []


def test_only_the_examiner_of_the_attempt_signs_for_the_office(hall: Hall) -> None:
    sitting_id, _ = passed_paper(hall)
    mine = examiner_of(hall, sitting_id)
    other = hall.examiner_two if mine == hall.examiner else hall.examiner
    for stranger in (other, hall.officer, hall.leader):
        with pytest.raises(NotAllowed):
            services.sign_as_examiner(stranger, sitting_id, pack=PACK, now=LATER)


def test_a_duty_leader_notes_the_refusal_of_a_candidate(hall: Hall) -> None:
    sitting_id, who = passed_paper(hall)
    services.sign_as_examiner(examiner_of(hall, sitting_id), sitting_id, pack=PACK, now=LATER)
    with pytest.raises(NotAllowed):
        services.note_refusal(hall.officer, sitting_id, reason="left", now=LATER)
    services.note_refusal(hall.leader, sitting_id, reason="left", now=LATER)
    assert len(results(who)) == 1


def test_the_candidate_is_told_when_it_is_her_turn_to_sign(hall: Hall) -> None:
    sitting_id, who = passed_paper(hall)
    services.sign_as_examiner(examiner_of(hall, sitting_id), sitting_id, pack=PACK, now=LATER)
    kinds = db.session.scalars(sa.select(Notice.kind).where(Notice.person_id == who.person_id))
    assert list(kinds) == ["result.to_sign"]
