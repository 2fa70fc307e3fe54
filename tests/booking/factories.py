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
    Person,
    SiteAuthorisation,
    SupportNeed,
)
from exam.people.roles import Actor, Role
from exam.policy import pack as packs
from exam.policy import workdays
from exam.policy.subjects import Subject
from tests.factories import (
    make_account,
    make_case,
    make_office,
    make_permit,
    make_person,
    make_site,
)

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
    with transaction():
        office_id = make_office().id
        sites = {code: _site(office_id, code) for code in ("north", "south")}
        staff = [
            _staff(office_id, role, name)
            for role, name in (
                (Role.PLANNER, "planner"),
                (Role.DUTY_LEADER, "leader"),
                (Role.DUTY_LEADER, "leader2"),
                (Role.INSPECTOR, "inspector"),
            )
        ]
        return City(office_id, sites, *staff)


def _site(office_id: UUID, code: str) -> UUID:
    site = make_site(office_id, code)
    for subject in Subject:
        classes = ["C1", "C2", "C5"] if code == "north" else ["C1", "C2"]
        db.session.add(SiteAuthorisation(site_id=site.id, subject=subject, classes=classes))
    return site.id


def _staff(office_id: UUID, role: Role, name: str) -> Actor:
    return make_account(office_id, role, name, at=NOW)


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
            person = make_person(city.office_id, number, at=NOW, birth_date=born)
            actor = make_account(
                city.office_id,
                Role.CANDIDATE,
                f"candidate{number}",
                name=person.name,
                person=person,
                at=NOW,
            )
            case = make_case(
                person,
                f"26{number:08}",
                at=accepted_at + timedelta(minutes=number),
                created_at=NOW,
                licence_class=licence_class,
                pathway="first" if licence_class != "C5" else "to_c5",
            )
            if permit_issued:
                make_permit(case, f"P{number:08}", permit_issued, permit_until, basis="acceptance")
            session.add_all(
                SupportNeed(id=new_id(), person_id=person.id, kind=kind, declared_at=NOW)
                for kind in needs
            )
            made.append(Candidate(actor, person.id, case.id))
    return made


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
