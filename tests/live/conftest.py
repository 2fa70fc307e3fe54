"""A site with cameras, people who watch, and hand-made ledgers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from exam.db import db, new_id
from exam.examday.models import Room, Terminal
from exam.live import services
from exam.live.forwarder import Forwarder, forward, known_streams
from exam.live.intake import Times
from exam.live.models import Camera
from exam.live.states import View
from exam.live.streams import LEDGER, folder_of
from exam.people.guards import actor_of
from exam.people.models import Account, Office, OfficeKind, RoleGrant, Site
from exam.people.roles import Actor, Role
from exam.people.services import open_staff_account
from proctor.ledger.lines import LineType
from proctor.ledger.writer import LedgerWriter
from tests.application import MONDAY, Browser
from tests.entering import put_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from flask import Flask
    from flask.testing import FlaskClient

    from exam.clock import FixedClock


@dataclass
class Place:
    """An office with a theory site, and another site of the same office."""

    office: Office
    site: Site
    other: Site
    room: Room
    terminal: Terminal


def make_place() -> Place:
    office = Office(
        id=new_id(),
        code="o",
        kind=OfficeKind.OFFICE,
        name_zh="车管所",
        name_en="Office",
        help_phone="1",
    )
    sites = [
        Site(
            id=new_id(),
            office_id=office.id,
            code=code,
            name_zh=f"考场{code}",
            name_en=f"Site {code}",
            address_zh="路",
            address_en="Road",
            time_zone="Asia/Shanghai",
            island=False,
            simulated=True,
        )
        for code in ("a", "b")
    ]
    room = Room(id=new_id(), site_id=sites[0].id, code="R1", name_zh="一号考室", name_en="Room 1")
    terminal = Terminal(id=new_id(), room_id=room.id, code="05")
    for rows in ([office], sites, [room], [terminal]):
        db.session.add_all(rows)
        db.session.flush()
    db.session.commit()
    return Place(office, *sites, room, terminal)


@pytest.fixture
def place(app: Flask) -> Place:
    return make_place()


def make_camera(place: Place, stream: str = "seat-05", **changes: Any) -> Camera:
    wanted: dict[str, Any] = {
        "site": place.site,
        "stream": stream,
        "name_zh": "5 号终端",
        "name_en": "Terminal 5",
        "view": View.SEAT,
        "source": f"sources/{stream}.mp4",
        "terminal_id": place.terminal.id,
        "now": MONDAY,
    }
    return services.add_camera(None, **(wanted | changes))


@pytest.fixture
def camera(place: Place) -> Camera:
    return make_camera(place)


def make_account(place: Place, role: Role, *, site: Site | None = None, name: str = "") -> Account:
    account = open_staff_account(
        username=name or role.value,
        display_name=f"{role.value} {name}".strip(),
        password_hash="nobody signs in by password here",
        role=role,
        office_id=place.office.id,
        site_id=site.id if site else None,
        now=MONDAY,
    )
    db.session.commit()
    return account


@pytest.fixture
def actor_with(place: Place) -> Callable[..., Actor]:
    """Make somebody with a role, at the site unless said otherwise."""

    def made(role: Role, *, site: Site | None = place.site, name: str = "") -> Actor:
        account = make_account(place, role, site=site, name=name)
        grant: RoleGrant = account.grants[0]
        return actor_of(account, grant)

    return made


def sign_in(app: Flask, account_id: Any) -> FlaskClient:
    """A browser in which this account is signed in."""
    client = Browser(app, app.response_class, use_cookies=True)
    with client.session_transaction() as session:
        put_in(session, account_id)
    return client


@pytest.fixture
def client_of(app: Flask) -> Iterator[Callable[[Actor], FlaskClient]]:
    """A browser of an actor, without Flask-Login's tie to one address."""
    app.login_manager.session_protection = None
    yield lambda actor: sign_in(app, actor.account_id)
    app.login_manager.session_protection = "strong"


class Worker:
    """Writes a stream's ledger by hand, as a camera worker would."""

    def __init__(self, folder: Path, clock: FixedClock) -> None:
        self.folder, self.clock = folder, clock
        self.ledger = LedgerWriter(folder, clock=clock.now, key=None)
        self.count = 0
        if not self.ledger.lines:
            self.line(LineType.START, origin_ms=0, stream=folder.name)

    @property
    def path(self) -> Path:
        return self.folder / LEDGER

    def line(self, line_type: LineType, /, **payload: Any) -> dict[str, Any]:
        return self.ledger.append(line_type, payload)

    def open(self, kind: str = "face_absent", *, at_ms: int = 0, **changes: Any) -> int:
        """Open an event; returns its number."""
        self.count += 1
        self.line(LineType.OPENED, **self.event(self.count, kind, at_ms, at_ms + 3000, **changes))
        return self.count

    def update(self, number: int, kind: str, at_ms: int, end_ms: int, **changes: Any) -> None:
        self.line(LineType.UPDATED, **self.event(number, kind, at_ms, end_ms, **changes))

    def close(self, number: int, kind: str, at_ms: int, end_ms: int, **changes: Any) -> None:
        self.line(LineType.CLOSED, **self.event(number, kind, at_ms, end_ms, **changes))

    def seen(self, kind: str = "face_absent", *, at_ms: int = 0, **changes: Any) -> int:
        """Open and close an event of three seconds."""
        number = self.open(kind, at_ms=at_ms, **changes)
        self.close(number, kind, at_ms, at_ms + 3000, **changes)
        return number

    def clip(self, number: int, data: bytes = b"a clip") -> None:
        """Put a clip beside the ledger and record it."""
        import hashlib

        path = f"evidence/{number:04}.mp4"
        (self.folder / "evidence").mkdir(exist_ok=True)
        (self.folder / path).write_bytes(data)
        self.line(
            LineType.EVIDENCE,
            event=number,
            path=path,
            bytes=len(data),
            sha256=hashlib.sha256(data).hexdigest(),
        )

    @staticmethod
    def event(
        number: int, kind: str, at_ms: int, end_ms: int, *, severity: str = "notice", **facts: Any
    ) -> dict[str, Any]:
        group = "equipment" if kind.startswith(("camera", "signal", "not_watched")) else "conduct"
        return {
            "event": number,
            "kind": kind,
            "group": group,
            "seat": "05",
            "start_ms": at_ms,
            "end_ms": end_ms,
            "severity": severity,
            "confidence_pm": 930,
            "facts": facts or {"faces": 0},
        }


@pytest.fixture
def worker(app: Flask, camera: Camera, clock: FixedClock) -> Iterator[Worker]:
    worker = Worker(folder_of(app.config["KAOCHANG"].data_folder, camera.stream), clock)
    yield worker
    worker.ledger.close()


@pytest.fixture
def forwarder(app: Flask) -> Forwarder:
    return Forwarder(app)


def times(now: datetime = MONDAY) -> Times:
    return Times(now=now, shift=timedelta(), within=timedelta(seconds=30))


def forward_all(worker: Worker) -> None:
    """Forward one ledger as a forwarder that has just started would."""
    streams = known_streams()
    while forward(streams[worker.folder.name], worker.path, times=times()).more:
        pass
