"""What is not decided yet loses its seats before it is solved, and gets them back in time."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from exam.booking.models import Pool, Session
from exam.booking.services import offering, rounds
from exam.db import db, transaction
from exam.examday import outages
from exam.examday.models import OutageCause, Vehicle
from exam.examday.resources import VehicleEntry, equip, put_on_duty
from exam.people.roles import Role
from exam.policy.subjects import Subject
from exam.replanning import cutting
from exam.replanning.models import SeatCut
from exam.replanning.proposals import proposal, touched_by
from tests.booking import factories as booking
from tests.booking.factories import NOW

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from flask.testing import FlaskClient

    from exam.booking.models import Round
    from exam.clock import FixedClock
    from exam.people.roles import Actor
    from tests.booking.factories import City


@pytest.fixture
def open_round(city: City) -> Round:
    """A round that takes applications: subject 2 with two vehicles and nine seats."""
    drafts = [booking.session_draft(city, subject=Subject.S2, seats=9, classes=("C1",))]
    found = booking.make_round(city, booking.make_plan(city, drafts))
    with transaction():
        cars = [VehicleEntry(f"C1-0{x}", "C1", Subject.S2) for x in (1, 2)]
        equip(city.sites["north"], vehicles=cars)
    return found


def offered() -> tuple[int, int, int]:
    """Seats of the session, seats and vehicles of its pool."""
    db.session.expire_all()
    (session,) = db.session.scalars(sa.select(Session)).all()
    (pool,) = db.session.scalars(sa.select(Pool)).all()
    return session.seats, pool.seats, pool.vehicles


def put_out(city: City, thing: UUID, cause: OutageCause = OutageCause.REPAIR) -> UUID:
    (session,) = db.session.scalars(sa.select(Session)).all()
    days = (session.date, session.date)
    return outages.enter(city.planner, session.site_id, thing, cause=cause, days=days, now=NOW).id


def cars() -> list[UUID]:
    return list(db.session.scalars(sa.select(Vehicle.id).order_by(Vehicle.code)))


def test_seats_go_once_before_the_round_is_decided_and_come_back(
    city: City, open_round: Round
) -> None:
    assert offered() == (9, 9, 2)
    key = put_out(city, cars()[0])
    assert cutting.cut(key, now=NOW) == 1
    assert offered() == (5, 5, 1)
    assert cutting.follow(now=NOW) == {"cut": 0}
    touched = touched_by(outages.outage_of(city.planner, key))
    assert proposal(touched) == {}, "nothing is left to replan"
    outages.lift(city.planner, key, now=NOW)
    assert cutting.give_back(key, now=NOW) == 1
    assert offered() == (9, 9, 2)
    assert cutting.give_back(key, now=NOW) == 0


def test_the_last_vehicle_takes_all_seats_and_leaves_a_pool_that_can_be_written(
    city: City, open_round: Round
) -> None:
    first, second = cars()
    for car in (first, second):
        cutting.cut(put_out(city, car), now=NOW)
    assert offered() == (0, 0, 1)


def test_two_examiners_take_two_shares(city: City, open_round: Round) -> None:
    (session,) = offering.sessions_of(open_round)
    with transaction():
        made = [booking._staff(city.office_id, Role.EXAMINER, f"examiner{x}") for x in range(3)]
        keys = [x.account_id for x in made if x.account_id]
        put_on_duty(session.site_id, session.date, keys, role=Role.EXAMINER, subjects=[Subject.S2])
    for key, seats in zip(keys[:2], (6, 3), strict=True):
        cutting.cut(put_out(city, key, OutageCause.AWAY), now=NOW)
        assert offered()[0] == seats


def test_a_round_that_is_being_decided_is_left_to_the_replanning(
    city: City, open_round: Round
) -> None:
    key = put_out(city, cars()[0])
    rounds.close_round(city.planner, open_round.id, now=NOW, reason="测试")
    assert cutting.cut(key, now=NOW) == 0
    assert offered() == (9, 9, 2)
    assert db.session.scalars(sa.select(SeatCut)).all() == []


def test_what_was_cut_before_the_window_closed_stays_cut(city: City, open_round: Round) -> None:
    key = put_out(city, cars()[0])
    cutting.cut(key, now=NOW)
    rounds.close_round(city.planner, open_round.id, now=NOW, reason="测试")
    outages.lift(city.planner, key, now=NOW)
    assert cutting.give_back(key, now=NOW) == 0
    assert offered() == (5, 5, 1)


def test_a_round_that_is_opened_later_is_cut_by_the_job(city: City, open_round: Round) -> None:
    key = put_out(city, cars()[0])
    assert cutting.follow(now=NOW) == {"cut": 1}
    outages.lift(city.planner, key, now=NOW)
    cutting.give_back(key, now=NOW)
    assert cutting.follow(now=NOW) == {"cut": 0}, "it is there again"
    put_out(city, cars()[0])
    assert cutting.follow(now=NOW + timedelta(days=30)) == {"cut": 0}, "that day is over"


def test_the_page_tells_what_was_taken_away(
    city: City, open_round: Round, clock: FixedClock, enter: Callable[[Actor], FlaskClient]
) -> None:
    clock.move_to(NOW)
    (session,) = offering.sessions_of(open_round)
    form = {
        "thing": str(cars()[0]),
        "cause": "repair",
        "first_day": session.date.isoformat(),
        "last_day": session.date.isoformat(),
    }
    browser = enter(city.planner)
    made = browser.post(f"/planning/replans/outages/site/{session.site_id}", data=form)
    page = browser.get(made.location).text
    assert "决定前已减少4个考位" in page
    assert offered() == (5, 5, 1)
    lifted = browser.post(f"{made.location}/lift", follow_redirects=True).text
    assert "考位已恢复" in lifted
    assert offered() == (9, 9, 2)
