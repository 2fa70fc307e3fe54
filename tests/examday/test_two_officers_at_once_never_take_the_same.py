from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from exam.db import db, transaction
from exam.errors import Busy, Conflict, KaochangError
from exam.examday import services
from exam.examday.calling import line_of
from exam.examday.models import Sitting, SittingState, Vehicle
from exam.policy.subjects import Subject
from exam.registration.models import SubjectResult
from tests.examday.factories import PACK, REPORT, arrive, book, examiner_of, of_day, seat

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

    from tests.examday.factories import Hall


def at_once(app: Flask, *steps: Callable[[], object]) -> list[object]:
    gate = threading.Barrier(len(steps))
    answers: list[object] = [None] * len(steps)

    def run(number: int, step: Callable[[], object]) -> None:
        with app.app_context():
            gate.wait()
            try:
                found = step()
                answers[number] = found.id if isinstance(found, Sitting) else found
            except KaochangError as error:
                answers[number] = error
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=x) for x in enumerate(steps)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_each_officer_calls_another_person_and_draws_another_vehicle(
    app: Flask, hall: Hall
) -> None:
    people = [book(hall, Subject.S2) for _ in range(4)]
    day_id = hall.opened()
    for who in people:
        arrive(hall, day_id, who)
    line = line_of(of_day(day_id)[people[0].booking_id])
    db.session.remove()

    def call() -> object:
        return services.call_next(hall.officer, day_id, line, pack=PACK, now=REPORT)

    called = [x for x in at_once(app, *[call] * 4) if not isinstance(x, KaochangError)]
    assert len(called) == len(set(called)) == 2
    steps = [
        lambda key=key: services.draw_for(hall.officer, key, pack=PACK, now=REPORT)
        for key in called
        for _ in range(2)
    ]
    drawn = [x for x in at_once(app, *steps) if not isinstance(x, KaochangError)]
    assert sorted(drawn) == sorted(called)
    vehicles = [x.vehicle_id for x in of_day(day_id).values() if x.vehicle_id]
    assert len(vehicles) == len(set(vehicles)) == 2


def test_without_the_lock_the_database_itself_refuses_a_vehicle_twice(hall: Hall) -> None:
    people = [book(hall, Subject.S2) for _ in range(2)]
    day_id = hall.opened()
    for who in people:
        arrive(hall, day_id, who)
    vehicle = db.session.scalar(sa.select(Vehicle.id).limit(1))
    with pytest.raises(Conflict), transaction() as session:
        session.execute(
            sa.update(Sitting)
            .where(Sitting.exam_day_id == day_id)
            .values(state=SittingState.DRAWN, vehicle_id=vehicle)
        )


def test_one_check_in_wins_and_the_other_finds_her_checked_in(app: Flask, hall: Hall) -> None:
    who = book(hall)
    day_id = hall.opened()
    db.session.remove()

    def check_in() -> object:
        return services.check_in(hall.officer, day_id, who.reference, pack=PACK, now=REPORT)

    answers = at_once(app, *[check_in] * 4)
    assert len({x for x in answers if not isinstance(x, Busy)}) == 1


def test_a_result_signed_twice_at_once_is_recorded_once(app: Flask, hall: Hall) -> None:
    who = book(hall)
    sitting = seat(hall, hall.opened(), who)
    examiner = examiner_of(hall, sitting.id)
    services.open_attempt(examiner, sitting.id, pack=PACK, now=REPORT)
    services.confirm_paper(examiner, sitting.id, 90, pack=PACK, now=REPORT)
    services.sign_as_examiner(examiner, sitting.id, pack=PACK, now=REPORT)
    key = sitting.id
    db.session.remove()

    def refuse() -> object:
        return services.note_refusal(hall.leader, key, reason="left", now=REPORT)

    answers = at_once(app, *[refuse] * 3)
    assert sum(isinstance(x, KaochangError) for x in answers) == 2
    assert db.session.scalar(sa.select(sa.func.count()).select_from(SubjectResult)) == 1


def test_a_day_started_by_four_at_once_has_each_booking_once(app: Flask, hall: Hall) -> None:
    for _ in range(5):
        book(hall)
    db.session.remove()
    at_once(app, *[hall.day] * 4)
    tickets = list(db.session.scalars(sa.select(Sitting.ticket).order_by(Sitting.ticket)))
    assert tickets == [f"A00{n}" for n in range(1, 6)]
