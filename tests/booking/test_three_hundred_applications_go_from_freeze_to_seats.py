from __future__ import annotations

import subprocess
import sys
import threading
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from exam.booking import rules
from exam.booking.models import (
    Application,
    ApplicationState,
    Booking,
    BookingState,
    Decision,
    Pool,
    PriorityCredit,
    Round,
    RoundState,
    Session,
)
from exam.booking.round_files import CHECKER
from exam.booking.rules import Wish
from exam.booking.services import applications, publishing, solving
from exam.db import db, new_id, transaction
from exam.errors import Conflict, KaochangError, NotAllowed, WrongState
from exam.notify.models import Notice
from exam.policy.subjects import Subject
from exam.system import outbox
from tests.booking.factories import (
    FIRST_DAY,
    NOW,
    PACK,
    make_candidates,
    make_plan,
    make_round,
    session_draft,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path
    from uuid import UUID

    from flask import Flask
    from flask.testing import FlaskClient

    from exam.people.roles import Actor
    from tests.booking.factories import Candidate, City

    Enter = Callable[[Actor], FlaskClient]
    Crowd = tuple[list[Candidate], UUID]


LATER = NOW + timedelta(days=8)


@pytest.fixture
def crowd(city: City) -> Crowd:
    drafts = [
        session_draft(city, day=FIRST_DAY + timedelta(days=day), hour=hour, site=site, seats=12)
        for day in range(3)
        for hour in (9, 14)
        for site in ("north", "south")
    ]
    drafts += [
        session_draft(city, day=FIRST_DAY + timedelta(days=day), hour=10, seats=9,
                      subject=Subject.S2, classes=("C1",))
        for day in range(3)
    ]  # fmt: skip
    round_ = make_round(city, make_plan(city, drafts))
    theory = make_candidates(city, 240, permit_issued=None)
    keys = list(
        db.session.scalars(
            sa.select(Session.id)
            .where(Session.subject == Subject.S1)
            .order_by(Session.starts_at, Session.code)
        )
    )
    wishes = [
        Wish(
            x.case_id,
            Subject.S1,
            choices=(keys[i % 5], keys[(i * 7 + 1) % 12])
            if i % 5 != (i * 7 + 1) % 12
            else (keys[i % 5],),
            any_session=i % 4 == 0,
        )
        for i, x in enumerate(theory)
    ]
    answers = applications.apply_many(wishes, round_.id, now=NOW, pack=PACK)
    assert not any(isinstance(x, KaochangError) for x in answers)
    return theory, round_.id


def advance(app: Flask, now: datetime = LATER) -> dict[str, int]:
    return solving.advance(now=now, pack=PACK, data_folder=app.config["KAOCHANG"].data_folder)


def publish(app: Flask, city: City, round_id: UUID, now: datetime = LATER) -> Any:
    publishing.sign_round(city.planner, round_id, now=now)
    return publishing.publish_round(
        city.leader, round_id, now=now, data_folder=app.config["KAOCHANG"].data_folder
    )


def get_round(round_id: UUID) -> Round:
    db.session.expire_all()
    return db.session.get_one(Round, round_id)


def count(model: Any, *where: Any) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model).where(*where))


def test_everybody_has_a_seat_or_a_reason_and_one_notice(
    app: Flask, city: City, crowd: Crowd
) -> None:
    _people, round_id = crowd
    advance(app)
    assert get_round(round_id).state is RoundState.CHECKED
    publish(app, city, round_id)
    found = get_round(round_id)
    assert found.state is RoundState.PUBLISHED
    assert found.summary["served"] == 144
    assert count(Booking) == 144
    assert count(Decision) == 240
    assert count(Decision, Decision.reason == "full") == 96
    assert count(Application, Application.state == ApplicationState.ACTIVE) == 0
    outbox.drain(now=LATER)
    outbox.drain(now=LATER)
    assert count(Notice, Notice.kind == "booking.seated") == 144
    assert count(Notice, Notice.kind == "booking.refused") == 96


