from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from exam.booking.models import Session
from exam.db import db, transaction
from exam.errors import Conflict, InvalidInput, NotFound, WrongState
from exam.examday import outages
from exam.examday.models import Outage, OutageCause, Vehicle
from exam.examday.resources import VehicleEntry, equip, put_on_duty
from exam.people.models import Account
from exam.people.roles import Actor, Role
from exam.policy.subjects import Subject
from exam.replanning.asking import Cut
from exam.replanning.models import Replan, ReplanKind
from exam.replanning.proposals import proposal, touched_by
from exam.replanning.rules import seats_without_examiners, seats_without_vehicles
from tests.booking import factories as booking
from tests.replanning.factories import LATER, Town

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from flask.testing import FlaskClient

    from exam.clock import FixedClock
    from tests.booking.factories import City

CAR = OutageCause.REPAIR


@pytest.fixture
def driving(city: City) -> Session:
    """A session of subject 2 with two vehicles and nine seats, and one of theory."""
    drafts = [
        booking.session_draft(city, subject=Subject.S2, seats=9, classes=("C1",)),
        booking.session_draft(city, seats=6),
    ]
    booking.make_plan(city, drafts)
    with transaction():
        vehicles = [VehicleEntry(f"C1-0{x}", "C1", Subject.S2) for x in (1, 2)]
        equip(city.sites["north"], vehicles=vehicles)
    return db.session.scalars(sa.select(Session).where(Session.subject == Subject.S2)).one()


def car(city: City) -> UUID:
    where = Vehicle.site_id == city.sites["north"]
    return db.session.scalars(sa.select(Vehicle.id).where(where).order_by(Vehicle.code)).first()


def put_out(city: City, session: Session, thing: UUID, cause: OutageCause = CAR) -> Outage:
    days = (session.date, session.date)
    made = outages.enter(city.planner, session.site_id, thing, cause=cause, days=days, now=LATER)
    return outages.outage_of(city.planner, made.id)


def test_a_vehicle_takes_its_turns_with_it(city: City, driving: Session) -> None:
    (touched,) = touched_by(put_out(city, driving, car(city)))
    assert touched.session.id == driving.id
    assert proposal([touched])[driving.id] == 5, "of nine in two vehicles the other drives five"
    assert outages.live_on(driving.site_id, driving.date) == ({car(city)}, set())
    after = driving.date + timedelta(days=1)
    assert outages.live_on(driving.site_id, after) == (set(), set())


def test_an_examiner_takes_her_share_with_her(city: City, driving: Session) -> None:
    with transaction() as session:
        made = [booking._staff(city.office_id, Role.EXAMINER, f"examiner{x}") for x in range(3)]
        keys = [x.account_id for x in made if x.account_id]
        put_on_duty(driving.site_id, driving.date, keys, role=Role.EXAMINER, subjects=[Subject.S2])
        session.flush()
    (touched,) = touched_by(put_out(city, driving, keys[0], OutageCause.AWAY))
    assert proposal([touched]) == {driving.id: 6}
    assert outages.live_on(driving.site_id, driving.date) == (set(), {keys[0]})


def test_what_is_back_is_drawn_again(city: City, driving: Session) -> None:
    found = put_out(city, driving, car(city))
    outages.lift(city.planner, found.id, now=LATER)
    assert outages.live_on(driving.site_id, driving.date) == (set(), set())
    with pytest.raises(WrongState):
        outages.lift(city.planner, found.id, now=LATER)


def test_a_person_is_only_away_and_nothing_else_is_kept(city: City, driving: Session) -> None:
    with pytest.raises(InvalidInput) as caught:
        put_out(city, driving, car(city), OutageCause.AWAY)
    assert caught.value.field == "cause"
    key = db.session.scalars(sa.select(Account.id).limit(1)).one()
    with pytest.raises(InvalidInput) as caught:
        put_out(city, driving, key)
    assert caught.value.field == "thing", "this account examines nowhere"
    found = put_out(city, driving, car(city))
    with pytest.raises(Conflict) as refused, transaction() as session:
        session.execute(sa.update(Outage).values(cause=OutageCause.AWAY))
    assert refused.value.facts["constraint"] == "ck_outage_a_person_is_only_away"
    foreign = Actor(None, Role.PLANNER, city.sites["north"])
    with pytest.raises(NotFound):
        outages.outage_of(foreign, found.id)


