"""A published round, and short words for what planners do with it afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa

from exam.booking.models import Booking, Round, Session
from exam.booking.rules import Wish
from exam.booking.services import applications, publishing, rounds, solving
from exam.db import db
from exam.policy.subjects import Subject
from exam.replanning import asking, telling
from exam.replanning import solving as replan_solving
from exam.replanning.asking import Cut, Guest
from exam.replanning.models import Replan, ReplanKind, ReplanLine
from tests.booking.factories import (
    FIRST_DAY,
    NOW,
    PACK,
    Candidate,
    City,
    make_candidates,
    make_plan,
    make_round,
    session_draft,
)

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

SEATS = 4
PEOPLE = 12
LATER = NOW + timedelta(days=8)
"""Two days after the results could be out, and some days before the first exam."""


@dataclass
class Town:
    """A city whose round is published, with one free session's worth of seats."""

    city: City
    round_id: UUID
    people: list[Candidate]
    folder: Path

    def sessions(self) -> list[Session]:
        """By time."""
        query = sa.select(Session).order_by(Session.starts_at, Session.code)
        return list(db.session.scalars(query.execution_options(populate_existing=True)))

    def held(self, session: Session) -> list[Booking]:
        """Live bookings of a session."""
        query = sa.select(Booking).where(
            Booking.session_id == session.id, Booking.state == "booked"
        )
        return list(db.session.scalars(query.execution_options(populate_existing=True)))

    def ask(
        self,
        *cuts: Cut,
        kind: ReplanKind = ReplanKind.SESSION_CANCELLED,
        guest: Guest | None = None,
        now: datetime = LATER,
    ) -> UUID:
        """Ask, and have it solved."""
        made = asking.ask(
            self.city.planner, self.round_id, kind, note="水管破裂", cuts=cuts, guest=guest, now=now
        )
        key = made.id
        self.solve(now=now)
        return key

    def solve(self, *, now: datetime = LATER) -> None:
        """What the jobs process does."""
        replan_solving.advance(now=now, pack=PACK, data_folder=self.folder)

    def sign(self, key: UUID, *, now: datetime = LATER) -> None:
        """Both signatures."""
        telling.sign(self.city.planner, key, now=now, pack=PACK)
        telling.approve(self.city.leader, key, now=now, pack=PACK)

    def tell(self, key: UUID, *, now: datetime = LATER) -> None:
        """The draft becomes what is told."""
        telling.tell(self.city.planner, key, now=now, pack=PACK, data_folder=self.folder)

    def lines(self, key: UUID) -> list[ReplanLine]:
        """What it does to whom."""
        query = sa.select(ReplanLine).where(ReplanLine.replan_id == key)
        return list(db.session.scalars(query))


def replan(key: UUID) -> Replan:
    """A replanning as it is in the database now."""
    return db.session.get_one(Replan, key, populate_existing=True)


def make_town(city: City, folder: Path) -> Town:
    """Twelve people in four sessions of four seats: one session's worth is free."""
    drafts = [
        session_draft(
            city, day=FIRST_DAY + timedelta(days=day), hour=hour, seats=SEATS, site="north"
        )
        for day in range(2)
        for hour in (9, 14)
    ]
    found = make_round(city, make_plan(city, drafts))
    people = make_candidates(city, PEOPLE, permit_issued=None)
    wishes = [Wish(x.case_id, Subject.S1, any_session=True) for x in people]
    applications.apply_many(wishes, found.id, now=NOW, pack=PACK)
    rounds.close_round(city.planner, found.id, now=NOW, reason="测试")
    solving.advance(now=NOW, pack=PACK, data_folder=folder)
    publishing.sign_round(city.planner, found.id, now=NOW)
    publishing.publish_round(city.leader, found.id, now=NOW, data_folder=folder)
    key = db.session.scalars(sa.select(Round.id)).one()
    return Town(city, key, people, folder)
