from __future__ import annotations

import random
from collections import Counter
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from exam.db import db
from exam.errors import InvalidInput
from exam.examday import services
from exam.examday.drawing import draws_of, repeat
from exam.examday.models import Attempt, DayState, Draw, Signature, SittingState
from exam.examday.services import Script, Staff, Tried
from exam.policy.subjects import Subject
from exam.registration.models import Permit, SubjectResult
from tests.examday.factories import DAY, PACK, book, of_day

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from tests.examday.factories import Booked, Hall

GOOD = Tried(right=97)
BAD = Tried(right=40)
STALL = Tried(codes=("s2.general.stall", "s2.general.stall", "s2.general.stall"))


def scripts_for(booked: list[tuple[Subject, Booked]]) -> dict[UUID, Script]:
    rng = random.Random(7)
    found = {}
    for subject, who in booked:
        good, bad = (GOOD, BAD) if subject is Subject.S1 else (Tried(), STALL)
        found[who.booking_id] = rng.choice(
            [
                Script((good,)),
                Script((good,)),
                Script((bad, good)),
                Script((bad, bad)),
                Script((bad,)),
                Script(),
                Script((good,), no_fault="power"),
            ]
        )
    return found


def run(hall: Hall, booked: list[tuple[Subject, Booked]]) -> UUID:
    staff = Staff(hall.officer, hall.leader)
    return services.run_bulk(hall.site_id, DAY, scripts_for(booked), staff=staff, pack=PACK).id


def test_everybody_ends_with_a_result_that_two_signed_or_is_released(hall: Hall) -> None:
    booked = [(s, book(hall, s)) for s in (Subject.S1, Subject.S2) for _ in range(20)]
    day_id = run(hall, booked)
    sittings = of_day(day_id)
    scripts = scripts_for(booked)
    assert next(iter(sittings.values())).day.state is DayState.CLOSED
    signatures = Counter(db.session.scalars(sa.select(Signature.sitting_id)))
    results = {x.sitting_id: x for x in db.session.scalars(sa.select(SubjectResult))}
    for _, who in booked:
        sitting, script = sittings[who.booking_id], scripts[who.booking_id]
        result = results[sitting.id]
        assert result.outcome == sitting.outcome
        if script.no_fault:
            assert (sitting.state, signatures[sitting.id]) == (SittingState.RELEASED, 0)
            assert not result.booking_counts
        else:
            assert (sitting.state, signatures[sitting.id]) == (SittingState.SIGNED, 2)
            assert len(sitting.attempts) == len(script.tries)
    permits = set(
        db.session.scalars(sa.select(Permit.result_id).where(Permit.result_id.is_not(None)))
    )
    assert permits == {
        x.id for x in results.values() if x.subject is Subject.S1 and x.outcome == "passed"
    }


def test_no_place_and_no_examiner_is_used_beyond_what_it_holds(hall: Hall) -> None:
    run(hall, [(s, book(hall, s)) for s in (Subject.S2, Subject.S3R) for _ in range(12)])
    rows = list(db.session.scalars(sa.select(Attempt)))
    assert rows
    for one in rows:
        others = [x for x in rows if x.opened_at < one.ended_at and x.ended_at > one.opened_at]
        places = Counter(x.vehicle_id or x.terminal_id for x in others)
        assert places[one.vehicle_id or one.terminal_id] == 1
        watched = [x.sitting_id for x in others if x.examiner_id == one.examiner_id]
        assert len(watched) <= 4


def test_every_draw_of_the_day_can_be_repeated(hall: Hall) -> None:
    day_id = run(hall, [(Subject.S2, book(hall, Subject.S2)) for _ in range(6)])
    for sitting in of_day(day_id).values():
        for row in draws_of(sitting.id):
            assert set(repeat(row.record)) == {"examiner", "place", "lane"}
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Draw))


def test_who_cannot_be_examined_stops_the_run_and_is_named(hall: Hall) -> None:
    who = book(hall, Subject.S2)
    db.session.execute(sa.text("UPDATE vehicle SET kind = 'B2'"))
    db.session.commit()
    with pytest.raises(InvalidInput) as caught:
        services.run_bulk(
            hall.site_id,
            DAY,
            {who.booking_id: Script((Tried(),))},
            staff=Staff(hall.officer, hall.leader),
            pack=PACK,
        )
    assert caught.value.facts["stuck"] == ["B001"]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(SubjectResult)) == 0


def test_a_day_in_bulk_asks_the_database_a_few_times_a_person(
    hall: Hall, statements: Callable[[Callable[[], object]], list[str]]
) -> None:
    booked = [(Subject.S1, book(hall)) for _ in range(80)]
    asked = statements(lambda: run(hall, booked))
    assert len(asked) < 25 * len(booked), Counter(x[:60] for x in asked).most_common(8)
