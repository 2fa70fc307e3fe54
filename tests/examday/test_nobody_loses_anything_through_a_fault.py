from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from exam.booking.models import Booking, BookingState
from exam.db import db
from exam.errors import InvalidInput, NotAllowed, RuleRefused, WrongState
from exam.examday import services
from exam.examday.calling import line_of
from exam.examday.drawing import draws_of, redraws_on
from exam.examday.models import ExceptionRequest, SittingState
from exam.examday.rules import IdentityStep
from exam.notify.models import Notice
from exam.people.models import NeedKind
from exam.policy.subjects import Subject
from exam.registration.models import SubjectResult
from exam.registration.progress import case_facts, rank_times
from tests.examday.factories import (
    DAY,
    ENDS,
    OPENING,
    PACK,
    REPORT,
    arrive,
    book,
    examiner_of,
    of_day,
    seat,
)

if TYPE_CHECKING:
    from tests.examday.factories import Hall


def outcome_of(case_id: object) -> list[tuple[str, bool]]:
    query = sa.select(SubjectResult).where(SubjectResult.case_id == case_id)
    return [(x.outcome.value, x.booking_counts) for x in db.session.scalars(query)]


def test_a_dead_vision_worker_sends_her_to_a_person_and_costs_nothing(hall: Hall) -> None:
    who = book(hall, drawn_photo=False)
    day_id = hall.opened()
    sitting = services.check_in(hall.officer, day_id, who.reference, pack=PACK, now=REPORT)
    services.ask_machine(hall.officer, sitting.id, "identity/x.jpg", now=REPORT)
    step = services.identity_step
    found = of_day(day_id)[who.booking_id]
    assert step(found, pack=PACK, now=REPORT) is IdentityStep.MACHINE
    late = REPORT + timedelta(seconds=6)
    assert step(found, pack=PACK, now=late) is IdentityStep.PERSON
    assert not services.take_answer(hall.officer, sitting.id, pack=PACK, now=late)
    services.confirm_by_person(hall.officer, sitting.id, now=late)
    assert of_day(day_id)[who.booking_id].queued_at == late


@pytest.mark.parametrize(
    ("state", "seconds", "expected"),
    [
        ("same", 1, IdentityStep.DONE),
        ("same", 9, IdentityStep.PERSON),
        ("different", 1, IdentityStep.PERSON),
        ("unsure", 1, IdentityStep.PERSON),
        ("no_face", 1, IdentityStep.PERSON),
        ("unreadable", 1, IdentityStep.PERSON),
    ],
)
def test_the_machine_confirms_in_time_or_a_person_does_but_nobody_is_refused(
    hall: Hall, state: str, seconds: int, expected: IdentityStep
) -> None:
    who = book(hall, drawn_photo=False)
    day_id = hall.opened()
    sitting = services.check_in(hall.officer, day_id, who.reference, pack=PACK, now=REPORT)
    services.ask_machine(hall.officer, sitting.id, "identity/x.jpg", now=REPORT)
    answered = REPORT + timedelta(seconds=seconds)
    db.session.execute(
        sa.text(
            "UPDATE vision_question SET state = 'answered', answered_at = :at,"
            " answer = jsonb_build_object('state', cast(:state AS text), 'facts', '{}'::jsonb)"
        ),
        {"at": answered, "state": state},
    )
    db.session.commit()
    confirmed = services.take_answer(hall.officer, sitting.id, pack=PACK, now=answered)
    assert confirmed is (expected is IdentityStep.DONE)
    found = of_day(day_id)[who.booking_id]
    assert found.state is SittingState.CHECKED_IN
    step = services.identity_step(found, pack=PACK, now=answered)
    assert step is expected


def test_a_drawn_picture_is_never_put_before_the_machine(hall: Hall) -> None:
    who = book(hall, drawn_photo=True)
    day_id = hall.opened()
    sitting = services.check_in(hall.officer, day_id, who.reference, pack=PACK, now=REPORT)
    asked = services.ask_machine(hall.officer, sitting.id, "identity/x.jpg", now=REPORT)
    assert asked.vision_question_id is None


def test_without_an_examiner_nobody_is_called_and_all_keep_their_places(hall: Hall) -> None:
    who = book(hall)
    day_id = hall.opened()
    sitting = arrive(hall, day_id, who)
    db.session.execute(sa.text("DELETE FROM duty"))
    db.session.commit()
    line = line_of(of_day(day_id)[who.booking_id])
    with pytest.raises(RuleRefused) as caught:
        services.call_next(hall.officer, day_id, line, pack=PACK, now=REPORT)
    assert caught.value.rule == "call.no_examiner"
    assert of_day(day_id)[who.booking_id].state is SittingState.CHECKED_IN
    assert db.session.get(Booking, who.booking_id).state is BookingState.BOOKED
    assert outcome_of(who.case_id) == []
    assert sitting.id


