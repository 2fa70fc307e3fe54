"""A small site on its exam day: staff, equipment, and candidates with bookings."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from exam.booking.models import Booking, BookingState, Plan, PlanState, Pool, Seat, Session
from exam.db import db, new_id, transaction
from exam.examday import services
from exam.examday.calling import line_of
from exam.examday.desk import read_sitting, sittings_of
from exam.examday.models import Sitting
from exam.examday.resources import LaneEntry, RoomEntry, VehicleEntry, equip, put_on_duty
from exam.people.models import (
    NeedKind,
    Person,
    Provenance,
    SupportNeed,
)
from exam.people.roles import Actor, Role
from exam.policy import pack as packs
from exam.policy.subjects import Subject
from exam.registration.models import Case
from tests.factories import (
    make_account,
    make_case,
    make_office,
    make_permit,
    make_person,
    make_site,
)

DAY = date(2026, 8, 17)
OPENING = datetime(2026, 8, 17, 0, 0, tzinfo=UTC)  # 08:00 at the site
REPORT = OPENING + timedelta(hours=1)
ENDS = REPORT + timedelta(hours=3)
PACK = packs.load(("cn",))
KINDS = {Subject.S1: "terminal", Subject.S2: "C1", Subject.S3R: "C1", Subject.S3T: "terminal"}

_number = itertools.count(1)


@dataclass(frozen=True)
class Hall:
    """Who works at the site, and its id."""

    office_id: UUID
    site_id: UUID
    officer: Actor
    leader: Actor
    leader_two: Actor
    examiner: Actor
    examiner_two: Actor
    sessions: dict[Subject, UUID]

    def day(self) -> UUID:
        return services.start_day(self.site_id, DAY, now=OPENING).id

    def opened(self) -> UUID:
        day_id = self.day()
        ready = PACK.words("day.checklist")
        services.open_day(self.officer, day_id, ready=ready, pack=PACK, now=OPENING)
        return day_id


def make_hall() -> Hall:
    with transaction() as session:
        office = make_office()
        site = make_site(office.id, "north")
        officer, leader, leader_two, examiner, examiner_two = (
            _staff(office.id, site.id, role, name)
            for role, name in (
                (Role.HALL_OFFICER, "值机小王"),
                (Role.DUTY_LEADER, "带班老陈"),
                (Role.DUTY_LEADER, "带班老林"),
                (Role.EXAMINER, "考试员周"),
                (Role.EXAMINER, "考试员吴"),
            )
        )
        _equipment(site.id)
        duty = [examiner.account_id, examiner_two.account_id]
        put_on_duty(
            site.id, DAY, [x for x in duty if x], role=Role.EXAMINER, subjects=list(Subject)
        )
        plan = Plan(
            id=new_id(),
            office_id=office.id,
            code="P1",
            state=PlanState.PUBLISHED,
            first_day=DAY,
            last_day=DAY,
            published_at=OPENING - timedelta(days=14),
        )
        session.add(plan)
        session.flush()
        sessions = {x: _session(office.id, site.id, plan.id, x) for x in Subject}
    return Hall(office.id, site.id, officer, leader, leader_two, examiner, examiner_two, sessions)


def _equipment(site_id: UUID) -> None:
    equip(
        site_id,
        vehicles=[
            VehicleEntry(f"{s}-{n}", "C1", s) for s in (Subject.S2, Subject.S3R) for n in (1, 2)
        ],
        rooms=[RoomEntry("R1", "第一考室", "Room 1", ("01", "02", "03"))],
        lanes=[
            LaneEntry("L1", Subject.S2, "一号道", "Lane 1"),
            LaneEntry("L2", Subject.S2, "二号道", "Lane 2"),
            LaneEntry("R-A", Subject.S3R, "线路甲", "Route A"),
        ],
    )


def _session(office_id: UUID, site_id: UUID, plan_id: UUID, subject: Subject) -> UUID:
    row = Session(
        id=new_id(),
        code=f"north-{subject}",
        office_id=office_id,
        plan_id=plan_id,
        site_id=site_id,
        subject=subject,
        date=DAY,
        starts_at=REPORT,
        ends_at=ENDS,
        seats=500,
    )
    db.session.add(row)
    db.session.flush()
    db.session.add(
        Pool(
            id=new_id(),
            code=f"north-{subject}-{KINDS[subject]}",
            session_id=row.id,
            kind=KINDS[subject],
            classes=["C1"],
            seats=500,
            vehicles=0 if subject.theory else 2,
            offers=[],
        )
    )
    db.session.flush()
    return row.id


def _staff(office_id: UUID, site_id: UUID, role: Role, name: str) -> Actor:
    username = f"staff{next(_number)}"
    return make_account(office_id, role, username, name=name, site_id=site_id, at=OPENING)


@dataclass(frozen=True)
class Booked:
    """A candidate with a booking on the day."""

    candidate: Actor
    booking_id: UUID
    case_id: UUID
    reference: str
    document: str
    person_id: UUID


def book(
    hall: Hall,
    subject: Subject = Subject.S1,
    *,
    need: NeedKind | None = None,
    starts: timedelta = timedelta(0),
    drawn_photo: bool = True,
) -> Booked:
    with transaction() as session:
        number = next(_number)
        person = make_person(
            hall.office_id,
            number,
            at=OPENING - timedelta(days=90),
            name=f"考生{number:03d}",
            document_number=f"99020019980101{number:04d}",
            birth_date=date(1998, 1, 1),
            address="测试街道",
            photo=f"photos/{number}.jpg",
            photo_simulated=drawn_photo,
            provenance=Provenance.SCHOOL,
        )
        if need:
            session.add(
                SupportNeed(id=new_id(), person_id=person.id, kind=need, declared_at=OPENING)
            )
        actor = make_account(
            hall.office_id,
            Role.CANDIDATE,
            f"candidate{number}",
            name=person.name,
            person=person,
            at=OPENING,
        )
        case = _case(person, number, subject)
        booking = _booking(hall, case, person, number=number, subject=subject, starts=starts)
        session.flush()
    return Booked(actor, booking.id, case.id, booking.reference, person.document_number, person.id)


def _case(person: Person, number: int, subject: Subject) -> Case:
    accepted = OPENING - timedelta(days=80)
    case = make_case(person, f"N{number:08d}", at=accepted, confirmed_at=accepted)
    if subject is not Subject.S1:
        issued, until = DAY - timedelta(days=70), DAY + timedelta(days=900)
        make_permit(case, f"P{number}", issued, until, basis="national")
    return case


def _booking(
    hall: Hall, case: Case, person: Person, *, subject: Subject, number: int, starts: timedelta
) -> Booking:
    session_id = hall.sessions[subject]
    pool = db.session.query(Pool).filter_by(session_id=session_id).one()
    seat = Seat(id=new_id(), pool_id=pool.id, number=number)
    db.session.add(seat)
    db.session.flush()
    booking = Booking(
        id=new_id(),
        reference=f"KC{number:06d}",
        office_id=hall.office_id,
        case_id=case.id,
        person_number=person.number,
        subject=subject,
        session_id=session_id,
        pool_id=pool.id,
        seat_id=seat.id,
        starts_at=REPORT + starts,
        ends_at=ENDS,
        state=BookingState.BOOKED,
        created_at=OPENING - timedelta(days=7),
    )
    db.session.add(booking)
    return booking


def arrive(hall: Hall, day_id: UUID, who: Booked, at: datetime = REPORT) -> Sitting:
    """Check in and have a person confirm the identity."""
    sitting = services.check_in(hall.officer, day_id, who.reference, pack=PACK, now=at)
    return services.confirm_by_person(hall.officer, sitting.id, now=at)


def seat(hall: Hall, day_id: UUID, who: Booked, at: datetime = REPORT) -> Sitting:
    """Check in, call and draw; nobody else may wait in the same line."""
    sitting = arrive(hall, day_id, who, at)
    line = line_of(read_sitting(hall.officer, sitting.id))
    called = services.call_next(hall.officer, day_id, line, pack=PACK, now=at)
    assert called is not None
    assert called.id == sitting.id
    return services.draw_for(hall.officer, sitting.id, pack=PACK, now=at)


def examiner_of(hall: Hall, sitting_id: UUID) -> Actor:
    """The examiner whom the draw gave."""
    found = read_sitting(hall.officer, sitting_id).examiner_id
    both = (hall.examiner, hall.examiner_two)
    return next(x for x in both if x.account_id == found)


def of_day(day_id: UUID) -> dict[UUID, Sitting]:
    """The day's sittings by booking, fresh."""
    return {x.booking_id: x for x in sittings_of(day_id, fresh=True)}
