from __future__ import annotations

from datetime import date, time, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from exam.booking import plan_rules
from exam.booking.models import PlanState, Pool, Seat, Session
from exam.booking.plan_rules import Pattern, PoolDraft, SessionDraft
from exam.booking.services import plans
from exam.db import db
from exam.errors import Conflict, NotFound, RuleRefused, WrongState
from exam.people.roles import Actor
from exam.policy.subjects import Subject
from tests.booking.factories import (
    FIRST_DAY,
    LAST_DAY,
    NOW,
    PACK,
    ZONE,
    City,
    make_plan,
    session_draft,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from uuid import UUID

    from flask.testing import FlaskClient

    from exam.booking.models import Plan
    from tests.booking.factories import Candidate, City

    Enter = Callable[[Actor], FlaskClient]
    Crowd = tuple[list[Candidate], UUID]


def publish(city: City, plan_id: UUID, now: datetime) -> Any:
    return plans.publish_plan(city.planner, plan_id, now=now, pack=PACK, zone=ZONE)


def draft_plan(city: City, drafts: list[SessionDraft]) -> Plan:
    return plans.create_plan(
        city.planner, code="P", days=(FIRST_DAY, LAST_DAY), sessions=drafts, now=NOW
    )


def test_ten_days_before_is_in_time_and_nine_is_not(city: City) -> None:
    plan = draft_plan(city, [session_draft(city)])
    with pytest.raises(RuleRefused) as told:
        publish(city, plan.id, NOW + timedelta(days=5))
    assert told.value.rule == "plan.publish_lead_days"
    assert told.value.facts["latest"] == "2026-08-07"
    assert publish(city, plan.id, NOW + timedelta(days=4)).state is PlanState.PUBLISHED


def test_a_published_plan_takes_no_more_sessions(city: City) -> None:
    plan = make_plan(city, [session_draft(city)])
    with pytest.raises(WrongState):
        plans.add_sessions(city.planner, plan.id, [session_draft(city, hour=14)], now=NOW)


def test_an_empty_plan_is_not_published(city: City) -> None:
    plan = draft_plan(city, [])
    with pytest.raises(RuleRefused) as told:
        publish(city, plan.id, NOW)
    assert told.value.rule == "plan.empty"


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"site": "south", "subject": Subject.S2, "classes": ("C5",)}, "plan.class_not_authorised"),
        ({"day": LAST_DAY + timedelta(days=1)}, "plan.outside_days"),
        ({"seats": 0}, "plan.seats_and_pools"),
    ],
)
def test_a_session_that_the_site_may_not_hold_is_refused_and_nothing_is_saved(
    city: City, changes: dict[str, Any], rule: str
) -> None:
    with pytest.raises(RuleRefused) as told:
        draft_plan(city, [session_draft(city, hour=14), session_draft(city, **changes)])
    assert told.value.rule == rule
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Session)) == 0


def test_theory_has_no_vehicles_and_driving_has(city: City) -> None:
    theory = SessionDraft(
        city.sites["north"], Subject.S1, FIRST_DAY, time(9), time(10), 2,
        (PoolDraft("terminal", ("*",), 2, vehicles=1),),
    )  # fmt: skip
    with pytest.raises(RuleRefused) as told:
        draft_plan(city, [theory])
    assert told.value.rule == "plan.vehicles"


def test_all_classes_means_those_for_which_the_site_is_authorised(city: City) -> None:
    make_plan(city, [session_draft(city, site="south")])
    assert db.session.scalars(sa.select(Pool.classes)).one() == ["C1", "C2"]


def test_the_same_session_twice_is_told(city: City) -> None:
    with pytest.raises(Conflict) as told:
        draft_plan(city, [session_draft(city), session_draft(city)])
    assert told.value.facts["constraint"] == "uq_session_code"


def test_another_office_does_not_see_the_plan(city: City) -> None:
    plan = draft_plan(city, [session_draft(city)])
    stranger = Actor(account_id=plan.id, role=city.planner.role, office_id=plan.id)
    with pytest.raises(NotFound):
        plans.add_sessions(stranger, plan.id, [session_draft(city, hour=14)], now=NOW)


def test_a_weekly_pattern_gives_its_weekdays_only(city: City) -> None:
    pattern = Pattern(session_draft(city), frozenset({0, 3}))
    found = list(plan_rules.sessions_of(pattern, (FIRST_DAY, FIRST_DAY + timedelta(days=13))))
    assert [x.date for x in found] == [
        date(2026, 8, 17), date(2026, 8, 20), date(2026, 8, 24), date(2026, 8, 27),
    ]  # fmt: skip


def test_four_hundred_sessions_have_a_row_for_every_seat(city: City) -> None:
    drafts = [
        session_draft(city, day=FIRST_DAY + timedelta(days=day), site=site, subject=subject,
                      hour=hour, seats=10)
        for day in range(5) for site in ("north", "south") for subject in Subject
        for hour in range(8, 18)
    ]  # fmt: skip
    make_plan(city, drafts)
    assert len(drafts) == 400
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Seat)) == 4000
