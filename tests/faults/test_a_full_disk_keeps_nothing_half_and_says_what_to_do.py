"""No room: whoever hands something in is told, nothing of it stays, and later it goes through."""

from __future__ import annotations

import gc
import io
import os
import random
import tempfile
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, LiteralString
from uuid import UUID

import pytest
import sqlalchemy as sa
from PIL import Image
from psycopg import sql
from werkzeug.test import EnvironBuilder

from exam import disk
from exam.booking import engine
from exam.booking.models import Round, RoundState, Session
from exam.booking.rules import Wish
from exam.booking.services import applications, freezing, solving
from exam.booking.services.rounds import follow_clock
from exam.clock import FixedClock
from exam.db import db
from exam.people.models import Person
from exam.policy.subjects import Subject
from exam.processes.postgres import connect
from exam.registration.models import Case, Upload
from exam.replanning import solving as replan_solving
from exam.replanning.asking import Cut
from exam.replanning.models import ReplanState
from tests.booking.conftest import city
from tests.booking.factories import NOW as BOOKING
from tests.booking.factories import PACK as BOOKING_PACK
from tests.booking.factories import City, make_candidates, make_plan, make_round, session_draft
from tests.faults.small_disk import SmallDisk, small_disk
from tests.registration.conftest import house, sign_in
from tests.registration.factories import (
    NOW,
    House,
    candidate,
    cases_of,
    registered,
    row,
)
from tests.registration.files import photos, xlsx
from tests.replanning.factories import LATER, make_town, replan
from tests.web.page_check import page_problems

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

__all__ = ["city", "house", "sign_in", "small_disk"]
PEOPLE = 10
"""As many photos as a page takes itself; more are worked off by a job."""


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def data_folder(small_disk: SmallDisk) -> Path:
    return small_disk.folder / "data"


def noise(seed: int) -> bytes:
    """A photo that no compression makes small: about 400 kB once it is stored."""
    pixels = random.Random(seed).randbytes(640 * 640 * 3)
    buffer = io.BytesIO()
    Image.frombytes("RGB", (640, 640), pixels).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


@pytest.fixture
def sent() -> dict[str, Any]:
    """A table and its photos as a browser sends them; made while there is room for making it."""
    rows = [row(n) for n in range(2, 2 + PEOPLE)]
    album = photos([f"{x.number}.jpg" for x in rows], noise(1))
    files = {"file": (io.BytesIO(xlsx(rows)), "rows.xlsx"), "photos": (io.BytesIO(album), "p.zip")}
    builder = EnvironBuilder(method="POST", data=files)
    with closing(builder), closing(builder.get_request()) as made:
        body = made.environ["wsgi.input"]
        with body:
            return {"data": body.read(), "content_type": made.content_type}


def handed_in(client: FlaskClient, sent: dict[str, Any]) -> TestResponse:
    return client.post("/school/uploads/new", **sent)


def rows_of(*models: type) -> list[int]:
    db.session.rollback()
    return [db.session.scalar(sa.select(sa.func.count()).select_from(x)) or 0 for x in models]


def told(answer: TestResponse) -> str:
    assert answer.status_code == 507
    assert page_problems(answer.text) == []
    assert "Traceback" not in answer.text
    return answer.text


def test_an_upload_without_room_for_its_photos_leaves_no_row_and_no_file(
    small_disk: SmallDisk,
    house: House,
    sign_in: Callable[..., FlaskClient],
    sent: dict[str, Any],
) -> None:
    school = sign_in(house.clerk)
    school.set_cookie("lang", "en")
    before = small_disk.names()
    small_disk.leave(3_000_000)
    page = told(handed_in(school, sent))
    assert "disk is full" in page
    assert "somebody makes room" in page
    assert rows_of(Upload, Person, Case) == [0, 0, 0]
    assert small_disk.names() == before
    small_disk.make_room()
    assert handed_in(school, sent).status_code == 303
    assert rows_of(Upload, Person, Case) == [1, PEOPLE, PEOPLE]
    assert len(small_disk.names() - before) == PEOPLE