def test_the_page_leads_to_a_replanning_with_the_numbers_filled_in(
    town: Town, clock: FixedClock, enter: Callable[[Actor], FlaskClient]
) -> None:
    clock.move_to(LATER)
    browser = enter(town.city.planner)
    first = town.sessions()[0]
    here = f"/planning/replans/round/R34/new?site=north&first={first.date}&last={first.date}"
    page = browser.get(here)
    assert page.status_code == 200
    form: dict[str, Any] = {
        "kind": ReplanKind.SESSION_CUT.value,
        "note": "少一间考室",
        f"seats-{first.id}": "1",
    }
    bad = browser.post(here, data=form | {f"seats-{first.id}": "99"})
    assert bad.status_code == 422
    made = browser.post(here, data=form)
    assert made.status_code == 303
    found = db.session.scalars(sa.select(Replan)).one()
    town.solve()
    for step in ("sign", "approve", "tell"):
        answer = enter(town.city.leader if step == "approve" else town.city.planner).post(
            f"/planning/replans/{found.id}/{step}"
        )
        assert answer.status_code == 303
    page = enter(town.city.planner).get(f"/planning/replans/{found.id}")
    assert "已通知" in page.get_data(as_text=True)
    public = browser.get("/public/rounds/R34/changes/1.zip")
    assert public.status_code == 200
    assert browser.get("/public/rounds/R34/changes/2.zip").status_code == 404


@given(st.integers(0, 200), st.integers(1, 20), st.integers(0, 25))
def test_vehicles_that_are_left_drive_no_more_than_before(
    seats: int, vehicles: int, out: int
) -> None:
    left = seats_without_vehicles(seats, vehicles, out)
    assert 0 <= left <= seats
    assert left <= max(0, vehicles - out) * -(-seats // vehicles)
    assert seats_without_vehicles(seats, vehicles, 0) == seats


@given(st.integers(0, 200), st.integers(0, 20), st.integers(0, 25))
def test_examiners_who_are_left_hold_no_more_than_before(
    seats: int, examiners: int, away: int
) -> None:
    left = seats_without_examiners(seats, examiners, away)
    assert 0 <= left <= seats
    assert left * examiners <= seats * max(0, examiners - away) or examiners == 0


def test_planner_and_leader_read_the_pages_and_only_the_planner_enters(
    city: City, driving: Session, clock: FixedClock, enter: Callable[[Actor], FlaskClient]
) -> None:
    clock.move_to(LATER)
    here = f"/planning/replans/outages/site/{driving.site_id}"
    form = {
        "thing": str(car(city)),
        "cause": "repair",
        "first_day": driving.date.isoformat(),
        "last_day": driving.date.isoformat(),
    }
    assert enter(city.leader).get(here).status_code == 200
    assert enter(city.leader).post(here, data=form).status_code == 403
    assert enter(city.planner).post(here, data=form | {"cause": "away"}).status_code == 422
    made = enter(city.planner).post(here, data=form)
    assert made.status_code == 303
    for who in (city.planner, city.leader):
        for path in (made.location, here, "/planning/replans/outages"):
            assert enter(who).get(path).status_code == 200
    assert enter(city.leader).post(f"{made.location}/lift").status_code == 403
    assert enter(city.planner).post(f"{made.location}/lift").status_code == 303
    assert db.session.scalars(sa.select(Outage)).one().lifted_at == LATER


def test_the_list_of_a_rounds_changes_can_be_read_at_any_time(
    town: Town, enter: Callable[[Actor], FlaskClient]
) -> None:
    here = "/planning/replans/round/R34"
    assert enter(town.city.planner).get(here).status_code == 200
    town.ask(Cut(town.sessions()[0].id, cancels=True))
    assert enter(town.city.leader).get(here).status_code == 200
    assert enter(town.city.planner).get(f"{here}/guest").status_code == 200
