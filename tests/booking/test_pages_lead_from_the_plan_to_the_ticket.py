from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from exam.booking.models import Application, Booking, BookingState, Plan, Round, RoundState, Session
from exam.booking.rules import Wish
from exam.booking.services import applications, solving
from exam.db import db
from exam.people.roles import Actor, Role
from exam.policy.subjects import Subject
from tests.booking.factories import (
    FIRST_DAY,
    LAST_DAY,
    NOW,
    PACK,
    make_candidates,
    make_plan,
    make_round,
    session_draft,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from flask import Flask
    from flask.testing import FlaskClient

    from exam.clock import FixedClock
    from tests.booking.factories import Candidate, City

    Enter = Callable[[Actor], FlaskClient]
    Crowd = tuple[list[Candidate], UUID]


LATER = NOW + timedelta(days=8)


def text(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status, answer.get_data(as_text=True)[:2000]
    return answer.get_data(as_text=True)


@pytest.fixture
def open_round(city: City) -> Round:
    drafts = [
        session_draft(city, hour=hour, seats=2, site=site)
        for hour in (9, 14)
        for site in ("north", "south")
    ]
    return make_round(city, make_plan(city, drafts))


def test_a_planner_makes_fills_publishes_a_plan_and_opens_a_round(city: City, enter: Enter) -> None:
    client = enter(city.planner)
    made = client.post(
        "/planning/plans/new",
        data={"code": "P1", "first_day": FIRST_DAY.isoformat(), "last_day": LAST_DAY.isoformat()},
    )
    assert made.status_code == 303
    page = made.location
    pattern = {
        "site": str(city.sites["north"]), "subject": "S2", "weekdays": ["0", "2"], "start": "09:00",
        "end": "11:00", "kind": "C1", "classes": ["C1"], "seats": "12", "vehicles": "3",
    }  # fmt: skip
    wrong = client.post(f"{page}/pattern", data={**pattern, "classes": ["A1"]})
    assert "A1" in text(wrong, 422)
    assert client.post(f"{page}/pattern", data=pattern).status_code == 303
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Session)) == 2
    client.post(f"{page}/publish")
    assert "已公布" in text(client.get(page))
    days = {"first_day": FIRST_DAY.isoformat(), "last_day": LAST_DAY.isoformat()}
    opened = client.post(f"{page}/rounds", data={"code": "R1", **days})
    assert opened.status_code == 303
    again = client.post(f"{page}/rounds", data={"code": "R2", **days})
    assert "另一批次" in text(again, 422)
    assert "R1" in text(client.get("/planning/"))


def test_a_late_plan_says_the_last_day(city: City, enter: Enter, clock: FixedClock) -> None:
    client = enter(city.planner)
    page = client.post(
        "/planning/plans/new",
        data={"code": "P1", "first_day": "2026-08-05", "last_day": "2026-08-06"},
    ).location
    client.post(
        f"{page}/pattern",
        data={"site": str(city.sites["north"]), "subject": "S1", "weekdays": ["2"], "start": "09:00",
              "end": "11:00", "kind": "terminal", "seats": "12", "vehicles": "0"},
    )  # fmt: skip
    client.post(f"{page}/publish")
    assert "2026-07-26" in text(client.get(page))
    assert db.session.scalars(sa.select(Plan.published_at)).one() is None


def test_a_candidate_applies_changes_reads_and_withdraws(
    city: City, enter: Enter, open_round: Round
) -> None:
    (person,) = make_candidates(city, 1, permit_issued=None)
    client = enter(person.actor)
    code = db.session.scalars(sa.select(Session.code).order_by(Session.code)).first()
    page = f"/my/booking/apply/R34/{person.case_id}/S1"
    assert page in text(client.get("/my/booking/"))
    shown = text(client.get(page))
    assert "不是先到先得" in shown
    assert code in shown
    empty = text(client.post(page, data={}), 422)
    assert "请至少选择一个场次" in empty
    saved = client.post(page, data={f"order-{code}": "1"})
    assert saved.status_code == 303
    assert "已提交" in text(client.get(saved.location))
    changed = client.post(page, data={f"order-{code}": "2", "any_session": "y", "area": ["north"]})
    assert changed.location == saved.location
    mine = db.session.scalars(sa.select(Application)).one()
    assert mine.any_session
    assert mine.area == ["north"]
    assert client.post(f"{saved.location}/withdraw").status_code == 303
    assert "撤回" in text(client.get("/my/booking/"))