def test_with_nothing_free_nobody_is_called(hall: Hall) -> None:
    people = [book(hall, Subject.S2) for _ in range(3)]
    day_id = hall.opened()
    for who in people:
        arrive(hall, day_id, who)
    line = line_of(of_day(day_id)[people[0].booking_id])
    for _ in range(2):
        services.call_next(hall.officer, day_id, line, pack=PACK, now=REPORT)
    with pytest.raises(RuleRefused) as caught:
        services.call_next(hall.officer, day_id, line, pack=PACK, now=REPORT)
    assert caught.value.rule == "call.nothing_free"


def test_a_fault_by_default_gives_everything_back(hall: Hall) -> None:
    who = book(hall, Subject.S2)
    before = rank_times([who.case_id])
    day_id = hall.opened()
    sitting = seat(hall, day_id, who)
    examiner = examiner_of(hall, sitting.id)
    services.open_attempt(examiner, sitting.id, pack=PACK, now=REPORT)
    services.release_no_fault(examiner, sitting.id, "equipment", pack=PACK, now=REPORT)
    assert outcome_of(who.case_id) == [("no_fault", False)]
    assert db.session.get(Booking, who.booking_id).state is BookingState.RELEASED
    assert rank_times([who.case_id]) == before
    facts = case_facts([who.case_id])[who.case_id]
    assert not facts.bookings_used.get(Subject.S2)
    assert not facts.last_failed_on
    kinds = set(db.session.scalars(sa.select(Notice.kind)))
    assert "result.no_fault" in kinds
    second = book(hall, Subject.S2)
    services.start_day(hall.site_id, DAY, now=REPORT)
    assert seat(hall, day_id, second).vehicle_id


def test_against_the_default_one_name_is_not_enough(hall: Hall) -> None:
    who = book(hall, Subject.S2)
    sitting = seat(hall, hall.opened(), who)
    examiner = examiner_of(hall, sitting.id)
    services.open_attempt(examiner, sitting.id, pack=PACK, now=REPORT)
    with pytest.raises(RuleRefused):
        services.release_no_fault(examiner, sitting.id, "illness", pack=PACK, now=REPORT)
    with pytest.raises(InvalidInput):
        services.release_no_fault(examiner, sitting.id, "bribe", pack=PACK, now=REPORT)
    request = services.ask_no_fault(
        examiner, sitting.id, "illness", reason="fainted", pack=PACK, now=REPORT
    )
    assert outcome_of(who.case_id) == []
    for nobody in (examiner, hall.officer, who.candidate):
        with pytest.raises(NotAllowed):
            services.decide(nobody, request.id, granted=True, pack=PACK, now=REPORT)
    services.decide(hall.leader, request.id, granted=True, pack=PACK, now=REPORT)
    assert outcome_of(who.case_id) == [("no_fault", False)]
    with pytest.raises(WrongState):
        services.decide(hall.leader_two, request.id, granted=False, pack=PACK, now=REPORT)


def test_nobody_undoes_a_failed_attempt_alone(hall: Hall) -> None:
    who = book(hall, Subject.S2)
    day_id = hall.opened()
    sitting = seat(hall, day_id, who)
    examiner = examiner_of(hall, sitting.id)
    services.open_attempt(examiner, sitting.id, pack=PACK, now=REPORT)
    services.note_deduction(examiner, sitting.id, "s2.garage.too_long", now=REPORT)
    services.end_attempt(examiner, sitting.id, pack=PACK, now=REPORT)
    with pytest.raises(RuleRefused):
        services.release_no_fault(examiner, sitting.id, "equipment", pack=PACK, now=REPORT)
    assert services.release_everybody(hall.leader, day_id, "power", pack=PACK, now=REPORT) == []
    asked = services.ask_no_fault(
        examiner, sitting.id, "equipment", reason="sensor", pack=PACK, now=REPORT
    )
    services.decide(hall.leader, asked.id, granted=True, pack=PACK, now=REPORT)
    assert outcome_of(who.case_id) == [("no_fault", False)]


def test_a_refused_exception_changes_nothing(hall: Hall) -> None:
    who = book(hall, Subject.S2)
    sitting = seat(hall, hall.opened(), who)
    request = services.ask_redraw(hall.officer, sitting.id, reason="knows him", now=REPORT)
    services.decide(hall.leader, request.id, granted=False, pack=PACK, now=REPORT)
    assert len(draws_of(sitting.id)) == 1
    assert redraws_on(sitting.exam_day_id) == 0


def test_a_redraw_has_a_reason_two_names_and_is_counted(hall: Hall) -> None:
    who = book(hall, Subject.S2)
    sitting = seat(hall, hall.opened(), who)
    with pytest.raises(InvalidInput):
        services.ask_redraw(hall.officer, sitting.id, reason="  ", now=REPORT)
    with pytest.raises(NotAllowed):
        services.ask_redraw(hall.leader, sitting.id, reason="I want", now=REPORT)
    request = services.ask_redraw(hall.officer, sitting.id, reason="relative", now=REPORT)
    services.decide(hall.leader, request.id, granted=True, pack=PACK, now=REPORT)
    first, second = draws_of(sitting.id)
    assert (first.number, second.number) == (1, 2)
    assert second.first_account_id == hall.officer.account_id
    assert second.second_account_id == hall.leader.account_id
    assert redraws_on(sitting.exam_day_id) == 1
    found = of_day(sitting.exam_day_id)[who.booking_id]
    assert found.state is SittingState.DRAWN
    assert db.session.scalar(sa.select(sa.func.count()).select_from(ExceptionRequest)) == 1


