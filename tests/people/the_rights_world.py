"""One database with every kind of object, and somebody of every role who has no right to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

import sqlalchemy as sa

from exam.booking.models import Application, Booking, Plan, Round
from exam.db import db, new_id, transaction
from exam.examday.models import (
    Attempt,
    Deduction,
    ExamDay,
    ExceptionRequest,
    Outage,
    Sitting,
)
from exam.live.models import Camera, CameraEvent, ReviewItem
from exam.people import factor_resets, second_factor, visits
from exam.people.access_models import FactorReset, SecondFactor
from exam.people.models import Account, Office, Person, RoleGrant, School, Site
from exam.people.roles import Actor, Role
from exam.privacy import holds
from exam.privacy.key_models import KeyErasure
from exam.privacy.key_rules import Ground
from exam.privacy.models import LegalHold
from exam.registration.models import Case, CaseState, Permit, Upload
from exam.replanning.models import Replan
from exam.rostering.models import Declaration, Qualification, Roster
from exam.rostering.states import Declared, RosterState
from tests.pages.worlds import WORLDS
from tests.people.conftest import make_office, make_person

if TYPE_CHECKING:
    from flask import Flask

    from exam.clock import FixedClock

SCHOOL_ROLES = {Role.SCHOOL_CLERK, Role.SCHOOL_MANAGER}
HERE = {
    "hall": "exam day",
    "examiner": "exam day",
    "signing": "exam day",
    "wall": "cameras",
    "webcam": "exam day",
    "school": "registrations",
    "registration": "registrations",
    "booking": "bookings",
}
"""Blueprints whose things belong to a site, a school or a person inside an office, and the world
that has them: a neighbour in the same office is as much a stranger there as another office is."""


@dataclass
class RightsWorld:
    """Where everything stands that nobody here may see."""

    offices: dict[str, UUID]
    things: dict[str, Any]
    """Name of an address's variable, perhaps with its blueprint, to a real value."""
    secrets: list[str]
    """Names, references and ids: none of them may stand on a stranger's page."""
    strangers: dict[tuple[str, Role], UUID]
    """Accounts: (``foreign`` or the name of a world, role)."""


def make_world(app: Flask, clock: FixedClock) -> RightsWorld:
    """Everything of all parts of the house, each in an office of its own."""
    offices: dict[str, UUID] = {}
    latest = clock.now()
    for name, (make, now) in WORLDS.items():
        known = set(db.session.scalars(sa.select(Office.id)))
        clock.move_to(now)
        latest = max(latest, now)
        for _stage in make(app, clock):
            db.session.commit()
        _make_room(name)
        offices[name] = next(x for x in db.session.scalars(sa.select(Office.id)) if x not in known)
    clock.move_to(latest)
    _ask_reset(offices["exam day"], clock)
    _ask_hold(offices["cameras"], clock)
    _ask_key(offices["cameras"], clock)
    _ask_roster(offices["bookings"], clock)
    things, secrets = _things(), _secrets()
    things["visit_id"] = _somebodys_visit(clock)
    strangers = _strangers(offices, clock)
    return RightsWorld(offices, things, secrets, strangers)


def _make_room(name: str) -> None:
    """Give what is unique a name of this world's own, so that the next one can stand beside it."""
    mark = sa.literal(name[:2] + ".")
    unique = (
        Office.code,
        Account.username,
        Case.serial_number,
        Permit.number,
    )
    with transaction() as session:
        for person in session.scalars(sa.select(Person)):
            if "." not in person.document_number:
                person.document_number = f"{name[:2]}.{person.document_number}"
        for column in unique:
            new = mark + column
            fresh = sa.and_(column.is_not(None), ~column.contains(".", autoescape=True))
            session.execute(
                sa.update(column.class_).where(fresh).values({column: new}),
                execution_options={"synchronize_session": False},
            )


def _ask_reset(office_id: UUID, clock: FixedClock) -> None:
    with transaction():
        owner = _account(office_id, Role.PLANNER, "owner", clock)
        admin = _account(office_id, Role.ADMINISTRATOR, "asker", clock)
    second_factor.begin(owner, now=clock.now())
    with transaction() as session:
        session.execute(sa.update(SecondFactor).values(confirmed_at=clock.now()))
    asking = Actor(admin, Role.ADMINISTRATOR, office_id)
    factor_resets.ask(asking, "owner", "电话丢失", now=clock.now())


def _ask_hold(office_id: UUID, clock: FixedClock) -> None:
    with transaction():
        reviewer = Actor(
            _account(office_id, Role.REVIEWER, "keeper", clock), Role.REVIEWER, office_id
        )
    number = _first(ReviewItem.number)
    holds.ask(reviewer, item=number, document=None, reason="申诉未决", now=clock.now())


def _ask_key(office_id: UUID, clock: FixedClock) -> None:
    """A request that waits; the camera has no key, so that nothing could be erased."""
    with transaction() as session:
        asked_by = _account(office_id, Role.REVIEWER, "key asker", clock)
        session.add(
            KeyErasure(
                id=new_id(),
                office_id=office_id,
                camera_id=_first(Camera.id),
                day=date(2026, 10, 1),
                ground=Ground.NO_EXAM,
                reason="试机录像",
                asked_by=asked_by,
                asked_at=clock.now(),
            )
        )


