"""A town with sessions of a week, and people who can be put on its roster."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from exam.booking.services import plans
from exam.db import db, new_id, transaction
from exam.examday.resources import RoomEntry, equip
from exam.people.models import Account, RoleGrant
from exam.people.roles import Actor, Role
from exam.policy.subjects import Subject
from exam.rostering import asking, reading, solving, staff, telling
from exam.rostering.models import Roster, RosterDuty, RosterPlace
from tests.booking.factories import FIRST_DAY, NOW, PACK, ZONE, City, make_city, session_draft

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

SATURDAY = FIRST_DAY + timedelta(days=5)
DAYS = (FIRST_DAY, SATURDAY + timedelta(days=1))


@dataclass
class Crew:
    """The town, and by name everybody who can be put on a roster."""

    city: City
    people: dict[str, Actor] = field(default_factory=dict)

    def ask(self, **changes: Any) -> UUID:
        """A roster of the week at both sites, worked out; its key."""
        demands = asking.usual(PACK)
        wanted: dict[str, Any] = {
            "sites": ["north", "south"],
            "days": DAYS,
            "demands": demands,
            "pack": PACK,
            "now": NOW,
        }
        made = asking.ask(self.city.planner, **(wanted | changes))
        solving.advance(now=NOW)
        return made.id

    def found(self, key: UUID) -> Roster:
        db.session.expire_all()
        return reading.roster_of(self.city.planner, key)

    def agree(self, key: UUID, *, now: datetime = NOW) -> None:
        telling.sign(self.city.planner, key, now=now)
        telling.approve(self.city.leader, key, now=now)

    def who(self, key: UUID) -> dict[tuple[str, date, int, str], set[str]]:
        """Names by site code, date, hour and role."""
        names = {x.account_id: name for name, x in self.people.items()}
        sites = {v: k for k, v in self.city.sites.items()}
        rows = db.session.execute(
            sa.select(RosterDuty, RosterPlace.account_id)
            .outerjoin(RosterPlace, RosterPlace.roster_duty_id == RosterDuty.id)
            .where(RosterDuty.roster_id == key)
        )
        found: dict[tuple[str, date, int, str], set[str]] = {}
        for duty, account_id in rows:
            hour = duty.starts_at.hour + 8
            mine = found.setdefault((sites[duty.site_id], duty.date, hour, duty.role), set())
            mine |= {names[account_id]} if account_id else set()
        return found


def make_crew() -> Crew:
    """Theory at the north site and the road at the south one, each day of a week."""
    crew = Crew(make_city())
    city = crew.city
    days = [FIRST_DAY + timedelta(days=n) for n in range(7)]
    drafts = [session_draft(city, day=x, hour=9) for x in days]
    drafts += [
        session_draft(city, day=x, hour=10, site="south", subject=Subject.S3R, classes=["C1"])
        for x in days
    ]
    made = plans.create_plan(city.planner, code="W34", days=DAYS, sessions=drafts, now=NOW)
    plans.publish_plan(city.planner, made.id, now=NOW, pack=PACK, zone=ZONE)
    with transaction():
        equip(city.sites["north"], rooms=[RoomEntry("R1", "一号考室", "Room 1", ("01",))])
    hire(crew)
    return crew


def hire(crew: Crew) -> None:
    """Everybody whom the week needs, and one more of each."""
    for name in ("周安", "吴宁", "郑远"):
        add(crew, name, Role.EXAMINER, subjects=["S1", "S2", "S3R"], classes=["C1"])
    for name in ("韩松", "冯立", "曹宁", "谢川"):
        add(crew, name, Role.INVIGILATOR)
    for name in ("唐越", "许舟", "邓尧"):
        add(crew, name, Role.SAFETY_OFFICER)
    for name in ("彭海", "萧然", "田野"):
        add(crew, name, Role.FIRST_AIDER)


def add(
    crew: Crew,
    name: str,
    role: Role,
    *,
    subjects: Sequence[str] = (),
    classes: Sequence[str] = (),
    hours: int = 40,
    qualified: bool = True,
) -> Actor:
    """Somebody more, of the whole office."""
    account = Account(
        id=new_id(),
        office_id=crew.city.office_id,
        username=f"staff-{len(crew.people)}",
        display_name=name,
        created_at=NOW,
    )
    account.grants = [
        RoleGrant(role=role, office_id=crew.city.office_id, since=NOW - timedelta(days=99))
    ]
    with transaction() as session:
        session.add(account)
        session.flush()
        crew.people[name] = Actor(account.id, role, crew.city.office_id)
    if qualified:
        held = staff.Held(subjects, classes, hours)
        staff.qualify(crew.city.planner, crew.people[name].account_id, role, held, now=NOW)
    return crew.people[name]
