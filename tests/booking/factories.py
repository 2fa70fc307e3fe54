"""A small city for the tests of booking: office, sites, staff, candidates with permits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa

from exam.booking.plan_rules import PoolDraft, SessionDraft
from exam.booking.services import plans, rounds
from exam.db import db, new_id, transaction
from exam.people.models import (
    Account,
    Office,
    OfficeKind,
    Person,
    Provenance,
    RoleGrant,
    Site,
    SiteAuthorisation,
    SupportNeed,
)
from exam.people.roles import Actor, Role
from exam.policy import pack as packs
from exam.policy import workdays
from exam.policy.subjects import Subject
from exam.registration.models import Case, Permit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from exam.booking.models import Plan, Round

NOW = datetime(2026, 8, 3, 1, 0, tzinfo=UTC)  # a Monday, 09:00 in China
TODAY = date(2026, 8, 3)
FIRST_DAY = date(2026, 8, 17)
LAST_DAY = date(2026, 8, 21)
ZONE = "Asia/Shanghai"
PACK = packs.load(("cn",))
CALENDAR = workdays.load()


@dataclass(frozen=True)
class City:
    """Ids of what stands in the test's city."""

    office_id: UUID
    sites: dict[str, UUID]
    planner: Actor
    leader: Actor
    leader_two: Actor
    inspector: Actor


def make_city() -> City:
    with transaction() as session:
        office = Office(
            id=new_id(),
            code="T1",
            kind=OfficeKind.OFFICE,
            name_zh="测试车管所",
            name_en="Test office",
            help_phone="12123",
        )
        session.add(office)
        session.flush()
        sites = {code: _site(office.id, code) for code in ("north", "south")}
        staff = [
            _staff(office.id, role, name)
            for role, name in (
                (Role.PLANNER, "planner"),
                (Role.DUTY_LEADER, "leader"),
                (Role.DUTY_LEADER, "leader2"),
                (Role.INSPECTOR, "inspector"),
            )
        ]
        return City(office.id, sites, *staff)


def _site(office_id: UUID, code: str) -> UUID:
    site = Site(
        id=new_id(),
        office_id=office_id,
        code=code,
        name_zh={"north": "城北考场", "south": "城南考场"}[code],
        name_en=f"{code.title()} site",
        address_zh="测试路1号",
        address_en="1 Test Road",
        time_zone=ZONE,
        island=False,
        simulated=True,
    )
    db.session.add(site)
    db.session.flush()
    for subject in Subject:
        classes = ["C1", "C2", "C5"] if code == "north" else ["C1", "C2"]
        db.session.add(SiteAuthorisation(site_id=site.id, subject=subject, classes=classes))
    return site.id


def _staff(office_id: UUID, role: Role, name: str) -> Actor:
    account = Account(
        id=new_id(), office_id=office_id, username=name, display_name=name, created_at=NOW
    )
    account.grants = [RoleGrant(role=role, office_id=office_id, since=NOW - timedelta(days=900))]
    db.session.add(account)
    db.session.flush()
    return Actor(account_id=account.id, role=role, office_id=office_id)


@dataclass(frozen=True)
class Candidate:
    """A candidate with one accepted case."""

    actor: Actor
    person_id: UUID
    case_id: UUID


def make_candidates(
    city: City,
    count: int,
    *,
    licence_class: str = "C1",
    permit_issued: date | None = date(2026, 5, 1),
    permit_until: date = date(2029, 4, 30),
    needs: Sequence[str] = (),
    born: date = date(1998, 5, 5),
    accepted_at: datetime = NOW - timedelta(days=60),
) -> list[Candidate]:
    """Accepted cases, each a minute later than the one before; a permit where it is given."""
    made = []
    with transaction() as session:
        offset = session.scalar(sa.select(sa.func.count()).select_from(Person)) or 0
        for number in range(offset, offset + count):
            person_id, case_id, account_id = new_id(), new_id(), new_id()
            session.add_all(
                [
                    _person(city, person_id, number, born),
                    _account(city, account_id, person_id, number),
                ]
            )
            session.flush()
            session.add(
                _case(
                    city,
                    case_id,
                    person_id,
                    number,
                    licence_class=licence_class,
                    at=accepted_at,
                )
            )
            session.flush()
            if permit_issued:
                session.add(_permit(case_id, number, permit_issued, permit_until))
            session.add_all(
                SupportNeed(id=new_id(), person_id=person_id, kind=kind, declared_at=NOW)
                for kind in needs
            )
            actor = Actor(
                account_id=account_id,
                role=Role.CANDIDATE,
                office_id=city.office_id,
                person_id=person_id,
            )
            made.append(Candidate(actor, person_id, case_id))
    return made


def _person(city: City, person_id: UUID, number: int, born: date) -> Person:
    return Person(
        id=person_id,
        office_id=city.office_id,
        name=f"测试{number}",
        document_type="identity_card",
        document_number=f"11010119980505{number:04}",
        birth_date=born,
        sex="female",
        phone="13800000000",
        address="测试",
        provenance=Provenance.SELF,
        created_at=NOW,
    )


def _account(city: City, account_id: UUID, person_id: UUID, number: int) -> Account:
    account = Account(
        id=account_id,
        office_id=city.office_id,
        username=f"candidate{number}",
        display_name=f"测试{number}",
        person_id=person_id,
        created_at=NOW,
    )
    account.grants = [
        RoleGrant(role=Role.CANDIDATE, office_id=city.office_id, since=NOW - timedelta(days=900))
    ]
    return account


def _case(
    city: City, case_id: UUID, person_id: UUID, number: int, *, licence_class: str, at: datetime
) -> Case:
    return Case(
        id=case_id,
        office_id=city.office_id,
        person_id=person_id,
        serial_number=f"26{number:08}",
        licence_class=licence_class,
        pathway="first" if licence_class != "C5" else "to_c5",
        training_source="self",
        state="accepted",
        created_at=NOW,
        accepted_at=at + timedelta(minutes=number),
    )


def _permit(case_id: UUID, number: int, issued: date, until: date) -> Permit:
    return Permit(
        id=new_id(),
        case_id=case_id,
        number=f"P{number:08}",
        issued_on=issued,
        valid_until=until,
        basis="acceptance",
    )


def session_draft(
    city: City,
    *,
    day: date = FIRST_DAY,
    site: str = "north",
    subject: Subject = Subject.S1,
    hour: int = 9,
    seats: int = 4,
    kind: str | None = None,
    classes: Sequence[str] = ("*",),
    offers: Sequence[str] = (),
) -> SessionDraft:
    """A session of an hour and a half with one pool."""
    pool = PoolDraft(
        kind=kind or ("terminal" if subject.theory else "C1"),
        classes=tuple(classes),
        seats=seats,
        vehicles=0 if subject.theory else 2,
        offers=tuple(offers),
    )
    return SessionDraft(
        city.sites[site], subject, day, time(hour), time(hour + 1, 30), seats, (pool,)
    )


def make_plan(
    city: City, drafts: Sequence[SessionDraft], *, code: str = "2026-34", now: datetime = NOW
) -> Plan:
    """A published plan over the week of the tests."""
    plan = plans.create_plan(
        city.planner, code=code, days=(FIRST_DAY, LAST_DAY), sessions=drafts, now=now
    )
    return plans.publish_plan(city.planner, plan.id, now=now, pack=PACK, zone=ZONE)


def make_round(city: City, plan: Plan, *, code: str = "R34", now: datetime = NOW) -> Round:
    """A round over the whole plan, open now."""
    return rounds.open_round(
        city.planner, plan.id, code=code, now=now, pack=PACK, calendar=CALENDAR
    )
