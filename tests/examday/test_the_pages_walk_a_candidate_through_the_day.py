from __future__ import annotations

import io
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from flask import g
from PIL import Image

from exam.db import db
from exam.examday.models import SittingState
from exam.people.models import Account, NeedKind
from exam.people.roles import Role
from exam.policy.subjects import Subject
from tests.entering import put_in
from tests.examday.factories import OPENING, PACK, REPORT, book, examiner_of, of_day

if TYPE_CHECKING:
    from uuid import UUID

    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from exam.clock import FixedClock
    from exam.people.roles import Actor
    from tests.examday.factories import Booked, Hall


class Desk:
    """Somebody's browser."""

    def __init__(self, app: Flask, actor: Actor) -> None:
        self.client: FlaskClient = app.test_client()
        account = db.session.get(Account, actor.account_id)
        assert account is not None
        with self.client.session_transaction() as kept:
            put_in(kept, account.id)
        db.session.rollback()

    def fresh(self) -> None:
        """The test's own application context outlives a request; nothing of one may reach another."""
        for name in list(g):
            g.pop(name)

    def get(self, path: str, status: int = 200) -> str:
        self.fresh()
        answer = self.client.get(path)
        assert answer.status_code == status, answer.text[:2000]
        db.session.rollback()
        return answer.text

    def post(self, path: str, status: int = 303, **fields: object) -> TestResponse:
        self.fresh()
        answer = self.client.post(path, data=fields, follow_redirects=False)
        assert answer.status_code == status, answer.text[:2000]
        db.session.rollback()
        return answer


@pytest.fixture(autouse=True)
def weak_sessions(app: Flask) -> None:
    app.extensions["kaochang.tables"]
    app.login_manager.session_protection = None


def opened(app: Flask, hall: Hall) -> tuple[Desk, UUID]:
    officer = Desk(app, hall.officer)
    assert "城北考场" in officer.get("/hall/")
    where = officer.post(f"/hall/sites/{hall.site_id}/start").location
    day_id = where.rpartition("/")[2]
    assert "开考" in officer.get(f"/hall/day/{day_id}/open")
    officer.post(f"/hall/day/{day_id}/open", status=422, ready=["staff"])
    officer.post(f"/hall/day/{day_id}/open", ready=list(PACK.words("day.checklist")))
    return officer, day_id


def checked_in(officer: Desk, day_id: UUID, who: Booked) -> str:
    where = officer.post(f"/hall/day/{day_id}/check-in", number=f"KC:{who.reference}").location
    officer.get(where)
    officer.post(f"{where}/confirm")
    assert officer.get(where)
    return where.rpartition("/")[2]


def test_a_theory_test_from_the_door_to_both_signatures(
    app: Flask, hall: Hall, clock: FixedClock
) -> None:
    who = book(hall)
    officer, day_id = opened(app, hall)
    clock.move_to(REPORT)
    sitting_id = checked_in(officer, day_id, who)
    officer.post(f"/hall/day/{day_id}/call/S1/terminal")
    board = Desk(app, who.candidate).get("/board/north")
    assert "A001" in board
    officer.post(f"/hall/sitting/{sitting_id}/draw")
    assert officer.get(f"/hall/day/{day_id}")
    examiner = Desk(app, examiner_of(hall, of_day(day_id)[who.booking_id].id))
    assert "A001" in examiner.get("/examiner/")
    here = f"/examiner/sitting/{sitting_id}"
    for step in ("open",):
        examiner.get(here)
        examiner.post(f"{here}/{step}")
    clock.advance(timedelta(minutes=20))
    assert "100" in examiner.get(here)
    examiner.post(f"{here}/paper", status=422, right="101")
    examiner.post(f"{here}/paper", right="95")
    examiner.post(f"{here}/sign")
    examiner.get(here)
    candidate = Desk(app, who.candidate)
    assert f"/my/result/{sitting_id}" in candidate.get("/my/result/")
    page = candidate.get(f"/my/result/{sitting_id}")
    seen = page.partition('name="sheet" value="')[2].partition('"')[0]
    candidate.post(f"/my/result/{sitting_id}/sign", sheet=seen)
    assert of_day(day_id)[who.booking_id].state is SittingState.SIGNED
    assert "95" in candidate.get(f"/my/result/{sitting_id}")
    candidate.get(f"/my/result/{sitting_id}/draw")
    assert '"format":"kaochang-draw/1"' in candidate.get(f"/my/result/{sitting_id}/draw.json")
    leader = Desk(app, hall.leader)
    leader.get(f"/hall/day/{day_id}/close")
    leader.post(f"/hall/day/{day_id}/close")
    assert "已" in leader.get(f"/hall/day/{day_id}/close")


