from __future__ import annotations

import threading
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from exam.booking.models import Application, ApplicationState, Choice, Session
from exam.booking.rules import Wish
from exam.booking.services import applications
from exam.db import db
from exam.errors import KaochangError, NotFound, RuleRefused
from exam.policy.subjects import Subject
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
    from uuid import UUID

    from flask import Flask
    from flask.testing import FlaskClient

    from exam.booking.models import Round
    from exam.people.roles import Actor
    from tests.booking.factories import Candidate, City

    Enter = Callable[[Actor], FlaskClient]
    Crowd = tuple[list[Candidate], UUID]


@pytest.fixture
def round_(city: City) -> Round:
    drafts = [
        session_draft(city, day=FIRST_DAY + timedelta(days=day), hour=hour, site=site)
        for day in range(3)
        for hour in (9, 14)
        for site in ("north", "south")
    ]
    drafts.append(
        session_draft(city, hour=16, classes=("C1",), offers=("stepfree",), subject=Subject.S1)
    )
    return make_round(city, make_plan(city, drafts))


def sessions() -> list[UUID]:
    return list(db.session.scalars(sa.select(Session.id).order_by(Session.starts_at, Session.code)))


def save(person: Candidate, round_: Round, now: datetime = NOW, **wish: Any) -> Application:
    return applications.apply(
        person.actor, round_.id, Wish(person.case_id, Subject.S1, **wish), now=now, pack=PACK
    )


def test_choices_are_kept_in_order_and_replaced_by_a_change(city: City, round_: Round) -> None:
    (person,) = make_candidates(city, 1, permit_issued=None)
    first = sessions()[:3]
    made = save(person, round_, choices=tuple(first))
    again = save(person, round_, choices=(first[2], first[0]), any_session=True)
    assert again.id == made.id
    rows = db.session.scalars(sa.select(Choice).order_by(Choice.position)).all()
    assert [x.session_id for x in rows] == [first[2], first[0]]
    assert again.any_session


def test_withdrawn_and_applied_again_is_one_application(city: City, round_: Round) -> None:
    (person,) = make_candidates(city, 1, permit_issued=None)
    made = save(person, round_, any_session=True)
    applications.withdraw(person.actor, made.id, now=NOW)
    assert made.state is ApplicationState.WITHDRAWN
    assert save(person, round_, any_session=True).id == made.id
    assert made.state is ApplicationState.ACTIVE


@pytest.mark.parametrize("at", ["before", "after"])
def test_outside_the_window_nothing_is_taken(city: City, round_: Round, at: str) -> None:
    (person,) = make_candidates(city, 1, permit_issued=None)
    now = NOW - timedelta(seconds=1) if at == "before" else round_.closes_at
    with pytest.raises(RuleRefused) as told:
        save(person, round_, now=now, any_session=True)
    assert told.value.rule == "round.not_open"


def test_the_window_closes_five_working_days_before_the_first_exam(round_: Round) -> None:
    assert round_.closes_at.isoformat() == "2026-08-10T09:00:00+00:00"


def test_somebody_elses_case_is_not_found(city: City, round_: Round) -> None:
    one, other = make_candidates(city, 2, permit_issued=None)
    with pytest.raises(NotFound):
        applications.apply(
            one.actor,
            round_.id,
            Wish(other.case_id, Subject.S1, any_session=True),
            now=NOW,
            pack=PACK,
        )


@pytest.mark.parametrize(
    ("wish", "rule"),
    [
        ({}, "wish.nothing"),
        ({"choices": "five"}, "wish.too_many"),
        ({"choices": "twice"}, "wish.repeated"),
        ({"choices": "strange"}, "wish.unknown_session"),
        ({"any_session": True, "area": ("moon",)}, "wish.unknown_site"),
        ({"any_session": True, "latest": date(2026, 8, 1)}, "wish.no_days"),
        ({"any_session": True, "use_credit": True}, "wish.no_credit"),
    ],
)
def test_a_wish_that_cannot_stand_is_told_by_its_rule(
    city: City, round_: Round, wish: Any, rule: str
) -> None:
    (person,) = make_candidates(city, 1, permit_issued=None)
    known = sessions()
    many = {"five": known[:5], "twice": [known[0]] * 2, "strange": [uuid4()]}
    if "choices" in wish:
        wish = {**wish, "choices": tuple(many[wish["choices"]])}
    with pytest.raises(RuleRefused) as told:
        save(person, round_, **wish)
    assert told.value.rule == rule
    assert str(told.value)


def test_who_needs_a_step_free_room_is_not_sent_elsewhere(city: City, round_: Round) -> None:
    (person,) = make_candidates(city, 1, permit_issued=None, needs=["step_free"])
    plain, step_free = sessions()[0], db.session.scalars(
        sa.select(Session.id).where(Session.code.like("%-1600"))
    ).one()  # fmt: skip
    with pytest.raises(RuleRefused) as told:
        save(person, round_, choices=(plain,))
    assert told.value.rule == "wish.needs_not_met"
    assert save(person, round_, choices=(step_free,)).needs == ["stepfree"]


def test_any_session_in_a_range_without_a_fitting_one_is_told(city: City, round_: Round) -> None:
    (person,) = make_candidates(city, 1, permit_issued=None, needs=["step_free"])
    with pytest.raises(RuleRefused) as told:
        save(person, round_, any_session=True, earliest=FIRST_DAY + timedelta(days=1))
    assert told.value.rule == "wish.nothing_in_range"


def test_a_class_that_no_vehicle_serves_is_told(city: City, round_: Round) -> None:
    (person,) = make_candidates(city, 1, licence_class="C2", permit_issued=None)
    only_c1 = db.session.scalars(sa.select(Session.id).where(Session.code.like("%-1600"))).one()
    with pytest.raises(RuleRefused) as told:
        save(person, round_, choices=(only_c1,))
    assert told.value.rule == "wish.class_not_served"


def test_a_thousand_wishes_are_answered_one_by_one(city: City, round_: Round) -> None:
    people = make_candidates(city, 200, permit_issued=None)
    wishes = [Wish(x.case_id, Subject.S1, any_session=True) for x in people]
    wishes[7] = Wish(people[7].case_id, Subject.S1)
    answers = applications.apply_many(wishes, round_.id, now=NOW, pack=PACK)
    assert isinstance(answers[7], KaochangError)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Application)) == 199


def test_two_clicks_at_once_save_one_application(app: Flask, city: City, round_: Round) -> None:
    (person,) = make_candidates(city, 1, permit_issued=None)
    round_id, choice, outcomes = round_.id, sessions()[0], []
    start = threading.Barrier(2)

    def click() -> None:
        with app.app_context():
            start.wait()
            try:
                wish = Wish(person.case_id, Subject.S1, choices=(choice,))
                applications.apply(person.actor, round_id, wish, now=NOW, pack=PACK)
                outcomes.append("saved")
            except KaochangError as error:
                outcomes.append(error.code)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=click) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == ["saved", "saved"]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Application)) == 1
