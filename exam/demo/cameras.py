"""The cameras of the simulated theory hall, playing composed sessions. Loads the video engine."""

from concurrent.futures import Future, ProcessPoolExecutor
from datetime import datetime
from multiprocessing import get_context
from pathlib import Path

import sqlalchemy as sa

from exam.db import db
from exam.demo.buildings import City
from exam.examday.models import Room, Terminal
from exam.live.services import add_camera
from exam.live.states import View
from exam.people.models import Site
from proctor.compose import DemoCamera, demo_cameras
from proctor.scenes import portrait

SITE = "W1"
SEATS = ("A", "B", "C", "D")
SECONDS = 90.0


class Studio:
    """Composes in a process of its own while the city is being made; video is slow work."""

    def __init__(self, data_folder: Path) -> None:
        self._folder = data_folder / "cameras"
        self._folder.mkdir(parents=True, exist_ok=True)
        self._pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"))
        self._work: Future[list[DemoCamera]] = self._pool.submit(
            demo_cameras, self._folder, seconds=SECONDS
        )

    def portraits(self) -> dict[str, bytes]:
        """One picture of each person whom the seat cameras show, by small letter."""
        return {letter.lower(): portrait(letter) for letter in SEATS}

    def hang(self, city: City, *, now: datetime) -> None:
        """Put the cameras into the house, the seats' at the first terminals of the first room."""
        site = db.session.get_one(Site, city.sites[SITE])
        room = db.session.scalars(sa.select(Room).where(Room.site_id == site.id)).one()
        terminals = db.session.scalars(
            sa.select(Terminal).where(Terminal.room_id == room.id).order_by(Terminal.code)
        ).all()
        for number, camera in enumerate(self._work.result()):
            seat = camera.view == "seat"
            terminal = terminals[number] if seat else None
            add_camera(
                None,
                site=site,
                stream=f"s{number + 1:02d}",
                name_zh=f"一号考室 {terminal.code} 号机位" if terminal else "一号考室全景",
                name_en=f"Room 1, terminal {terminal.code}" if terminal else "Room 1, whole room",
                view=View(camera.view),
                source=f"cameras/{camera.video.name}",
                people=camera.people,
                room_id=room.id,
                terminal_id=terminal.id if terminal else None,
                now=now,
            )
        self._pool.shutdown()