def test_no_pool_holds_more_than_its_seats_and_nobody_two(
    app: Flask, city: City, crowd: Crowd
) -> None:
    _people, round_id = crowd
    advance(app)
    publish(app, city, round_id)
    held = Counter(db.session.scalars(sa.select(Booking.pool_id)))
    seats = dict(db.session.execute(sa.select(Pool.id, Pool.seats)).all())
    assert all(number <= seats[pool] for pool, number in held.items())
    assert count(Booking) == db.session.scalar(sa.select(sa.func.count(Booking.case_id.distinct())))


def test_nobody_refused_ranks_before_somebody_served_who_could_not_go_elsewhere(
    app: Flask, city: City, crowd: Crowd
) -> None:
    """All theory, all equal needs: those with one choice only fall out by rank."""
    _people, round_id = crowd
    advance(app)
    publish(app, city, round_id)
    rows = db.session.execute(
        sa.select(Application.rank, Application.tier, Application.ranking_key, Application.lot)
        .where(Application.round_id == round_id)
        .order_by(Application.rank)
    ).all()
    assert [x.rank for x in rows] == list(range(1, 241))
    assert rows == sorted(rows, key=lambda x: (x.tier, x.ranking_key, x.lot))


def test_the_public_files_hold_for_the_checker_and_name_nobody(
    app: Flask, city: City, crowd: Crowd
) -> None:
    people, round_id = crowd
    advance(app)
    folder = app.config["KAOCHANG"].data_folder / "rounds" / "R34"
    done = subprocess.run(
        [sys.executable, "-I", CHECKER, folder / "round", folder / "plan"], check=False
    )
    assert done.returncode == 0
    text = "".join(x.read_text() for x in folder.rglob("*") if x.is_file())
    assert not any(str(x.case_id) in text or str(x.person_id) in text for x in people)
    found = get_round(round_id)
    assert rules.commitment(found.lot_seed) == found.lot_commitment


def test_a_spoilt_plan_is_not_published(app: Flask, city: City, crowd: Crowd) -> None:
    _people, round_id = crowd
    advance(app)
    path = app.config["KAOCHANG"].data_folder / "rounds" / "R34" / "plan" / "assignments.csv"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:-1]))
    with pytest.raises(Conflict):
        publish(app, city, round_id)
    assert count(Booking) == 0
    assert get_round(round_id).state is RoundState.CHECKED


