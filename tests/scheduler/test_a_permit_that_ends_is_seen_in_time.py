"""Permits within the horizon: what is still lawful, who is too late, how many seats are missing."""

from __future__ import annotations

import itertools
import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.api import Capacity, Interval, Permit, SolveError, outlook, shortages
from scheduler.cli import main

TODAY = date(2027, 3, 1)
RULES = [Interval("S1", "S2", 10), Interval("S2", "S3R", 20)]


def day(number: int) -> date:
    return TODAY + timedelta(number)


def permit(case: str, last: int, *subjects: str, **more: object) -> Permit:
    return Permit(case, "g", day(last), subjects or ("S2",), **more)


def test_windows_run_forward_from_today_and_back_from_the_end() -> None:
    passed = {"S1": day(-5)}
    (found,) = outlook([permit("a", 40, "S3R", "S2", passed=passed)], RULES, TODAY, day(60))
    assert [(one.subject, one.earliest, one.latest) for one in found.windows] == [
        ("S2", day(5), day(20)),
        ("S3R", day(25), day(40)),
    ]
    assert found.too_late == ""


def test_who_can_no_longer_make_it_is_named_with_the_subject() -> None:
    cases = [
        permit("late", 19, "S2", "S3R"),
        permit("later", 30, "S2", "S3R", not_before={"S2": day(12)}),
        permit("just", 20, "S2", "S3R"),
        permit("far", 400, "S2"),
        permit("done", 20, "S2").__class__("done", "g", day(20), ()),
    ]
    found = outlook(cases, RULES, TODAY, day(60))
    assert [(one.case, one.too_late) for one in found] == [
        ("late", "S2"),
        ("just", ""),
        ("later", "S2"),
    ]


def test_intervals_in_a_circle_are_refused() -> None:
    rules = [Interval("S2", "S3R", 1), Interval("S3R", "S2", 1)]
    with pytest.raises(SolveError, match="circle"):
        outlook([permit("a", 9)], rules, TODAY, day(60))


def test_a_later_seat_of_one_subject_is_felt_by_the_next() -> None:
    cases = [permit(name, 30, "S2", "S3R") for name in ("a", "b")]
    seats = [Capacity("g", "S2", day(0), 1), Capacity("g", "S2", day(8), 1)]
    seats += [Capacity("g", "S3R", day(20), 2)]
    (found,) = shortages(cases, RULES, seats, TODAY, day(60))
    assert (found.subject, found.at_least, found.enough) == ("S3R", 0, 1)
    assert found.add == {day(30): 1}


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=5),
    st.lists(st.integers(0, 2), min_size=5, max_size=5),
)
def test_the_missing_seats_are_the_fewest(windows: list[tuple[int, int]], seats: list[int]) -> None:
    cases = [
        permit(str(at), max(pair), not_before={"S2": day(min(pair))})
        for at, pair in enumerate(windows)
    ]
    there = [Capacity("g", "S2", day(at), count) for at, count in enumerate(seats)]
    found = shortages(cases, RULES, there, TODAY, day(60))
    most = 0
    for days in itertools.product(range(-1, 5), repeat=len(windows)):
        used = [day_ for day_ in days if day_ >= 0]
        fits = all(used.count(at) <= seats[at] for at in used)
        fits &= all(d < 0 or min(w) <= d <= max(w) for d, w in zip(days, windows, strict=True))
        most = max(most, len(used) if fits else 0)
    missing = found[0] if found else None
    assert len(windows) - most == (missing.at_least if missing else 0)
    if missing:
        assert missing.enough == missing.at_least == sum(missing.add.values())
        assert 0 < missing.wanted - missing.seats <= missing.at_least


def test_the_command_answers_in_json_and_refuses_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    question = {
        "format": "kaochang-lookahead/1",
        "today": "2027-03-01",
        "horizon": "2027-06-01",
        "intervals": [{"before": "S2", "subject": "S3R", "days": 20}],
        "permits": [
            {"case": "a", "group": "g", "last_day": "2027-03-31", "remaining": ["S2", "S3R"]}
        ],
        "queues": [{"site": "north", "subject": "S2", "arrivals": 9, "vehicles": 1, "turns": 2}],
        "changes": [{"site": "north", "subject": "S2", "sundays": 1}],
    }
    path = tmp_path / "question.json"
    path.write_text(json.dumps(question))
    command = ["lookahead", str(path), "--seed", "7", "--runs", "20", "--json"]
    assert main(command) == 0
    first = capsys.readouterr().out
    found = json.loads(first)
    assert found["shortages"][0]["add"] == {"2027-03-11": 1}
    assert found["forecast"][0]["seats"] == 10
    assert main(command) == 0
    assert capsys.readouterr().out == first
    question["queues"][0]["pass_rate"] = "most"
    path.write_text(json.dumps(question))
    assert main(command) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("question.json column queues.0.pass_rate: ")
    question["queues"][0]["pass_rate"] = 2
    path.write_text(json.dumps(question))
    assert main(command) == 2
    assert "shares from 0 to 1" in capsys.readouterr().err