# The library lets its passing file go without closing it: Python's own attempt fails like ours.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_upload_that_cannot_even_come_in_is_told_the_same(
    small_disk: SmallDisk,
    house: House,
    sign_in: Callable[..., FlaskClient],
    sent: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The server keeps a large upload in its folder for passing files while it comes in."""
    school = sign_in(house.clerk)
    passing = small_disk.folder / "passing"
    passing.mkdir()
    before = small_disk.names()
    monkeypatch.setattr(tempfile, "tempdir", str(passing))
    small_disk.leave(1_000_000)
    assert "磁盘" in told(handed_in(school, sent))
    gc.collect()
    assert rows_of(Upload, Person) == [0, 0]
    assert small_disk.names() == before


def test_a_photo_without_room_changes_nothing_of_what_was_confirmed(
    small_disk: SmallDisk, house: House, client: FlaskClient
) -> None:
    (case,) = cases_of(registered(house))
    candidate(case, "her")
    signed = {"username": "her", "password": "four words in a row"}
    assert client.post("/sign-in", data=signed).status_code == 303
    before = small_disk.names()
    small_disk.leave(100_000)
    data = {"phone": "13900001111", "address": "新路 2 号", "mandate": "y", "correct": "y"}
    given = {**data, "photo": (io.BytesIO(noise(2)), "me.jpg")}
    told(client.post(f"/my/registration/{case.id}", data=given))
    db.session.expire_all()
    assert db.session.get_one(Person, case.person_id).phone != "13900001111"
    assert small_disk.names() == before
    small_disk.make_room()
    given = {**data, "photo": (io.BytesIO(noise(2)), "me.jpg")}
    assert client.post(f"/my/registration/{case.id}", data=given).status_code == 303
    db.session.expire_all()
    assert db.session.get_one(Person, case.person_id).phone == "13900001111"


def test_health_tells_of_the_room_before_it_is_gone(
    small_disk: SmallDisk, client: FlaskClient
) -> None:
    def asked() -> tuple[int, str]:
        answer = client.get("/healthz")
        return answer.status_code, answer.get_json()["disk"]["state"]

    assert asked()[1] == "low", "less than a gigabyte is worth a word"
    small_disk.leave(1_000_000)
    assert asked() == (503, "full")
    small_disk.make_room()
    assert asked()[1] == "low"


def on_the_server(url: str, *statements: LiteralString) -> None:
    with connect(url) as connection:
        for one in statements:
            connection.execute(one)


def given_to_the_server(url: str, folder: Path) -> None:
    """A folder that the database's own user may write, in which one of its tables can lie."""
    with connect(url) as connection:
        found = connection.execute("SHOW data_directory").fetchone()
    assert found is not None
    owner = Path(found[0]).stat()
    folder.mkdir()
    folder.parent.chmod(0o755)
    os.chown(folder, owner.st_uid, owner.st_gid)


def test_a_database_without_room_is_told_and_nothing_is_half_saved(
    small_disk: SmallDisk,
    database_url: str,
    house: House,
    sign_in: Callable[..., FlaskClient],
) -> None:
    """One table lies on the small disk: what its transaction wrote elsewhere goes back too."""
    school = sign_in(house.clerk)
    given_to_the_server(database_url, small_disk.folder / "rows")
    with connect(database_url) as connection:
        place = sql.Literal(str(small_disk.folder / "rows"))
        connection.execute(sql.SQL("CREATE TABLESPACE small LOCATION {}").format(place))
    try:
        on_the_server(database_url, "ALTER TABLE upload_row SET TABLESPACE small")
        small_disk.leave(0)
        rows = [row(n, photo=None, address="路" * 80) for n in range(2, 302)]
        files = {"file": (io.BytesIO(xlsx(rows)), "rows.xlsx")}
        told(school.post("/school/uploads/new", data=files))
        assert rows_of(Upload, Person, Case) == [0, 0, 0]
        small_disk.make_room()
        files = {"file": (io.BytesIO(xlsx(rows)), "rows.xlsx")}
        assert school.post("/school/uploads/new", data=files).status_code == 303
        assert rows_of(Upload, Person) == [1, 300]
    finally:
        db.session.rollback()
        small_disk.make_room()
        back = "ALTER TABLE upload_row SET TABLESPACE pg_default"
        on_the_server(database_url, back, "DROP TABLESPACE small")


