from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from exam.booking.models import Round
from exam.booking.report_rules import By, age_band, age_on, in_order, suppressed
from exam.booking.rules import Wish
from exam.booking.services import applications, reports, rounds, solving
from exam.db import db, transaction
from exam.people.models import SupportNeed
from exam.policy.subjects import Subject
from tests.booking.factories import (
    NOW,
    PACK,
    make_candidates,
    make_plan,
    make_round,
    session_draft,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flask.testing import FlaskClient

    from exam.people.roles import Actor
    from tests.booking.factories import City

SMALLEST = PACK.integer("report.smallest_group")


@pytest.fixture
def solved(city: City, data_folder: Path) -> Round:
    """Thirty ask for twenty seats in two sessions; four of them belong to a service group."""
    drafts = [session_draft(city, hour=hour, seats=10) for hour in (9, 14)]
    found = make_round(city, make_plan(city, drafts))
    young = make_candidates(city, 26, permit_issued=None)
    served_first = make_candidates(city, 4, permit_issued=None, needs=("pregnant",))
    wishes = [Wish(x.case_id, Subject.S1, any_session=True) for x in (*young, *served_first)]
    applications.apply_many(wishes, found.id, now=NOW, pack=PACK)
    rounds.close_round(city.planner, found.id, now=NOW, reason="测试")
    solving.advance(now=NOW, pack=PACK, data_folder=data_folder)
    return db.session.scalars(sa.select(Round)).one()


def test_one_more_seat_serves_the_first_who_was_refused(solved: Round, data_folder: Path) -> None:
    gains = reports.gains_of(solved, data_folder)
    assert gains is not None
    assert {(x.kind, x.seats, x.served, x.rank) for x in gains} == {("seat", 1, 1, 21)}
    assert len({x.session.id for x in gains}) == 2


def test_shares_stand_with_their_intervals_and_the_small_group_is_hidden(
    solved: Round, data_folder: Path
) -> None:
    report = reports.fairness_of(solved, data_folder)
    assert report is not None
    (row,) = report[By.SUBJECT]
    assert (row["asked"], row["served"]) == (30, 20)
    assert row["low"] < row["share"] < row["high"]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(SupportNeed)) == 4
    assert [x.get("few") for x in report[By.SERVICE]] == [True, True], "neither can be told"
    assert all("asked" not in x for x in report[By.SERVICE])


def test_nothing_is_shown_before_the_round_is_solved(city: City, data_folder: Path) -> None:
    found = make_round(city, make_plan(city, [session_draft(city)]))
    assert reports.gains_of(found, data_folder) is None
    assert reports.fairness_of(found, data_folder) is None


def test_planner_and_inspector_read_it_and_the_public_files_hold_none_of_it(
    solved: Round, city: City, enter: Callable[[Actor], FlaskClient]
) -> None:
    assert solved
    for who, path in (
        (city.planner, "/planning/rounds/R34/worth"),
        (city.planner, "/planning/rounds/R34/fairness"),
        (city.inspector, "/inspection/rounds/R34/fairness"),
    ):
        assert enter(who).get(path).status_code == 200
    with transaction() as session:
        session.execute(sa.update(Round).values(code="R34"))
    page = enter(city.inspector).get("/public/rounds/R34").get_data(as_text=True)
    assert "fairness.json" not in page
    assert "worth.json" not in page


TABLE = st.lists(st.integers(0, 60), max_size=12).map(
    lambda counts: [{"group": str(at), "asked": count} for at, count in enumerate(counts)]
)


@given(TABLE)
def test_no_small_group_is_counted_and_none_can_be_had_by_subtraction(
    rows: list[dict[str, int]],
) -> None:
    shown = suppressed(rows, SMALLEST)
    assert {x["group"] for x in shown} == {x["group"] for x in rows}
    assert all(x["asked"] >= SMALLEST for x in shown if not x.get("few"))
    assert all(set(x) == {"group", "few"} for x in shown if x.get("few"))
    hidden = sum(bool(x.get("few")) for x in shown)
    assert hidden != 1 or len(rows) == 1


@given(st.integers(0, 120))
def test_every_age_has_one_band(age: int) -> None:
    first, _, last = age_band(age).partition("-")
    assert int(first) <= age <= int(last or 200)


@given(st.dates(date(1930, 1, 1), date(2010, 12, 31)))
def test_an_age_is_full_years(born: date) -> None:
    assert age_on(born, born) == 0
    assert age_on(born, date(2026, 8, 17)) in {2026 - born.year, 2025 - born.year}


def test_tiers_and_ages_stand_in_their_order_and_others_worst_first() -> None:
    def rows(*groups: str) -> list[dict[str, Any]]:
        return [{"group": group} for group in groups]

    tables = {
        By.TIER: rows("3", "0", "1"),
        By.AGE: rows("70-", "26-35", "0-17"),
        By.SITE: rows("W3", "W1"),
    }
    assert in_order(By.TIER, tables) == rows("0", "1", "3")
    assert in_order(By.AGE, tables) == rows("0-17", "26-35", "70-")
    assert in_order(By.SITE, tables) == rows("W3", "W1")
    assert in_order(By.SCHOOL, tables) == []
