"""A city with sites, staff, two weeks of plans and their rounds, and one camera; nobody applied."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import current_app

from exam.booking.services import rounds
from exam.clock import SystemClock
from exam.db import db, transaction
from exam.demo import buildings, weeks
from exam.demo.places import TIME_ZONE
from exam.examday.models import Room, Terminal
from exam.examday.resources import set_out_of_order
from exam.live.services import add_camera
from exam.live.states import View
from exam.people.models import Site
from exam.policy import workdays
from exam.system import demo_clock
from proctor.compose import compose
from proctor.scenes import Part, Script
from tests.walk.upload import SEATED

if TYPE_CHECKING:
    from pathlib import Path

    from exam.demo.buildings import City

ZONE = ZoneInfo(TIME_ZONE)
TODAY = date(2026, 11, 2)
"""A Monday in weeks without holidays: every term of the law falls on the same day each time."""
MORNING = datetime(2026, 11, 2, 9, 0, tzinfo=ZONE)
SITE = "W1"
STREAM = "s01"
TERMINAL = "01"
# The seat empties, then the lens is covered; long calm until the loop begins again.
SESSION = (
    (Part.NORMAL, 2.0),
    (Part.FACE_ABSENT, 8.0),
    (Part.NORMAL, 4.0),
    (Part.CAMERA_COVERED, 6.0),
    (Part.NORMAL, 60.0),
)


@dataclass(frozen=True)
class Made:
    """What the walk has to know of its city."""

    first_round: str
    first_day: date
    closes_at: datetime
    second_round: str


def make(data_folder: Path) -> Made:
    """Make it through the services of an office, and set the clock to its morning."""
    before = MORNING - timedelta(days=1)
    with transaction():
        city = buildings.build(now=before, first_day=TODAY)
    made = _rounds(city, before)
    _one_terminal(city, before)
    _camera(city, data_folder, before)
    demo_clock.move(current_app, to=MORNING, real_now=SystemClock().now())
    return made


def _rounds(city: City, now: datetime) -> Made:
    pack = current_app.extensions["kaochang.pack"]
    opens, made = MORNING - timedelta(hours=1), []
    for first in weeks.first_days(TODAY)[1:3]:
        plan = weeks.publish(city, first, now=now, pack=pack)
        opened = rounds.open_round(
            city.actor("planner"),
            plan.id,
            code=f"R{first:%Y%m%d}",
            opens_at=opens,
            now=now,
            pack=pack,
            calendar=workdays.load(),
        )
        opens = opened.closes_at
        made.append((opened.code, opened.first_day, opened.closes_at))
    (code, first_day, closes_at), (second, _, _) = made
    return Made(code, first_day, closes_at, second)


def _one_terminal(city: City, now: datetime) -> None:
    """All terminals but one are out of order, so that the one with the camera is hers."""
    with transaction():
        others = db.session.scalars(
            sa.select(Terminal.id)
            .join(Room)
            .where(Room.site_id == city.sites[SITE], Terminal.code != TERMINAL)
        ).all()
    operator = city.actor(f"operator-{SITE.lower()}", site=SITE)
    for terminal_id in others:
        set_out_of_order(operator, terminal_id, out=True, now=now)


def _camera(city: City, data_folder: Path, now: datetime) -> None:
    compose(Script(SEATED, SESSION, seed=7, bit_rate=300_000), data_folder / "cameras" / "seat.mp4")
    terminal = db.session.scalars(
        sa.select(Terminal)
        .join(Room)
        .where(Room.site_id == city.sites[SITE], Terminal.code == TERMINAL)
    ).one()
    add_camera(
        None,
        site=db.session.get_one(Site, city.sites[SITE]),
        stream=STREAM,
        name_zh="一号考室 01 号机位",
        name_en="Room 1, terminal 01",
        view=View.SEAT,
        source="cameras/seat.mp4",
        room_id=terminal.room_id,
        terminal_id=terminal.id,
        now=now,
    )
