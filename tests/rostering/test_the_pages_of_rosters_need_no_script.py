"""Planner, leader and the people on a roster walk through their pages, which hold no script."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from exam.db import db
from exam.people.roles import Role
from exam.rostering import conflicts, solving, wording
from exam.rostering.models import Declaration, Qualification, Roster
from exam.rostering.states import RosterState
from scheduler.roster_rules import Code, RosterRule
from tests.booking.factories import FIRST_DAY, NOW
from tests.rostering.factories import SATURDAY, Crew, add
from tests.web.page_check import page_problems

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from flask.testing import FlaskClient

    from exam.people.roles import Actor

    Enter = Callable[[Actor], FlaskClient]

HERE = "/planning/rosters/"
ASKED = {
    "sites": ["north", "south"],
    "first_day": FIRST_DAY.isoformat(),
    "last_day": SATURDAY.isoformat(),
    "invigilators": "3",
    "field_cars": "4",
    "road_cars": "4",
    "safety_cars": "1",
    "weekly_hours": "40",
    "rest_hours": "11",
    "days_a_week": "6",
    "most_days_at_site": "0",
}


def sound(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    assert page_problems(answer.text) == []
    return answer.text


def key_of() -> str:
    return str(db.session.scalars(sa.select(Roster.id).order_by(Roster.number.desc())).first())


def test_from_the_wish_to_ones_own_duties(crew: Crew, enter: Enter) -> None:
    planner = enter(crew.city.planner)
    assert "还没有排班" in sound(planner, HERE)
    refused = planner.post(f"{HERE}new", data={**ASKED, "sites": [], "weekly_hours": "99"})
    assert refused.status_code == 422
    assert page_problems(refused.text) == []
    assert "请至少选择一个考场。" in refused.text
    assert planner.post(f"{HERE}new", data=ASKED).status_code == 303
    page = f"{HERE}{key_of()}"
    assert "正在排班" in sound(planner, page)
    assert "http-equiv" in sound(planner, page)
    assert "正在排班" in planner.get(f"{page}/progress").text
    solving.advance(now=NOW)
    assert "查看排班结果" in planner.get(f"{page}/progress").text
    draft = sound(planner, f"{page}?day={SATURDAY}")
    assert "已证明" in draft
    assert "韩松" in draft
    assert planner.post(f"{page}/sign").status_code == 303
    leader = enter(crew.city.leader)
    assert "批准并通知" in sound(leader, page)
    assert leader.post(f"{page}/approve").status_code == 303
    assert "已生效" in sound(leader, page)
    mine = sound(enter(crew.people["韩松"]), "/duties/")
    assert "城北考场" in mine
    assert "排班已确定" in mine


def test_a_conflict_says_which_rules_and_what_to_change(crew: Crew, enter: Enter) -> None:
    planner = enter(crew.city.planner)
    planner.post(f"{HERE}new", data={**ASKED, "invigilators": "5"})
    solving.advance(now=NOW)
    page = f"{HERE}{key_of()}"
    told = sound(planner, page)
    assert "排不出来" in told
    assert "需要5人" in told
    assert "或增加人员" in told
    add(crew, "白术", Role.INVIGILATOR)
    planner = enter(crew.city.planner)
    assert planner.post(f"{page}/again").status_code == 303
    solving.advance(now=NOW)
    assert crew.found(db.session.scalars(sa.select(Roster.id)).one()).state is RosterState.DRAFT


def test_a_qualification_is_entered_and_somebody_is_entered_as_away(
    crew: Crew, enter: Enter
) -> None:
    new = add(crew, "魏来", Role.EXAMINER, qualified=False)
    planner = enter(crew.city.planner)
    assert "未登记" in sound(planner, f"{HERE}people")
    own = f"{HERE}people/{new.account_id}/examiner"
    sound(planner, own)
    refused = planner.post(own, data={"weekly_hours": "40"})
    assert refused.status_code == 422
    assert page_problems(refused.text) == []
    good = {"weekly_hours": "32", "subjects": ["S2"], "classes": ["C1", "C2"]}
    assert planner.post(own, data=good | {"valid_until": "2027-01-31"}).status_code == 303
    held = db.session.scalars(
        sa.select(Qualification).where(Qualification.account_id == new.account_id)
    ).one()
    assert (held.subjects, held.classes, held.weekly_hours) == (["S2"], ["C1", "C2"], 32)
    days = {"first_day": FIRST_DAY.isoformat(), "last_day": FIRST_DAY.isoformat()}
    sound(planner, f"{own}/away")
    assert planner.post(f"{own}/away", data=days).status_code == 303
    assert db.session.scalars(sa.select(Declaration.account_id)).one() == new.account_id
    assert planner.get(f"{HERE}people/{new.account_id}/king").status_code == 404


def test_people_declare_for_themselves_and_take_it_back(crew: Crew, enter: Enter) -> None:
    mine = enter(crew.people["周安"])
    assert "生效的排班中没有您的执勤" in sound(mine, "/duties/")
    days = {"first_day": FIRST_DAY.isoformat(), "last_day": FIRST_DAY.isoformat()}
    sound(mine, "/duties/away")
    assert mine.post("/duties/away", data=days).status_code == 303
    sound(mine, "/duties/avoided")
    site = {"site": str(crew.city.sites["south"])}
    assert mine.post("/duties/avoided", data=site).status_code == 303
    again = mine.post("/duties/avoided", data=site)
    assert again.status_code == 422
    assert page_problems(again.text) == []
    page = sound(mine, "/duties/")
    assert "城南考场" in page
    key = db.session.scalars(sa.select(Declaration.id).where(Declaration.site_id.is_(None))).one()
    assert mine.post(f"/duties/declared/{key}/withdraw").status_code == 303


def test_every_rule_of_a_conflict_has_words(app: Flask) -> None:
    del app
    names = {"ab12": "周安", "cd34": "吴宁"}
    for code in Code:
        if code is Code.NEEDS:
            continue
        rule = RosterRule(
            code, worker="ab12", day="2026-08-22", site="north", licence_class="S2.C1", number=2
        )
        (kept,) = conflicts.kept([rule])
        (said,) = wording.clauses([kept], names, {})
        assert said.change
        assert "%(" not in said.text
        assert ("周安" in said.text) == ("person" in kept)


def test_people_whom_one_rule_binds_alike_are_told_in_one_line(app: Flask) -> None:
    del app
    rules = [
        RosterRule(Code.AWAY, worker=worker, day=day)
        for worker, day in (("ab12", "2026-08-22"), ("cd34", "2026-08-22"), ("ab12", "2026-08-23"))
    ]
    said = wording.clauses(conflicts.kept(rules), {"ab12": "周安", "cd34": "吴宁"}, {})
    assert [("周安" in one.text, "吴宁" in one.text) for one in said] == [
        (True, True),
        (True, False),
    ]


def test_a_conflict_that_may_be_larger_than_need_be_says_so(crew: Crew, enter: Enter) -> None:
    planner = enter(crew.city.planner)
    planner.post(f"{HERE}new", data={**ASKED, "invigilators": "5"})
    solving.advance(now=NOW)
    page = f"{HERE}{key_of()}"
    assert "这是最小的一组" in sound(planner, page)
    found = db.session.scalars(sa.select(Roster)).one()
    found.answer = {**found.answer, "smallest": False}
    db.session.commit()
    told = sound(planner, page)
    assert "这是最小的一组" not in told
    assert "未证明其中每一条都必不可少" in told
