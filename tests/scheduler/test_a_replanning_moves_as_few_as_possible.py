"""A lost session, an ill examiner, a guest of the green channel: few move, and it is proven."""

from __future__ import annotations

from pathlib import Path

import pytest

from scheduler.api import (
    RoundError,
    Standing,
    changes,
    check,
    fairness,
    read_round,
    solve,
    touched,
    write_round,
)
from scheduler.cli import main
from scheduler.fairness import wilson
from tests.scheduler.small_rounds import application, build, choices, pool, session, write


def week() -> dict:
    """Two sites that share nobody; three told people in the first, one in the second."""
    return {
        "sessions": [
            session("am", seats=2),
            session("pm", start="13:30", end="17:30", seats=3),
            session("far", site="south", subject="S3T", seats=1),
        ],
        "pools": [
            pool("am-1", "am", seats=1),
            pool("am-2", "am", seats=1),
            pool("pm-1", "pm", seats=3),
            pool("far-1", "far", seats=1),
        ],
        "applications": [
            application("a1", 1, prior="am-1"),
            application("a2", 2, prior="am-2"),
            application("a3", 3, prior="pm-1"),
            application("a4", 0, tier=0),
            application("b1", 1, subject="S3T", prior="far-1"),
        ],
        "choices": [
            *choices("a1", "am", "pm"),
            *choices("a2", "am", "pm"),
            *choices("a3", "pm"),
            *choices("a4", "pm"),
            *choices("b1", "far"),
        ],
    }


def told(tables: dict) -> list[tuple[str, str, str]]:
    found = build(tables)
    return [(one.application, one.after, one.kind) for one in changes(found, solve(found))]


def test_without_an_event_only_newcomers_appear() -> None:
    assert told(week()) == [("a4", "pm-1", "new")]


def test_a_lost_pool_moves_one_person_and_the_told_come_before_a_newcomer() -> None:
    tables = week()
    tables["pools"][0]["seats"] = 0
    tables["sessions"][0]["seats"] = 1
    tables["pools"][2]["seats"] = 2
    assert told(tables) == [("a1", "pm-1", "session")]


def test_another_vehicle_of_the_same_session_is_the_smaller_move() -> None:
    tables = week()
    tables["pools"][0]["seats"], tables["pools"][1]["seats"] = 0, 2
    assert told(tables)[0] == ("a1", "am-2", "pool")
    found = build(tables)
    assert solve(found).summary["move_cost"] == 1


def test_who_cannot_be_kept_is_the_last_by_rank() -> None:
    tables = week()
    tables["sessions"][0]["seats"] = 0
    tables["pools"][2]["seats"] = 2
    assert told(tables) == [
        ("a1", "pm-1", "session"),
        ("a2", "pm-1", "session"),
        ("a3", "", "lost"),
    ]


def test_a_replanning_is_proven_like_any_round(tmp_path: Path) -> None:
    tables = week()
    tables["sessions"][0]["seats"] = 0
    folder = write(tables, tmp_path / "round")
    assert main(["solve", str(folder), "--out", str(tmp_path / "plan")]) == 0
    assert main(["check", str(folder), str(tmp_path / "plan")]) == 0


def test_only_the_component_of_the_event_is_touched() -> None:
    found = build(week())
    part = touched(found, ["am"])
    assert part.sessions == ("am", "pm")
    assert part.pools == ("am-1", "am-2", "pm-1")
    assert part.applications == ("a1", "a2", "a3", "a4")
    with pytest.raises(KeyError):
        touched(found, ["nowhere"])


def test_the_part_cut_out_of_a_standing_round_is_a_round_and_moves_the_same(tmp_path: Path) -> None:
    tables = week()
    standing = Standing(build(tables))
    tables["sessions"][0]["seats"] = 1
    part = standing.part(["pm"], session_seats={"am": 1})
    write_round(part, tmp_path)
    assert read_round(tmp_path).sha256 == part.sha256
    plan = solve(part)
    assert check(part, plan) == []
    moved = [(one.application, one.after, one.kind) for one in changes(part, plan)]
    assert moved == told(tables)


def test_a_part_keeps_what_its_people_refer_to_outside_of_it(tmp_path: Path) -> None:
    tables = week()
    tables["choices"] += choices("a4", "pm", "far")[1:]
    part = Standing(build(tables)).part(["am"])
    write_round(part, tmp_path)
    assert read_round(tmp_path).sha256 == part.sha256
    assert part.sessions.ids.to_pylist() == ["am", "far", "pm"]


@pytest.mark.parametrize(
    ("seats", "words"),
    [
        ({"session_seats": {"far": 0}}, "sessions column session: 'far' is not in the touched"),
        ({"pool_seats": {"am-1": -1}}, "pools column seats: -1 of 'am-1'"),
    ],
)
def test_an_event_outside_the_part_is_refused(seats: dict, words: str) -> None:
    with pytest.raises(RoundError, match=words):
        Standing(build(week())).part(["am"], **seats)


def test_a_fairness_report_counts_groups_and_their_chance() -> None:
    tables = week()
    tables["pools"][2]["seats"] = 1
    found = build(tables)
    schools = {"a1": "east", "a2": "east", "a3": "west", "a4": "west"}
    report = fairness(found, solve(found), schools)
    assert [(row.group, row.asked, row.served, row.first_choice) for row in report] == [
        ("west", 2, 1, 1),
        ("east", 2, 2, 2),
    ]
    assert (report[1].first_low, report[1].first_high) == wilson(2, 2)
    # Wilson's interval of 8 in 10 as tabulated by Newcombe (1998).
    assert wilson(8, 10) == (pytest.approx(0.4902, abs=1e-4), pytest.approx(0.9433, abs=1e-4))