def _ask_roster(office_id: UUID, clock: FixedClock) -> None:
    """An examiner with a qualification and a day away, and a roster that waits."""
    with transaction() as session:
        account_id = _account(office_id, Role.EXAMINER, "rostered", clock)
        facts = {"account_id": account_id, "entered_at": clock.now(), "entered_by": account_id}
        held = Qualification(
            id=new_id(),
            role=Role.EXAMINER,
            subjects=["S2"],
            classes=["*"],
            weekly_hours=40,
            **facts,
        )
        away = Declaration(
            id=new_id(),
            account_id=account_id,
            kind=Declared.AWAY,
            first_day=date(2030, 1, 1),
            last_day=date(2030, 1, 1),
            declared_at=clock.now(),
            declared_by=account_id,
        )
        roster = Roster(
            id=new_id(),
            office_id=office_id,
            sites=["north"],
            first_day=date(2030, 1, 1),
            last_day=date(2030, 1, 2),
            demands={},
            state=RosterState.ASKED,
            asked_by=account_id,
            asked_at=clock.now(),
        )
        session.add_all([held, away, roster])


def _first(column: Any, *where: Any) -> Any:
    return db.session.scalars(sa.select(column).where(*where).limit(1)).one()


def _things() -> dict[str, Any]:
    sitting = db.session.scalars(sa.select(Sitting).join(Attempt).join(Deduction).limit(1)).one()
    item = _first(ReviewItem)
    waiting = _first(Case, Case.state == CaseState.CONFIRMED)
    return {
        "sitting_id": sitting.id,
        "deduction_id": _first(Deduction.id),
        "day_id": sitting.exam_day_id,
        "hall.site_id": _first(ExamDay.site_id, ExamDay.id == sitting.exam_day_id),
        "request_id": _first(ExceptionRequest.id),
        "review.case_id": waiting.id,
        "registration.case_id": waiting.id,
        "booking.case_id": _first(Application.case_id),
        "upload_id": _first(Upload.id),
        "camera_id": _first(Camera.id),
        "number": item.number,
        "recorder": 1,
        "event_id": _first(CameraEvent.id),
        "booking.key": _first(Application.id),
        "outage_id": _first(Outage.id),
        "replanning.site_id": _first(Outage.site_id),
        "replanning.key": _first(Replan.id),
        "planning.key": _first(Plan.id, Plan.id == _first(Round.plan_id)),
        "rights.key": _first(FactorReset.id),
        "key_erasing.key": _first(KeyErasure.id),
        "rostering.key": _first(Roster.id),
        "rostering.account_id": _first(Qualification.account_id),
        "rostering.role": "examiner",
        "duties.key": _first(Declaration.id),
        "hold_id": _first(LegalHold.id),
        "code": _first(Round.code),
        "reference": _first(Booking.reference, Booking.application_id.is_not(None)),
        "school_id": _first(School.id),
        "subject": "S1",
        "kind": "car",
        "hall.which": "probe",
        "wall.which": "opened",
        "step": "sign",
        "what": "drop",
    }


def _secrets() -> list[str]:
    columns = (
        Booking.reference,
        Case.serial_number,
        Sitting.id,
        Case.id,
        Upload.id,
        Camera.id,
        Application.id,
        FactorReset.id,
        KeyErasure.id,
        Roster.id,
        Declaration.id,
    )
    found = [x for column in columns for x in db.session.scalars(sa.select(column))]
    return [str(x) for x in found if x]


def _strangers(offices: dict[str, UUID], clock: FixedClock) -> dict[tuple[str, Role], UUID]:
    foreign = make_office("foreign").id
    made = {}
    for where, office_id in {"foreign": foreign, **offices}.items():
        with transaction() as session:
            site, school = _site(office_id, where), _school(office_id, where)
            session.add_all([site, school])
            session.flush()
            for role in Role:
                scope = {"school_id": school.id} if role in SCHOOL_ROLES else {"site_id": site.id}
                if role is Role.CANDIDATE or (where == "foreign" and role not in SCHOOL_ROLES):
                    scope = {}
                key = _account(office_id, role, f"{where}-{role}", clock, **scope)
                made[where, role] = key
        _give_person(made[where, Role.CANDIDATE], office_id, len(made))
    return made


def _give_person(account_id: UUID, office_id: UUID, number: int) -> None:
    office = db.session.get_one(Office, office_id)
    person = make_person(office, f"stranger{number}", date(1999, 1, 1))
    with transaction() as session:
        session.get_one(Account, account_id).person_id = person.id


def _account(office_id: UUID, role: Role, name: str, clock: FixedClock, **scope: UUID) -> UUID:
    account = Account(
        id=new_id(),
        office_id=office_id,
        username=name,
        display_name=name,
        created_at=clock.now(),
    )
    account.grants = [RoleGrant(role=role, office_id=office_id, since=clock.now(), **scope)]
    db.session.add(account)
    db.session.flush()
    return account.id


def _site(office_id: UUID, code: str) -> Site:
    return Site(
        id=new_id(),
        office_id=office_id,
        code=f"far {code}",
        name_zh="远考场",
        name_en="Far site",
        address_zh="路",
        address_en="Road",
        time_zone="Asia/Shanghai",
        island=False,
        simulated=True,
    )


def _school(office_id: UUID, code: str) -> School:
    return School(
        id=new_id(),
        office_id=office_id,
        code=f"far {code}",
        name_zh="远驾校",
        name_en="Far school",
        online=True,
        simulated=True,
    )


def _somebodys_visit(clock: FixedClock) -> UUID:
    """A browser of somebody else, which nobody but the owner may end."""
    with transaction() as session:
        owner = session.scalars(sa.select(Account).where(Account.username == "owner")).one()
        visit = visits.begin(owner.id, epoch=0, device="", address="", now=clock.now())
        return visit.id
