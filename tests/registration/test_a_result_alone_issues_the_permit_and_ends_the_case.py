from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from exam.db import db, new_id, transaction
from exam.errors import Conflict, InvalidInput, NotAllowed
from exam.notify.models import Notice
from exam.policy.eligibility import assess
from exam.policy.subjects import Subject
from exam.registration import progress
from exam.registration.jobs import lapse_ended
from exam.registration.models import (
    Case,
    CaseState,
    NationalImport,
    NationalRecord,
    Permit,
    ResultOutcome,
    SubjectResult,
)
from exam.registration.national import SimulatedPlatform, import_delivery, take_deliveries
from exam.registration.progress import GivenResult
from exam.registration.schemas import FailedRecord, PassRecord, PermitRecord
from tests.registration.factories import NOW, PACK, House, accepted

if TYPE_CHECKING:
    from uuid import UUID

    from flask import Flask

DAY = date(2026, 11, 25)
AT = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)


@pytest.fixture
def record(house: House) -> UUID:
    """A provenance for results that no sitting stands behind."""
    with transaction() as session:
        made = NationalImport(
            id=new_id(),
            office_id=house.office_id,
            source="simulated",
            simulated=True,
            received_at=NOW,
            sha256="f" * 64,
            records=1,
        )
        session.add(made)
        session.flush()
        row = NationalRecord(id=new_id(), import_id=made.id, position=1, kind="pass", payload={})
        session.add(row)
        return row.id


def give(
    case: Case,
    subject: Subject,
    outcome: ResultOutcome,
    record: UUID,
    *,
    days: int = 0,
    counts: bool = True,
) -> SubjectResult:
    with transaction():
        return progress.record_result(
            case_id=case.id,
            subject=subject,
            outcome=outcome,
            points=None,
            exam_at=AT + timedelta(days=days),
            exam_date=DAY + timedelta(days=days),
            booking_counts=counts,
            national_record_id=record,
            now=AT + timedelta(days=days),
        )


def test_a_pass_of_the_first_subject_issues_the_permit(house: House, record: UUID) -> None:
    (case,) = accepted(house)
    row = give(case, Subject.S1, ResultOutcome.PASSED, record)
    permit = db.session.scalars(sa.select(Permit)).one()
    assert (permit.result_id, permit.basis) == (row.id, "result")
    assert (permit.issued_on, permit.valid_until) == (DAY, date(2029, 11, 24))
    told = set(db.session.scalars(sa.select(Notice.kind)))
    assert {"result.recorded", "permit.issued"} <= told


def test_a_failed_first_subject_issues_nothing(house: House, record: UUID) -> None:
    (case,) = accepted(house)
    give(case, Subject.S1, ResultOutcome.FAILED, record)
    assert db.session.scalars(sa.select(Permit)).all() == []


def test_the_second_subject_opens_on_the_day_of_the_pack(house: House, record: UUID) -> None:
    (case,) = accepted(house)
    give(case, Subject.S1, ResultOutcome.PASSED, record)
    facts = progress.case_facts([case.id])[case.id]
    found = assess(Subject.S2, facts, PACK, today=DAY)
    assert (found.earliest, found.latest) == (DAY + timedelta(days=10), date(2029, 11, 24))


def test_all_passes_complete_the_case(house: House, record: UUID) -> None:
    (case,) = accepted(house)
    for n, subject in enumerate(Subject):
        give(case, subject, ResultOutcome.PASSED, record, days=n)
    assert case.state is CaseState.COMPLETED


def test_a_subject_is_passed_once(house: House, record: UUID) -> None:
    (case,) = accepted(house)
    give(case, Subject.S1, ResultOutcome.PASSED, record)
    with pytest.raises(Conflict):
        give(case, Subject.S1, ResultOutcome.PASSED, record)


def test_the_fifth_failed_booking_voids_the_other_passes_and_ends_the_case(
    house: House, record: UUID
) -> None:
    (case,) = accepted(house)
    give(case, Subject.S1, ResultOutcome.PASSED, record)
    give(case, Subject.S3R, ResultOutcome.PASSED, record)
    outcomes = [ResultOutcome.FAILED, ResultOutcome.ABSENT] * 2
    for n, outcome in enumerate(outcomes):
        give(case, Subject.S2, outcome, record, days=n)
    give(case, Subject.S2, ResultOutcome.NO_FAULT, record, days=5, counts=False)
    assert case.state is CaseState.ACCEPTED
    assert progress.case_facts([case.id])[case.id].bookings_used == {Subject.S2: 4}
    give(case, Subject.S2, ResultOutcome.FAILED, record, days=6)
    assert case.state is CaseState.LAPSED
    voided = sa.select(SubjectResult).where(SubjectResult.outcome == ResultOutcome.PASSED)
    assert {x.void_rule for x in db.session.scalars(voided)} == {"attempt.max_bookings"}
    assert progress.case_facts([case.id])[case.id].passed == frozenset()