def test_a_field_test_with_deductions_and_a_retake(
    app: Flask, hall: Hall, clock: FixedClock
) -> None:
    who = book(hall, Subject.S2)
    officer, day_id = opened(app, hall)
    clock.move_to(REPORT)
    sitting_id = checked_in(officer, day_id, who)
    candidate = Desk(app, who.candidate)
    candidate.post(f"/my/result/{sitting_id}/words", words="今天天气很好")
    officer.post(f"/hall/day/{day_id}/call/S2/C1")
    officer.post(f"/hall/sitting/{sitting_id}/draw")
    examiner = Desk(app, examiner_of(hall, of_day(day_id)[who.booking_id].id))
    here = f"/examiner/sitting/{sitting_id}"
    examiner.post(f"{here}/open")
    examiner.post(f"{here}/deduct", code="s2.garage.body_outside_line")
    assert "车身出线" in examiner.get(here)
    examiner.post(f"{here}/end")
    assert "补考" in examiner.get(here)
    assert "补考" in candidate.get(f"/my/result/{sitting_id}")
    candidate.post(f"/my/result/{sitting_id}/retake", taken="yes")
    found = of_day(day_id)[who.booking_id]
    assert found.state is SittingState.CHECKED_IN
    assert found.vehicle_id is None
    draw = candidate.get(f"/my/result/{sitting_id}/draw.json")
    assert draw.count('"format"') == 3


def test_nobody_opens_anothers_result(app: Flask, hall: Hall) -> None:
    who, other = book(hall), book(hall)
    _, day_id = opened(app, hall)
    sitting = of_day(day_id)[who.booking_id]
    Desk(app, other.candidate).get(f"/my/result/{sitting.id}", status=404)
    Desk(app, other.candidate).get("/hall/", status=403)


def test_the_board_tells_no_name_and_no_reason(app: Flask, hall: Hall, clock: FixedClock) -> None:
    first = book(hall, need=NeedKind.PREGNANT, starts=timedelta(hours=1))
    book(hall)
    officer, day_id = opened(app, hall)
    clock.move_to(REPORT)
    for who in (first,):
        checked_in(officer, day_id, who)
    officer.post(f"/hall/day/{day_id}/call/S1/terminal")
    for path in ("/board/north", "/board/north/rows"):
        page = app.test_client().get(path).text
        assert "A002" in page
        for secret in (
            "考生",
            "孕",
            "pregnant",
            "服务对象",
            "优先",
            first.document,
            first.reference,
        ):
            assert secret not in page
    hall_page = officer.get(f"/hall/day/{day_id}")
    assert "孕" not in hall_page


def test_a_picture_that_is_none_is_refused_and_a_drawn_one_goes_to_a_person(
    app: Flask, hall: Hall, clock: FixedClock
) -> None:
    who = book(hall, drawn_photo=False)
    officer, day_id = opened(app, hall)
    clock.move_to(REPORT)
    where = officer.post(f"/hall/day/{day_id}/check-in", number=who.document).location
    assert 'capture="user"' in officer.get(where)
    answer = officer.client.post(f"{where}/picture", data={"picture": (io.BytesIO(b"no"), "x.jpg")})
    assert answer.status_code == 422
    picture = io.BytesIO()
    Image.new("RGB", (320, 400), "grey").save(picture, "PNG")
    picture.seek(0)
    answer = officer.client.post(f"{where}/picture", data={"picture": (picture, "x.png")})
    assert answer.status_code == 303
    assert "hx-trigger" in officer.get(f"{where}/identity")
    clock.advance(timedelta(seconds=6))
    late = officer.get(f"{where}/identity")
    assert "hx-trigger" not in late
    assert "confirm" in late
    officer.post(f"{where}/confirm")
    assert of_day(day_id)[who.booking_id].identity_by == "person"


@pytest.mark.parametrize("role", [Role.HALL_OFFICER, Role.EXAMINER])
def test_only_a_duty_leader_closes(app: Flask, hall: Hall, role: Role) -> None:
    _, day_id = opened(app, hall)
    who = hall.officer if role is Role.HALL_OFFICER else hall.examiner
    Desk(app, who).post(f"/hall/day/{day_id}/close", status=403)


def test_closing_names_the_tickets_that_are_open(app: Flask, hall: Hall) -> None:
    book(hall)
    _, day_id = opened(app, hall)
    leader = Desk(app, hall.leader)
    leader.post(f"/hall/day/{day_id}/close")
    assert "A001" in leader.get(f"/hall/day/{day_id}/close")
    assert OPENING
