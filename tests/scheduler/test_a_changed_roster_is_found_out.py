"""The check of a roster knows no engine, and names whatever was changed by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from scheduler.roster import Duty, Roster, Rules, Worker, make_roster
from scheduler.roster_check import faults

MONDAY = datetime(2027, 3, 1, 8)  # noqa: DTZ001 (the site's civil time)
RULES = Rules(most_days_at_site=1, spread_load=True, may_be_short=True)


def duty(name: str, day: int, hour: int, site: str, **more: int | str) -> Duty:
    start = MONDAY + timedelta(days=day, hours=hour - 8)
    facts = {"count": 1, "licence_class": "", "seniors": 0} | more
    return Duty(name, site, "examiner", start=start, end=start + timedelta(hours=4), **facts)


WORKERS = [
    Worker("ann", frozenset({"examiner"}), senior=True, most_days=2),
    Worker("bob", frozenset({"examiner"}), classes=frozenset({"C1"}), most_minutes=480),
    Worker("cai", frozenset({"examiner"}), avoids=frozenset({"south"})),
    Worker("dan", frozenset({"examiner"}), away=frozenset({"2027-03-02"})),
    Worker("eva", frozenset({"first_aider"})),
]
DUTIES = [
    duty("old", 0, 8, "north", count=2, seniors=1),
    duty("late", 0, 17, "north"),
    duty("early", 1, 8, "south", licence_class="A2"),
    duty("also", 1, 8, "north"),
    duty("third", 2, 8, "south"),
]
GOOD: dict[str, tuple[str, ...]] = {
    "old": ("ann", "bob"),
    "late": ("dan",),
    "early": ("ann",),
    "also": ("cai",),
    "third": ("dan",),
}


def of(people: dict[str, tuple[str, ...]]) -> Roster:
    made = make_roster(WORKERS, DUTIES, RULES)
    return replace(made, duties=GOOD | people)


def test_what_is_given_out_has_no_fault() -> None:
    made = make_roster(WORKERS, DUTIES, RULES)
    assert faults(WORKERS, DUTIES, RULES, made) == []
    assert (made.cost, made.counted, made.proven) == (10, 10, True)


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"old": ("bob", "dan")}, "old needs 1 senior"),
        ({"old": ("ann", "bob", "dan")}, "old has 3 people and needs 2"),
        ({"old": ("ann", "nobody")}, "somebody unknown"),
        ({"old": ("ann", "ann")}, "or twice"),
        ({"early": ("bob",)}, "bob is not qualified for class A2"),
        ({"third": ("cai",)}, "cai must not be sent to south"),
        ({"also": ("dan",)}, "dan is away on 2027-03-02"),
        ({"also": ("eva",)}, "eva is no examiner"),
        ({"late": ("bob",), "third": ("bob",)}, "bob works more than 480 minutes"),
        ({"third": ("ann",)}, "ann works on more than 2 days a week"),
        ({"late": ("cai",)}, "cai is at one site on more than 1 days"),
        ({"also": ("ann",)}, "ann works at two sites on one day"),
        ({"also": ("ann",)}, "ann has early and also at once"),
        (
            {"late": ("ann",), "old": ("ann", "bob")},
            "ann has too little rest between late and early",
        ),
    ],
)
def test_every_broken_rule_is_named(changed: dict[str, tuple[str, ...]], named: str) -> None:
    wrong = faults(WORKERS, DUTIES, replace(RULES, rest_minutes=12 * 60), of(changed))
    assert any(named in text for text in wrong), wrong


@pytest.mark.parametrize(
    "change",
    [
        {"cost": 0},
        {"bound": 0},
        {"bound": 1000, "proven": False},
        {"counted": 0},
        {"proven": False},
        {"short": {"old": 1}},
        {"load_spread": 0},
        {"unfairness": 1},
        {"duties": {"old": ()}},
    ],
)
def test_every_changed_number_is_found(change: dict[str, object]) -> None:
    made = make_roster(WORKERS, DUTIES, RULES)
    assert faults(WORKERS, DUTIES, RULES, replace(made, **change))
