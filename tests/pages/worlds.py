"""Small worlds, one for each part of the house, in which every page has something to show.

A world yields stages: who looks at which addresses while things stand so. What these pages link to
is visited besides, each endpoint once.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import sqlalchemy as sa

from exam.booking.models import Application, Booking
from exam.booking.rules import Wish
from exam.booking.services import applications, publishing, rounds, solving
from exam.db import db, transaction
from exam.examday import attempts, exceptions, outages, signing
from exam.examday import services as day_services
from exam.examday.models import OutageCause, Vehicle
from exam.examday.resources import VehicleEntry, equip
from exam.live import services
from exam.live.forwarder import known_streams
from exam.live.pulse import Pulse
from exam.live.streams import EVIDENCE, TILE, folder_of
from exam.people.guards import actor_of
from exam.people.models import Person
from exam.people.roles import Role
from exam.policy.subjects import Subject
from exam.registration.confirmation import Confirmation, confirm_many
from exam.registration.uploads import register_rows
from exam.replanning.asking import Cut
from exam.rostering import asking, staff
from exam.rostering import solving as solving_rosters
from tests.application import MONDAY
from tests.booking import factories as booking
from tests.examday import factories as examday
from tests.live.conftest import Worker, forward_all, make_account, make_camera, make_place
from tests.registration import factories as registration
from tests.replanning import factories as changed
from tests.rostering import factories as rostering

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from flask import Flask

    from exam.clock import FixedClock
    from exam.people.roles import Actor

    Stage = list[tuple[Actor | None, list[str]]]
    World = Callable[[Flask, FixedClock], Iterator[Stage]]


CODE = "s2.garage.too_long"


def bookings(app: Flask, clock: FixedClock) -> Iterator[Stage]:
    """A round that takes applications, then the same round published."""
    del clock
    city = booking.make_city()
    drafts = [
        booking.session_draft(city, hour=hour, seats=2, site=site)
        for hour in (9, 14)
        for site in ("north", "south")
    ]
    drafts.append(booking.session_draft(city, subject=Subject.S2, seats=4, classes=("C1",)))
    found = booking.make_round(city, booking.make_plan(city, drafts))
    people = booking.make_candidates(city, 10, permit_issued=None)
    wishes = [Wish(x.case_id, Subject.S1, any_session=True) for x in people[1:]]
    applications.apply_many(wishes, found.id, now=booking.NOW, pack=booking.PACK)
    mine = str(db.session.scalars(sa.select(Application.id).limit(1)).one())
    owner = _owner(people, mine)
    yield [
        (None, ["/public/"]),
        (people[0].actor, ["/my/booking/"]),
        (owner, [f"/my/booking/application/{mine}"]),
        (city.planner, ["/planning/", "/planning/plans/new", "/planning/rounds/R34"]),
    ]
    folder = app.config["KAOCHANG"].data_folder
    rounds.close_round(city.planner, found.id, now=booking.NOW, reason="测试")
    solving.advance(now=booking.NOW, pack=booking.PACK, data_folder=folder)
    known = "/planning/rounds/R34"
    yield [
        (city.planner, [known, f"{known}/worth", f"{known}/fairness"]),
        (city.inspector, ["/inspection/", "/inspection/rounds/R34/fairness"]),
    ]
    publishing.sign_round(city.planner, found.id, now=booking.NOW)
    publishing.publish_round(city.leader, found.id, now=booking.NOW, data_folder=folder)
    seated = db.session.scalars(sa.select(Booking).limit(1)).one()
    refused = db.session.scalars(
        sa.select(Application).where(Application.state == "refused").limit(1)
    ).one()
    ticket = f"/my/booking/ticket/{seated.reference}"
    yield [
        (None, ["/public/rounds/R34", "/public/plans"]),
        (
            _owner(people, str(seated.application_id)),
            [f"/my/booking/application/{seated.application_id}", ticket, f"{ticket}/cancel"],
        ),
        (_owner(people, str(refused.id)), [f"/my/booking/application/{refused.id}", "/my/"]),
        (city.leader, ["/planning/rounds/R34"]),
    ]
    yield from _changes(changed.Town(city, found.id, people, folder))


def _changes(town: changed.Town) -> Iterator[Stage]:
    """A session falls out after the results: asked, drafted, approved, told."""
    planner, leader, here = town.city.planner, town.city.leader, "/planning/replans"
    first = town.sessions()[0]
    north = town.city.sites["north"]
    with transaction():
        equip(north, vehicles=[VehicleEntry("C1-01", "C1", Subject.S2)])
    car = db.session.scalars(sa.select(Vehicle.id).where(Vehicle.site_id == north)).one()
    days = (first.date, first.date)
    repair = OutageCause.REPAIR
    out = outages.enter(planner, north, car, cause=repair, days=days, now=booking.NOW).id
    yield [
        (planner, [f"{here}/outages", f"{here}/outages/site/{north}", f"{here}/outages/{out}"]),
        (leader, [f"{here}/outages/site/{town.city.sites['south']}"]),
    ]
    shown = f"site=north&first={first.date}&last={first.date}"
    yield [
        (planner, [f"{here}/round/R34", f"{here}/round/R34/new"]),
        (planner, [f"{here}/round/R34/new?{shown}", f"{here}/round/R34/guest"]),
    ]
    key = town.ask(Cut(first.id, cancels=True), now=booking.NOW)
    yield [(planner, [f"{here}/{key}"])]
    town.sign(key, now=booking.NOW)
    yield [(leader, [f"{here}/{key}", f"{here}/round/R34"])]
    town.tell(key, now=booking.NOW)
    yield [(planner, [f"{here}/{key}"]), (None, ["/public/rounds/R34"])]
    yield [(town.city.inspector, ["/inspection/"])]
    yield from _rosters(town.city)


def _rosters(city: booking.City) -> Iterator[Stage]:
    """A roster that waits, one that cannot be, one in force, and its people."""
    crew = rostering.Crew(city)
    rostering.hire(crew)
    here, days = "/planning/rosters", (booking.FIRST_DAY, booking.LAST_DAY)
    asked = {"sites": ["north"], "days": days, "demands": asking.usual(booking.PACK)}
    waiting = asking.ask(city.planner, **asked, pack=booking.PACK, now=booking.NOW).id
    someone = crew.people["周安"]
    one = f"{here}/people/{someone.account_id}/examiner"
    yield [(city.planner, [f"{here}/{waiting}", f"{here}/people", one, f"{one}/away"])]
    solving_rosters.advance(now=booking.NOW)
    crew.agree(waiting)
    many = replace(asking.usual(booking.PACK), cars_per_safety_officer=1, weekly_hours=1)
    short = crew.ask(sites=["south"], days=days, demands=many)
    staff.declare_avoided(someone, city.sites["south"], now=booking.NOW)
    yield [
        (city.planner, [here + "/", f"{here}/{waiting}", f"{here}/{short}"]),
        (someone, ["/duties/", "/duties/away", "/duties/avoided"]),
    ]


def _owner(people: list[booking.Candidate], application_id: str) -> Actor:
    case_id = db.session.scalars(
        sa.select(Application.case_id).where(Application.id == application_id)
    ).one()
    return next(x.actor for x in people if x.case_id == case_id)


def exam_day(app: Flask, clock: FixedClock) -> Iterator[Stage]:
    """A day with somebody in every state."""
    del clock
    hall = examday.make_hall()
    preparing = hall.day()
    folder = app.config["KAOCHANG"].data_folder
    expected = examday.book(hall)
    yield [(hall.officer, ["/hall/", f"/hall/day/{preparing}", f"/hall/day/{preparing}/open"])]
    day = hall.opened()
    ready, waiting = examday.book(hall), examday.book(hall)
    driving, failing = (examday.book(hall, Subject.S2) for _ in range(2))
    for photo in db.session.scalars(sa.select(Person.photo)):
        (folder / str(photo)).parent.mkdir(exist_ok=True)
        (folder / str(photo)).write_bytes(registration.picture())
    day_services.start_day(hall.site_id, examday.DAY, now=examday.REPORT)
    desk = day_services.check_in(
        hall.officer, day, waiting.reference, pack=examday.PACK, now=examday.REPORT
    )
    computer = examday.seat(hall, day, ready)
    car = examday.seat(hall, day, driving)
    driver = examday.examiner_of(hall, car.id)
    attempts.open_attempt(driver, car.id, pack=examday.PACK, now=examday.REPORT)
    other = examday.seat(hall, day, failing)
    second = examday.examiner_of(hall, other.id)
    attempts.open_attempt(second, other.id, pack=examday.PACK, now=examday.REPORT)
    attempts.note_deduction(second, other.id, CODE, now=examday.REPORT)
    attempts.end_attempt(second, other.id, pack=examday.PACK, now=examday.REPORT)
    exceptions.ask_redraw(hall.officer, computer.id, reason="测试", now=examday.REPORT)
    sitting = "/hall/sitting"
    yield [
        (hall.officer, [f"/hall/day/{day}", f"/hall/day/{day}/check-in", f"{sitting}/{desk.id}"]),
        (hall.officer, [f"{sitting}/{desk.id}/doubt", f"{sitting}/{car.id}/exception"]),
        (hall.leader, [f"/hall/day/{day}/close"]),
        (None, ["/board/north"]),
        (driver, ["/examiner/", f"/examiner/sitting/{car.id}"]),
        (second, [f"/examiner/sitting/{other.id}"]),
        (expected.candidate, ["/my/result/", "/my/"]),
        (failing.candidate, ["/my/result/"]),
        (waiting.candidate, ["/my/result/"]),
    ]
    attempts.answer_retake(second, other.id, taken=False, now=examday.REPORT)
    signing.sign_as_examiner(second, other.id, pack=examday.PACK, now=examday.REPORT)
    supervising = examday.examiner_of(hall, computer.id)
    attempts.open_attempt(supervising, computer.id, pack=examday.PACK, now=examday.REPORT)
    yield [
        (ready.candidate, [f"/my/camera/{computer.id}"]),
        (second, [f"/examiner/sitting/{other.id}"]),
        (failing.candidate, [f"/my/result/{other.id}", f"/my/result/{other.id}/draw"]),
        (hall.leader, [f"{sitting}/{other.id}/refusal"]),
    ]


def registrations(app: Flask, clock: FixedClock) -> Iterator[Stage]:
    """An upload with a refused row, a person who confirms, a case to review."""
    del app, clock
    house = registration.make_house()
    rows = [registration.row(2), registration.row(3, phone="x"), registration.row(4)]
    upload = register_rows(
        house.clerk,
        registration.delivery(rows, photo_simulated=True),
        now=registration.NOW,
        pack=registration.PACK,
    )
    first, second = registration.cases_of(upload)
    person, waits = registration.candidate(first), registration.candidate(second, "second")
    wish = Confirmation(case_id=second.id, mandate=True)
    confirm_many([wish], now=registration.NOW)
    roles = (
        Role.INSPECTOR,
        Role.ADMINISTRATOR,
        Role.SAFETY_OFFICER,
        Role.FIRST_AIDER,
        Role.APPEALS_MEMBER,
    )
    with transaction():
        others = [registration.staff(house.office_id, x, f"{x}1") for x in roles]
        manager = registration.staff(house.office_id, Role.SCHOOL_MANAGER, "m", house.school_id)
    yield [
        (None, ["/", "/sign-in", "/activate", "/apply/", "/apply/done", "/no-such-page"]),
        (house.clerk, ["/school/", f"/school/uploads/{upload.id}"]),
        (house.reviewer, ["/review/", f"/review/{second.id}"]),
        (person, ["/my/", f"/my/registration/{first.id}"]),
        (waits, ["/my/", "/mandates"]),
        *[(x, ["/inside"]) for x in (manager, *others)],
    ]


def cameras(app: Flask, clock: FixedClock) -> Iterator[Stage]:
    """A wall with items of both groups, called and noted."""
    place = make_place()
    camera = make_camera(place)
    folder = folder_of(app.config["KAOCHANG"].data_folder, camera.stream)
    worker = Worker(folder, clock)
    for at, kind in enumerate(("several_faces", "face_absent", "camera_covered", "not_watched")):
        number = worker.seen(kind, at_ms=at * 60_000, severity="alert" if at % 2 == 0 else "notice")
        worker.clip(number)
        (folder / EVIDENCE / f"{number:04}-opened.jpg").write_bytes(registration.picture())
    forward_all(worker)
    worker.ledger.close()
    (folder / TILE).write_bytes(registration.picture())
    Pulse(app.config["KAOCHANG"].data_folder).beat(known_streams())
    people = {
        role: actor_of(account, account.grants[0])
        for role in (Role.EXAMINER, Role.SITE_OPERATOR, Role.SUPERVISOR, Role.INVIGILATOR)
        for account in [make_account(place, role, site=place.site)]
    }
    yield [
        (people[Role.EXAMINER], ["/wall", "/wall/items/1"]),
        (people[Role.SITE_OPERATOR], ["/wall"]),
        (people[Role.SUPERVISOR], ["/inside", "/inspection/"]),
    ]
    services.acknowledge(people[Role.EXAMINER], 1, now=MONDAY)
    yield [(people[Role.EXAMINER], ["/wall", "/wall/items/1"])]


WORLDS: dict[str, tuple[World, datetime]] = {
    "bookings": (bookings, booking.NOW),
    "exam day": (exam_day, examday.REPORT),
    "registrations": (registrations, registration.NOW),
    "cameras": (cameras, MONDAY),
}