def test_no_fault_moves_neither_rank_nor_wait(house: House, record: UUID) -> None:
    (case,) = accepted(house)
    give(case, Subject.S1, ResultOutcome.PASSED, record)
    give(case, Subject.S2, ResultOutcome.FAILED, record, days=20)
    before = progress.rank_times([case.id])
    assert before == {case.id: (NOW.replace(microsecond=0), AT + timedelta(days=20))}
    give(case, Subject.S2, ResultOutcome.NO_FAULT, record, days=40, counts=False)
    assert progress.rank_times([case.id]) == before
    assert progress.case_facts([case.id])[case.id].last_failed_on[Subject.S2] == DAY + timedelta(20)


def test_a_case_ends_with_its_permit_and_not_a_day_before(house: House, record: UUID) -> None:
    (case,) = accepted(house)
    give(case, Subject.S1, ResultOutcome.PASSED, record)
    last_evening = datetime(2029, 11, 24, 15, 59, tzinfo=UTC)
    assert lapse_ended(last_evening) == {"lapsed": 0}
    assert lapse_ended(last_evening + timedelta(minutes=6)) == {"lapsed": 1}
    assert case.state is CaseState.LAPSED
    assert db.session.scalars(sa.select(SubjectResult.void_rule)).all() == ["permit.valid_years"]
    assert lapse_ended(last_evening + timedelta(days=1)) == {"lapsed": 0}


def test_some_pathways_get_their_permit_at_acceptance(house: House) -> None:
    (case,) = accepted(house, pathway="C2换C1")
    permit = db.session.scalars(sa.select(Permit)).one()
    assert (permit.case_id, permit.basis, permit.result_id) == (case.id, "acceptance", None)


def test_a_thousand_results_are_recorded_in_bulk(house: House, record: UUID) -> None:
    cases = accepted(house, 200)
    given = [
        GivenResult(
            case_id=x.id,
            subject=Subject.S1,
            outcome=ResultOutcome.PASSED,
            points=95,
            exam_at=AT,
            exam_date=DAY,
            booking_counts=True,
            national_record_id=record,
        )
        for x in cases
    ]
    with transaction():
        progress.record_results(given, now=AT)
    permits = db.session.scalar(sa.select(sa.func.count()).select_from(Permit))
    assert permits == 200


def told_by(case: Case) -> SimulatedPlatform:
    platform = SimulatedPlatform()
    serial = str(case.serial_number)
    platform.invent(
        [
            PermitRecord(
                kind="permit",
                serial=serial,
                number="N1",
                issued_on=DAY,
                valid_until=DAY + timedelta(days=900),
            ),
            PassRecord(kind="pass", serial=serial, subject=Subject.S1, points=98, exam_at=AT),
            FailedRecord(kind="failed", serial=serial, subject=Subject.S2, exam_at=AT),
        ]
    )
    return platform


def test_a_national_delivery_leaves_its_provenance_on_every_row(house: House) -> None:
    (case,) = accepted(house)
    (made,) = take_deliveries(told_by(case), house.reviewer, now=NOW)
    (again,) = take_deliveries(told_by(case), house.reviewer, now=NOW)
    assert (made.id, made.simulated) == (again.id, True)
    rows = db.session.scalars(sa.select(SubjectResult)).all()
    assert len(rows) == 2
    assert all(x.national_record_id and x.sitting_id is None for x in rows)
    permit = db.session.scalars(sa.select(Permit)).one()
    assert (permit.basis, permit.number) == ("national", "N1")


def test_simulated_records_are_refused_outside_the_demonstration(app: Flask, house: House) -> None:
    (case,) = accepted(house)
    settings = app.config["KAOCHANG"]
    app.config["KAOCHANG"] = settings.model_copy(update={"demo": False})
    with pytest.raises(NotAllowed):
        take_deliveries(told_by(case), house.reviewer, now=NOW)


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b'{"format": "kaochang-national/2"}'], ids=str
)
def test_a_broken_delivery_is_named_and_nothing_kept(house: House, content: bytes) -> None:
    with pytest.raises(InvalidInput, match="数据包无法读取"):
        import_delivery(house.reviewer, content, now=NOW)
    assert db.session.scalars(sa.select(NationalImport)).all() == []


def test_a_delivery_about_an_unknown_case_is_refused_whole(house: House) -> None:
    (case,) = accepted(house)
    platform = told_by(case)
    platform.invent(
        [PassRecord(kind="pass", serial="nobody", subject=Subject.S1, points=1, exam_at=AT)]
    )
    first, second = platform.deliveries()
    import_delivery(house.reviewer, first, now=NOW)
    with pytest.raises(InvalidInput, match="nobody"):
        import_delivery(house.reviewer, second, now=NOW)