def test_the_same_number_twice_is_told(city: City, enter: Enter, open_round: Round) -> None:
    (person,) = make_candidates(city, 1, permit_issued=None)
    client = enter(person.actor)
    one, two = db.session.scalars(sa.select(Session.code).order_by(Session.code).limit(2))
    page = f"/my/booking/apply/R34/{person.case_id}/S1"
    wrong = client.post(page, data={f"order-{one}": "1", f"order-{two}": "1"})
    assert "只能用一次" in text(wrong, 422)


def test_pages_of_others_are_not_found(city: City, enter: Enter, open_round: Round) -> None:
    one, other = make_candidates(city, 2, permit_issued=None)
    client = enter(one.actor)
    assert client.get(f"/my/booking/apply/R34/{other.case_id}/S1").status_code == 404
    wish = Wish(other.case_id, Subject.S1, any_session=True)
    made = applications.apply(other.actor, open_round.id, wish, now=NOW, pack=PACK)
    assert client.get(f"/my/booking/application/{made.id}").status_code == 404
    assert client.post(f"/my/booking/application/{made.id}/withdraw").status_code == 404


@pytest.fixture
def published(
    app: Flask, city: City, enter: Enter, open_round: Round, clock: FixedClock
) -> list[Candidate]:
    people = make_candidates(city, 10, permit_issued=None)
    wishes = [Wish(x.case_id, Subject.S1, any_session=True) for x in people]
    applications.apply_many(wishes, open_round.id, now=NOW, pack=PACK)
    client = enter(city.planner)
    closed = client.post("/planning/rounds/R34/close", data={})
    assert "原因" in text(closed, 422)
    client.post("/planning/rounds/R34/close", data={"reason": "演示"})
    assert "hx-get" in text(client.get("/planning/rounds/R34"))
    solving.advance(now=NOW, pack=PACK, data_folder=app.config["KAOCHANG"].data_folder)
    assert "独立核验程序" in text(client.get("/planning/rounds/R34/progress"))
    client.post("/planning/rounds/R34/sign")
    enter(city.leader).post("/planning/rounds/R34/publish")
    db.session.expire_all()
    assert db.session.scalars(sa.select(Round.state)).one() is RoundState.PUBLISHED
    return people


def test_the_seat_or_the_reason_is_read_and_the_ticket_has_all(
    app: Flask, city: City, enter: Enter, published: list[Candidate]
) -> None:
    seated = db.session.scalars(sa.select(Booking).limit(1)).one()
    mine = next(x for x in published if x.case_id == seated.case_id)
    client = enter(mine.actor)
    assert "已为您安排考位" in text(client.get(f"/my/booking/application/{seated.application_id}"))
    ticket = text(client.get(f"/my/booking/ticket/{seated.reference}"))
    assert seated.reference in ticket
    assert "svg" in client.get(f"/my/booking/ticket/{seated.reference}/qr.svg").content_type
    calendar = client.get(f"/my/booking/ticket/{seated.reference}/calendar.ics")
    assert "DTSTART:20260817T" in text(calendar)
    assert all(len(x.encode()) <= 75 for x in text(calendar).split("\r\n"))
    refused = db.session.scalars(
        sa.select(Application).where(Application.state == "refused").limit(1)
    ).one()
    loser = next(x for x in published if x.case_id == refused.case_id)
    client = enter(loser.actor)
    page = text(client.get(f"/my/booking/application/{refused.id}"))
    assert "第 9 位" in page or "第 10 位" in page
    assert "排名在第 8 位及以前即可获得考位" in page
    assert client.get(f"/my/booking/ticket/{seated.reference}").status_code == 404