def test_service_groups_are_called_first_then_report_time_then_check_in(hall: Hall) -> None:
    late = book(hall, starts=timedelta(hours=1))
    early, second = book(hall), book(hall)
    first = book(hall, need=NeedKind.DISABLED, starts=timedelta(hours=2))
    day_id = hall.opened()
    for minute, who in enumerate((late, second, early, first)):
        arrive(hall, day_id, who, REPORT + timedelta(minutes=minute))
    order = []
    for _ in range(4):
        line = line_of(of_day(day_id)[late.booking_id])
        called = services.call_next(hall.officer, day_id, line, pack=PACK, now=REPORT)
        assert called is not None
        order.append(called.booking_id)
        drawn = services.draw_for(hall.officer, called.id, pack=PACK, now=REPORT)
        services.open_attempt(examiner_of(hall, drawn.id), drawn.id, pack=PACK, now=REPORT)
        services.confirm_paper(examiner_of(hall, drawn.id), drawn.id, 100, pack=PACK, now=REPORT)
    assert order == [x.booking_id for x in (first, second, early, late)]


def test_who_waits_is_never_absent_and_who_did_not_come_needs_two_names(hall: Hall) -> None:
    waiting, missing = book(hall), book(hall)
    day_id = hall.opened()
    arrive(hall, day_id, waiting)
    rows = of_day(day_id)
    with pytest.raises(RuleRefused):
        services.mark_absent(hall.examiner, [rows[missing.booking_id].id], now=REPORT)
    with pytest.raises(RuleRefused):
        services.mark_absent(hall.examiner, [rows[waiting.booking_id].id], now=ENDS)
    services.mark_absent(hall.examiner, [rows[missing.booking_id].id], now=ENDS)
    assert outcome_of(missing.case_id) == []
    with pytest.raises(RuleRefused) as caught:
        services.close_day(hall.leader, day_id, now=ENDS)
    assert caught.value.facts["tickets"] == ["A001", "A002"]
    services.confirm_absences(hall.leader, day_id, now=ENDS)
    assert outcome_of(missing.case_id) == [("absent", True)]


def test_a_power_cut_releases_everybody_who_has_no_result(hall: Hall) -> None:
    people = [book(hall) for _ in range(3)]
    day_id = hall.opened()
    arrive(hall, day_id, people[0])
    services.release_everybody(hall.leader, day_id, "power", pack=PACK, now=REPORT)
    for who in people:
        assert outcome_of(who.case_id) == [("no_fault", False)]
    services.close_day(hall.leader, day_id, now=REPORT)


def test_somebody_elses_face_leaves_the_place_to_the_person_who_booked_it(hall: Hall) -> None:
    who = book(hall)
    day_id = hall.opened()
    sitting = services.check_in(hall.officer, day_id, who.document, pack=PACK, now=REPORT)
    services.doubt_identity(hall.officer, sitting.id, words="another face", now=REPORT)
    assert of_day(day_id)[who.booking_id].state is SittingState.EXPECTED
    assert arrive(hall, day_id, who).queued_at


def test_a_day_starts_once_however_often_it_is_started(hall: Hall) -> None:
    book(hall)
    first = hall.day()
    tickets = {x.ticket for x in of_day(first).values()}
    book(hall)
    assert hall.day() == first
    assert {x.ticket for x in of_day(first).values()} == tickets | {"A002"}
    assert services.start_due_days(now=OPENING, pack=PACK) == 0


def test_the_morning_job_starts_the_day_at_the_sites_own_hour(hall: Hall) -> None:
    book(hall)
    assert services.start_due_days(now=OPENING - timedelta(hours=4), pack=PACK) == 0
    assert services.start_due_days(now=OPENING - timedelta(hours=3), pack=PACK) == 1


def test_sitting_at_finds_who_sat_there_and_then(hall: Hall) -> None:
    who = book(hall, Subject.S2)
    sitting = seat(hall, hall.opened(), who)
    vehicle = sitting.vehicle_id
    examiner = examiner_of(hall, sitting.id)
    ends = REPORT + timedelta(minutes=9)
    services.open_attempt(examiner, sitting.id, pack=PACK, now=REPORT)
    services.note_deduction(examiner, sitting.id, "s2.garage.too_long", now=REPORT)
    services.end_attempt(examiner, sitting.id, pack=PACK, now=ends)
    services.answer_retake(who.candidate, sitting.id, taken=True, now=ends)
    found = services.sitting_at(vehicle_id=vehicle, at=REPORT + timedelta(minutes=5))
    assert found is not None
    assert found.id == sitting.id
    assert services.sitting_at(vehicle_id=vehicle, at=ends + timedelta(minutes=1)) is None
    with pytest.raises(ValueError, match="terminal or a vehicle"):
        services.sitting_at(at=REPORT)