@pytest.fixture
def closed(city: City) -> tuple[UUID, datetime]:
    """A round whose window has closed, and a moment after that."""
    plan = make_plan(city, [session_draft(city, seats=40)], now=BOOKING)
    made = make_round(city, plan, now=BOOKING)
    sessions = tuple(db.session.scalars(sa.select(Session.id)))
    people = make_candidates(city, 60)
    wishes = [Wish(x.case_id, Subject.S1, sessions) for x in people]
    applications.apply_many(wishes, made.id, now=BOOKING, pack=BOOKING_PACK)
    return made.id, made.closes_at + timedelta(hours=1)


def advanced(closed: tuple[UUID, datetime], folder: Path) -> tuple[RoundState, dict[str, Any]]:
    solving.advance(now=closed[1], pack=BOOKING_PACK, data_folder=folder)
    db.session.expire_all()
    found = db.session.get_one(Round, closed[0])
    return found.state, found.progress


def test_a_round_without_room_waits_and_goes_on_by_itself(
    small_disk: SmallDisk, closed: tuple[UUID, datetime], data_folder: Path
) -> None:
    small_disk.leave(0)
    assert advanced(closed, data_folder) == (RoundState.CLOSED, {"lacks": "room"})
    assert small_disk.names() == set()
    small_disk.make_room()
    assert advanced(closed, data_folder) == (RoundState.CHECKED, {})


def test_a_plan_that_finds_no_room_is_known_for_what_it_is_and_leaves_nothing(
    small_disk: SmallDisk, closed: tuple[UUID, datetime], data_folder: Path
) -> None:
    follow_clock(now=closed[1])
    freezing.freeze(closed[0], now=closed[1], pack=BOOKING_PACK, data_folder=data_folder)
    before = small_disk.names()
    (folder,) = (data_folder / "rounds").iterdir()
    small_disk.leave(4096)
    with pytest.raises(engine.SchedulerError) as refused:
        engine.solve_round(folder / "round", folder / "plan", progress=lambda *_: None)
    assert disk.is_full(refused.value)
    assert small_disk.names() == before
    small_disk.make_room()
    assert advanced(closed, data_folder) == (RoundState.CHECKED, {})


def test_a_replanning_without_room_waits_and_goes_on_by_itself(
    small_disk: SmallDisk, city: City, data_folder: Path
) -> None:
    town = make_town(city, data_folder)
    before = small_disk.names()
    small_disk.leave(0)
    key = town.ask(Cut(town.sessions()[0].id, cancels=True))
    assert (replan(key).state, replan(key).progress) == (ReplanState.ASKED, {})
    assert small_disk.names() == before
    small_disk.make_room()
    town.solve()
    assert replan(key).state is ReplanState.DRAFT


def test_a_replanning_whose_files_find_no_room_leaves_no_draft_and_is_no_failure(
    small_disk: SmallDisk, city: City, data_folder: Path
) -> None:
    """The disk fills up between the look at it and the files."""
    town = make_town(city, data_folder)
    small_disk.leave(0)
    key = town.ask(Cut(town.sessions()[0].id, cancels=True))
    with pytest.raises((OSError, engine.SchedulerError)) as refused:
        replan_solving.solve_replan(
            key, now=LATER, pack=BOOKING_PACK, data_folder=data_folder, with_engine=engine.ORTOOLS
        )
    assert disk.is_full(refused.value)
    db.session.rollback()
    assert (replan(key).state, town.lines(key)) == (ReplanState.ASKED, [])
    small_disk.make_room()
    town.solve()
    assert replan(key).state is ReplanState.DRAFT