def test_a_plan_that_the_checker_refuses_waits_for_a_person(
    app: Flask, city: City, crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    _people, round_id = crowd
    solve = solving.engine.solve_round

    def swap_two_seats(round_folder: Path, plan_folder: Path, **named: Any) -> Any:
        summary = solve(round_folder, plan_folder, **named)
        path = plan_folder / "assignments.csv"
        rows = [x.split(",") for x in path.read_text().splitlines()]
        other = next(x for x in rows[2:] if x[1] != rows[1][1])
        rows[1][1:3], other[1:3] = other[1:3], rows[1][1:3]
        path.write_text("".join(",".join(x) + "\n" for x in rows))
        return summary

    monkeypatch.setattr(solving.engine, "solve_round", swap_two_seats)
    advance(app)
    found = get_round(round_id)
    assert (found.state, found.progress) == (RoundState.SOLVED, {"failure": "check"})
    with pytest.raises(WrongState):
        publish(app, city, round_id)


def test_a_crash_after_solving_is_continued(
    app: Flask, city: City, crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    _people, round_id = crowd
    monkeypatch.setattr(solving.engine, "check_plan", lambda *_: (_ for _ in ()).throw(OSError))
    advance(app)
    assert get_round(round_id).progress == {"failure": "OSError"}
    monkeypatch.undo()
    from exam.booking.services import rounds

    rounds.try_again(city.planner, round_id, now=LATER)
    advance(app)
    assert get_round(round_id).state is RoundState.CHECKED


def test_one_person_cannot_sign_twice_and_a_planner_not_second(
    app: Flask, city: City, crowd: Crowd
) -> None:
    _people, round_id = crowd
    advance(app)
    folder = app.config["KAOCHANG"].data_folder
    with pytest.raises(NotAllowed):
        publishing.sign_round(city.leader, round_id, now=LATER)
    publishing.sign_round(city.planner, round_id, now=LATER)
    with pytest.raises(NotAllowed):
        publishing.publish_round(city.planner, round_id, now=LATER, data_folder=folder)


def test_two_publishers_at_once_publish_once(app: Flask, city: City, crowd: Crowd) -> None:
    _people, round_id = crowd
    advance(app)
    publishing.sign_round(city.planner, round_id, now=LATER)
    start, outcomes = threading.Barrier(2), []

    def press(leader: Actor) -> None:
        with app.app_context():
            start.wait()
            try:
                publishing.publish_round(
                    leader, round_id, now=LATER, data_folder=app.config["KAOCHANG"].data_folder
                )
                outcomes.append("published")
            except KaochangError as error:
                outcomes.append(error.code)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=press, args=(x,)) for x in (city.leader, city.leader_two)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # The second finds it published, or busy where it waited for the lock longer than is allowed.
    assert sorted(outcomes) in (["published", "wrong_state"], ["busy", "published"])
    assert count(Booking) == 144


def test_the_same_seat_cannot_be_sold_twice(app: Flask, city: City, crowd: Crowd) -> None:
    _people, round_id = crowd
    advance(app)
    publish(app, city, round_id)
    one = db.session.scalars(sa.select(Booking).limit(1)).one()
    loser = db.session.scalars(
        sa.select(Application).where(Application.state == ApplicationState.REFUSED).limit(1)
    ).one()
    values = {
        "reference": "X", "office_id": one.office_id, "case_id": loser.case_id,
        "person_number": 10**9, "subject": one.subject, "session_id": one.session_id,
        "pool_id": one.pool_id, "seat_id": one.seat_id, "starts_at": one.starts_at,
        "ends_at": one.ends_at, "state": BookingState.BOOKED, "created_at": LATER,
    }  # fmt: skip

    def sell() -> None:
        with transaction() as session:
            session.execute(sa.insert(Booking).values(id=new_id(), **values))

    with pytest.raises(Conflict) as told:
        sell()
    assert told.value.facts["constraint"] == "uq_booking_live_seat"
    with transaction() as session:  # the control: without the index the second sale goes through
        session.execute(sa.text("DROP INDEX uq_booking_live_seat"))
    try:
        sell()
        assert count(Booking, Booking.seat_id == one.seat_id) == 2
    finally:
        with transaction() as session:
            session.execute(sa.delete(Booking).where(Booking.reference == "X"))
            session.execute(
                sa.text(
                    "CREATE UNIQUE INDEX uq_booking_live_seat ON booking (seat_id)"
                    " WHERE state IN ('booked','used')"
                )
            )


def test_a_priority_use_that_did_not_serve_is_given_back(app: Flask, city: City) -> None:
    drafts = [session_draft(city, seats=2, subject=Subject.S2, classes=("C1",))]
    round_ = make_round(city, make_plan(city, drafts))
    from tests.booking.results import pass_subject

    people = make_candidates(city, 3, permit_until=NOW.date() + timedelta(days=100))
    for person in people:
        pass_subject(person.case_id, Subject.S1, NOW - timedelta(days=40))
    wishes = [Wish(x.case_id, Subject.S2, any_session=True, use_credit=True) for x in people]
    assert not any(
        isinstance(x, KaochangError)
        for x in applications.apply_many(wishes, round_.id, now=NOW, pack=PACK)
    )
    advance(app)
    assert set(db.session.scalars(sa.select(Application.tier))) == {1}
    publish(app, city, round_.id)
    assert count(PriorityCredit, PriorityCredit.returned_at.is_(None)) == 2
    assert count(PriorityCredit, PriorityCredit.returned_at.is_not(None)) == 1
