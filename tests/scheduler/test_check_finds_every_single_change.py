"""Any one number, seat, refusal or wish changed by hand is found, by both checkers, by name."""

from __future__ import annotations

import csv
import json
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler import checker
from scheduler.api import read_round, solve, write_plan
from scheduler.checking import check
from tests.scheduler.small_rounds import application, choices, pool, session, tiny, write


def plan_of(tables: dict, folder: Path, costs: dict | None = None) -> tuple[Path, Path]:
    source = write(tables, folder / "round", costs) if costs else write(tables, folder / "round")
    found = read_round(source)
    write_plan(found, solve(found), folder / "plan")
    return source, folder / "plan"


def kinds(source: Path, plan: Path) -> tuple[set[str], set[str]]:
    """What the standard-library and the vectorised checker call what they find."""
    one = {finding.kind for finding in checker.check(source, plan)}
    two = {finding.kind for finding in check(read_round(source), plan)}
    return one, two


def read(path: Path) -> list[list[str]]:
    with path.open(newline="") as file:
        return list(csv.reader(file))


def rewrite(path: Path, rows: list[list[str]]) -> None:
    with path.open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def canonical(found: Any) -> bytes:
    return json.dumps(found, sort_keys=True, separators=(",", ":")).encode()


@settings(max_examples=25, deadline=None)
@given(tiny(), st.integers(0, 2**32))
def test_an_honest_plan_holds_and_any_changed_number_does_not(made: tuple, seed: int) -> None:
    tables, costs = made
    with tempfile.TemporaryDirectory() as name:
        source, plan = plan_of(tables, Path(name), costs)
        assert kinds(source, plan) == (set(), set())
        found = read_round(source)
        assert check(found, solve(found)) == []
        changes = list(single_changes(plan))
        for path, content in random.Random(seed).sample(changes, min(4, len(changes))):
            honest = path.read_bytes()
            path.write_bytes(content)
            one, two = kinds(source, plan)
            assert one, (path.name, content)
            assert two, (path.name, content)
            path.write_bytes(honest)


def single_changes(plan: Path) -> Iterator[tuple[Path, bytes]]:
    """Each number of the certificate one up, one down, or gone; each cell of a table changed."""
    path = plan / "certificate.json"
    honest = json.loads(path.read_bytes())
    for part in ("levels", "prices"):
        for table, values in honest[part].items():
            for name, value in values.items():
                for other in {None, 1, (value or 0) + 1, (value or 0) - 1} - {value}:
                    changed = json.loads(path.read_bytes())
                    changed[part][table][name] = other
                    yield path, canonical(changed)
    for name in ("assignments.csv", "refused.csv"):
        lines = (plan / name).read_text().splitlines(keepends=True)
        for number, line in enumerate(lines[1:], start=1):
            yield plan / name, "".join(lines[:number] + lines[number + 1 :]).encode()
            cells = line.strip().split(",")
            for column, cell in enumerate(cells[1:], start=1):
                spoilt = str(int(cell) + 1) if cell.isdecimal() else f"{cell}1"
                row = [*cells[:column], spoilt, *cells[column + 1 :]]
                text = [*lines[:number], ",".join(row) + "\n", *lines[number + 1 :]]
                yield plan / name, "".join(text).encode()


@pytest.fixture
def published(tmp_path: Path) -> tuple[Path, Path]:
    """Three sessions, five people, one refused, one pinned, prices and levels above nothing."""
    tables = {
        "sessions": [
            session("am", seats=2),
            session("pm", seats=1),
            session("far"),
            session("solo"),
        ],
        "pools": [
            pool("am-1", "am", seats=2),
            pool("pm-1", "pm", seats=1),
            pool("far-1", "far", seats=2, classes="C2"),
            pool("solo-1", "solo", seats=1, classes="A1"),
        ],
        "applications": [
            application("a1", 1),
            application("a2", 2),
            application("a3", 3, prior="pm-1", pinned=1),
            application("a4", 4),
            application("a5", 5, licence_class="C2"),
            application("a6", 6, licence_class="C2"),
            application("a7", 7, licence_class="A1"),
        ],
        "choices": [
            *choices("a1", "am", "pm"),
            *choices("a2", "am", "pm"),
            *choices("a3", "pm"),
            *choices("a4", "am", "pm"),
            *choices("a5", "am", "far"),
            *choices("a6", "far"),
            *choices("a7", "solo"),
        ],
    }
    return plan_of(tables, tmp_path)