def test_cancelling_shows_its_cost_and_sets_the_ranking_time(
    city: City, enter: Enter, published: list[Candidate], clock: FixedClock
) -> None:
    from exam.booking.services import standings

    seated = db.session.scalars(sa.select(Booking).limit(1)).one()
    mine = next(x for x in published if x.case_id == seated.case_id)
    client = enter(mine.actor)
    page = f"/my/booking/ticket/{seated.reference}/cancel"
    assert "排序时间" in text(client.get(page))
    clock.move_to(LATER)
    client = enter(mine.actor)  # the browser of before was idle too long
    assert client.post(page).status_code == 303
    db.session.expire_all()
    assert seated.state is BookingState.CANCELLED
    found = standings.standings(
        [standings.Asking(mine.case_id, mine.person_id)],
        Subject.S1,
        pack=PACK,
        last_exam_day=LAST_DAY,
    )[mine.case_id]
    assert (found.key, found.key_rule) == (LATER, "key.own_withdrawal")
    assert client.post(page).status_code == 409


def test_after_the_notice_only_the_office_can_take_it_back_and_the_rank_stays(
    city: City, enter: Enter, published: list[Candidate], clock: FixedClock
) -> None:
    from exam.booking.services import standings

    seated = db.session.scalars(sa.select(Booking).limit(1)).one()
    mine = next(x for x in published if x.case_id == seated.case_id)
    clock.move_to(NOW + timedelta(days=12))  # Saturday; the exam is on Monday
    refused = enter(mine.actor).post(f"/my/booking/ticket/{seated.reference}/cancel")
    assert refused.status_code == 409
    done = enter(city.planner).post(
        "/planning/release", data={"reference": seated.reference.lower(), "cause": "weather"}
    )
    assert done.status_code == 303
    db.session.expire_all()
    assert seated.state is BookingState.RELEASED
    assert standings.withdrawals([mine.case_id], Subject.S1) == {}


def test_the_public_reads_everything_and_no_name(
    city: City, client: FlaskClient, published: list[Candidate]
) -> None:
    for page in (
        "/public/",
        "/public/plans",
        "/public/rounds/R34",
        "/public/rules",
        "/public/checker.py",
    ):
        assert client.get(page, buffered=True).status_code == 200, page
    plan_id = db.session.scalars(sa.select(Plan.id)).one()
    assert "城北考场" in text(client.get(f"/public/plans/{plan_id}"))
    page = text(client.get("/public/rounds/R34"))
    assert "round/applications.csv" in page
    assert "演示" in page
    for name in ("round/round.toml", "plan/certificate.json"):
        assert client.get(f"/public/rounds/R34/files/{name}", buffered=True).status_code == 200
    assert client.get("/public/rounds/R34/files/../secret").status_code == 404
    assert client.get("/public/rounds/R34/everything.zip", buffered=True).data[:2] == b"PK"


def test_before_publication_no_file_and_no_seed_is_shown(
    city: City, client: FlaskClient, open_round: Round
) -> None:
    page = text(client.get("/public/rounds/R34"))
    assert open_round.lot_seed not in page
    assert open_round.lot_commitment in page
    assert client.get("/public/rounds/R34/everything.zip").status_code == 404


def test_the_inspector_sees_hashes_and_names_of_signers(
    city: City, enter: Enter, published: list[Candidate]
) -> None:
    from exam.people.models import Account, RoleGrant

    account = Account(
        office_id=city.office_id, username="insp", display_name="督察", created_at=NOW
    )
    account.grants = [RoleGrant(role=Role.INSPECTOR, office_id=city.office_id, since=NOW)]
    db.session.add(account)
    db.session.commit()
    actor = Actor(account_id=account.id, role=Role.INSPECTOR, office_id=city.office_id)
    page = text(enter(actor).get("/inspection/"))
    assert "planner" in page
    assert "leader" in page
    assert db.session.scalars(sa.select(Round.round_sha256)).one() in page
