"""The engine names the rules of a conflict by codes and facts, which are kept for the page."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exam.rostering import conflicts, rules, solving
from exam.rostering.rules import Demands, Held, Need, Person, Pooled, Problem
from scheduler.roster_rules import Code, RosterRule

DEMANDS = Demands(
    invigilators=3,
    cars_per_examiner={"S2": 4, "S3R": 4},
    cars_per_safety_officer=1,
    weekly_hours=40,
    rest_hours=11,
    most_days_at_site=0,
)
MORNING = datetime(2026, 8, 17, 8, tzinfo=UTC)


def need(day: int = 0, hour: int = 0, hours: int = 4, **changes: object) -> Need:
    start = MORNING + timedelta(days=day, hours=hour)
    made = Need(start, start + timedelta(hours=hours), "north", "examiner", "S2", "C1")
    return replace(made, **changes)  # type: ignore[arg-type]  # values of the caller


def person(key: str = "ab12", **changes: object) -> Person:
    made = Person(key, frozenset({"examiner"}), frozenset({"S2.C1"}))
    return replace(made, **changes)  # type: ignore[arg-type]  # values of the caller


@pytest.mark.parametrize(
    ("needs", "people", "demands", "rules_found"),
    [
        ([need(count=2)], [person()], {}, {"needs"}),
        ([need()], [person(tokens=frozenset())], {}, {"needs", "class"}),
        ([need()], [person(avoids=frozenset({"north"}))], {}, {"needs", "avoids"}),
        ([need()], [person(away=frozenset({"2026-08-17"}))], {}, {"needs", "away"}),
        ([need(n, hours=9) for n in range(5)], [person()], {}, {"needs", "hours"}),
        ([need(), need(1)], [person(most_days=1)], {}, {"needs", "week"}),
        ([need(), need(hour=1)], [person()], {}, {"needs", "once"}),
        ([need(hours=14), need(1)], [person()], {}, {"needs", "rest"}),
        ([need(), need(1)], [person()], {"most_days_at_site": 1}, {"needs", "days"}),
        ([need(), need(hour=5, site="south")], [person()], {}, {"needs", "sites"}),
    ],
)
def test_the_engine_names_each_rule_by_its_code(
    needs: list[Need], people: list[Person], demands: dict[str, int], rules_found: set[str]
) -> None:
    problem = Problem(tuple(needs), tuple(people), replace(DEMANDS, **demands))  # type: ignore[arg-type]  # whole numbers
    answer = solving.solve(problem).answer
    assert answer.smallest
    kept = conflicts.kept(answer.conflict)
    assert {x["rule"] for x in kept} == rules_found
    # What is needed comes first, and names its duty by number.
    assert (kept[0]["rule"], kept[0]["duty"]) == ("needs", 1)


def test_facts_are_kept_by_the_words_of_the_pages() -> None:
    tired = replace(person(most_minutes=300), away=frozenset({"2026-08-18"}))
    problem = Problem((need(hours=3), need(hour=4, hours=3), need(1)), (tired,), DEMANDS)
    first = conflicts.kept(solving.solve(replace(problem, needs=problem.needs[:2])).answer.conflict)
    assert first == [
        {"rule": "needs", "duty": 1},
        {"rule": "needs", "duty": 2},
        {"rule": "hours", "person": "ab12", "minutes": 300},
    ]
    second = conflicts.kept(
        solving.solve(replace(problem, needs=problem.needs[2:])).answer.conflict
    )
    assert second == [
        {"rule": "needs", "duty": 1},
        {"rule": "away", "person": "ab12", "day": "2026-08-18"},
    ]


def test_duties_of_a_conflict_stand_by_number_and_not_as_text() -> None:
    rules_told = [RosterRule(Code.NEEDS, duty=name) for name in ("10", "9", "2")]
    told = conflicts.kept([RosterRule(Code.ONCE), *rules_told])
    assert [x.get("duty") for x in told] == [2, 9, 10, None]


def test_a_week_of_a_site_needs_whom_the_demands_say() -> None:
    cars = (Pooled("C1", 5), Pooled("B2", 2))
    end = MORNING + timedelta(hours=2)
    sessions = [
        Held("north", "S3R", MORNING, end, cars),
        Held("north", "S1", MORNING, end, (Pooled("terminal", 0),)),
    ]
    found = rules.needs_of(sessions, {"north": ["R1", "R2"]}, DEMANDS)
    told = sorted((x.role, x.kind, x.room, x.count) for x in found)
    assert told == [
        ("examiner", "B2", "", 1),
        ("examiner", "C1", "", 2),
        ("examiner", "terminal", "", 1),
        ("first_aider", "", "", 1),
        ("invigilator", "", "R1", 3),
        ("invigilator", "", "R2", 3),
        ("safety_officer", "", "", 7),
    ]


@settings(max_examples=25)
@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(1, 9)), min_size=1, max_size=5, unique=True),
    st.integers(0, 4),
)
def test_filling_a_gap_never_breaks_a_rule(wanted: list[tuple[int, int]], gone: int) -> None:
    """Whoever keeps a duty and whoever fills a gap stay within rest, hours and one duty at once."""
    needs = tuple(sorted(need(day, hours=hours) for day, hours in wanted))
    people = tuple(person(f"p{n}") for n in range(5))
    before = solving.solve(Problem(needs, people, DEMANDS))
    fallen = replace(people[gone], away=frozenset(x.day.isoformat() for x in needs))
    people = tuple(fallen if n == gone else x for n, x in enumerate(people))
    after = solving.solve(Problem(needs, people, DEMANDS, prior=before.places))
    for number, keys in after.places.items():
        assert len(keys) == needs[number - 1].count
        assert fallen.key not in keys
    if after.untouched:
        kept = {n: keys - {fallen.key} for n, keys in before.places.items()}
        assert all(kept[n] <= keys for n, keys in after.places.items())
    mine: dict[str, list[Need]] = defaultdict(list)
    for number, keys in after.places.items():
        for key in keys:
            mine[key].append(needs[number - 1])
    rest = timedelta(hours=DEMANDS.rest_hours)
    for duties in mine.values():
        spans = sorted((x.start, x.end) for x in duties)
        assert all(a[1] + rest <= b[0] for a, b in pairwise(spans))
        assert sum(rules.minutes_by_week(spans).values()) <= DEMANDS.weekly_hours * 60