def assign(plan: Path, who: str, **cells: str) -> None:
    rows = read(plan / "assignments.csv")
    for row in rows[1:]:
        if row[0] == who:
            for name, value in cells.items():
                row[rows[0].index(name)] = value
    rewrite(plan / "assignments.csv", rows)


def seat_a_newcomer(source: Path, plan: Path) -> None:
    refused = read(plan / "refused.csv")
    rewrite(plan / "refused.csv", refused[:1])
    rows = read(plan / "assignments.csv")
    rows.append(["a4", "am", "am-1", "1", "1", "3"])
    rewrite(plan / "assignments.csv", [rows[0], *sorted(rows[1:])])


def refuse_a_person(source: Path, plan: Path) -> None:
    rows = read(plan / "assignments.csv")
    rewrite(plan / "assignments.csv", [row for row in rows if row[0] != "a6"])
    refused = read(plan / "refused.csv")
    rewrite(plan / "refused.csv", [*refused, ["a6", "full", "6"]])


def change_a_wish(source: Path, plan: Path) -> None:
    rows = read(source / "choices.csv")
    rewrite(source / "choices.csv", [row for row in rows if row != ["a5", "2", "far"]])


def change_certificate(part: str, table: str, name: str, value: Any) -> Any:
    def spoil(source: Path, plan: Path) -> None:
        found = json.loads((plan / "certificate.json").read_bytes())
        found[part][table][name] = value
        (plan / "certificate.json").write_bytes(canonical(found))

    return spoil


def change_salt(by: int) -> Any:
    def spoil(source: Path, plan: Path) -> None:
        found = json.loads((plan / "certificate.json").read_bytes())
        found["salts"]["solo"] += by
        (plan / "certificate.json").write_bytes(canonical(found))

    return spoil


def change_summary(source: Path, plan: Path) -> None:
    found = json.loads((plan / "summary.json").read_bytes())
    found["served"] += 1
    (plan / "summary.json").write_text(json.dumps(found))


SPOILT = {
    "a newcomer gets a seat that is not there": ("pool_seats", seat_a_newcomer),
    "a person is refused though a seat is free": ("level", refuse_a_person),
    "a wish disappears from the round": ("digest", change_a_wish),
    "a person sits where he may not": (
        "option",
        lambda _, plan: assign(plan, "a1", session="far", pool="far-1"),
    ),
    "a person sits in the wrong session": (
        "session",
        lambda _, plan: assign(plan, "a1", session="pm"),
    ),
    "a pinned person was moved": (
        "pinned",
        lambda _, plan: assign(plan, "a3", session="am", pool="am-1"),
    ),
    "a choice has another number": ("order", lambda _, plan: assign(plan, "a1", order="2")),
    "a turn is swapped": ("turn", lambda _, plan: assign(plan, "a1", turn="2")),
    "a level is raised": ("level", change_certificate("levels", "pools", "am-1", 5)),
    "a level is lowered": ("level", change_certificate("levels", "pools", "am-1", 3)),
    "a level is invented": ("level", change_certificate("levels", "pools", "far-1", 4)),
    "a session is given a level": ("level", change_certificate("levels", "sessions", "am", 4)),
    "a price is raised": ("price", change_certificate("prices", "pools", "am-1", 2)),
    "a free seat has a price": ("price", change_certificate("prices", "sessions", "far", 1)),
    "a level is larger than any rank": (
        "level",
        change_certificate("levels", "pools", "am-1", 2**40),
    ),
    "a salt is changed where nothing was drawn": ("salt", change_salt(1)),
    "a salt has more than 64 bits": ("salt", change_salt(2**64)),
    "the summary counts one more": ("summary", change_summary),
}


@pytest.mark.parametrize("story", SPOILT)
def test_what_was_spoilt_by_hand_is_called_by_its_name(
    story: str, published: tuple[Path, Path]
) -> None:
    source, plan = published
    assert kinds(source, plan) == (set(), set())
    kind, spoil = SPOILT[story]
    spoil(source, plan)
    one, two = kinds(source, plan)
    assert kind in one
    assert kind in two


@pytest.mark.parametrize(
    "name", ["assignments.csv", "refused.csv", "certificate.json", "summary.json"]
)
@pytest.mark.parametrize("content", [None, b"", b"{", b"\xff\xfe", b"[]", b"a,b\n1,2\n"])
def test_a_missing_or_broken_file_is_found(
    name: str, content: bytes | None, published: tuple[Path, Path]
) -> None:
    source, plan = published
    (plan / name).unlink()
    if content is not None:
        (plan / name).write_bytes(content)
    one, two = kinds(source, plan)
    assert "file" in one
    assert "file" in two
