"""Processes are killed at random moments while people walk the main job over HTTP.

`KAOCHANG_KILLS=100 python -m pytest tests/faults` kills a hundred times; the everyday run fewer.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest

from proctor.ledger.lines import LineType
from proctor.ledger.verify import verify
from tests.faults import books
from tests.faults.household import Killer
from tests.faults.way import Way, decide, open_the_day, people, register, sit, upload
from tests.walk.small_city import STREAM

if TYPE_CHECKING:
    from tests.faults.conftest import Town

KILLS = int(os.environ.get("KAOCHANG_KILLS", "8"))
SEED = int(os.environ.get("KAOCHANG_KILLS_SEED", "1"))
KILLS_A_PERSON = 12
SETTLED_WITHIN = 90.0
VICTIMS = ("web", "jobs", "vision", "forwarder", "cameras", "postgres")


def test_whatever_is_killed_nothing_is_lost_or_done_twice(
    town: Town, request: pytest.FixtureRequest
) -> None:
    way = Way(town.address, town.city, people(max(2, min(12, KILLS // KILLS_A_PERSON))))
    killer = Killer(town.household, VICTIMS, KILLS, SEED)
    try:
        _come_to_life(way)
        killer.start()
        _walk(way)
        assert killer.done.wait(SETTLED_WITHIN + 3 * KILLS)
        _everything_stands(way)
        _settle(town)
    finally:
        killer.give_up()
        request.node.add_report_section("call", "processes", town.household.told()[-20_000:])
    print(f"killed {dict(killer.killed)}, unanswered {_unanswered(way)}, refused {_refused(way)}")
    assert sum(killer.killed.values()) == KILLS
    with town.app.app_context():
        assert {k: v for k, v in books.once_for_each(way.people).items() if v[0] != v[1]} == {}
        assert books.told_twice() == []
        assert books.broken_audit() is None
    _ledger_holds(town)


def _walk(way: Way) -> None:
    upload(way)
    for person in way.people:
        register(way, person)
    decide(way)
    open_the_day(way)
    for person in way.people:
        sit(way, person)


def _come_to_life(way: Way) -> None:
    way.staff("clerk")


def _everything_stands(way: Way) -> None:
    """What somebody was shown once is shown still."""
    for window in way.windows.values():
        for path, seen in list(window.promised.items()):
            window.until(path, seen, lambda _: None)


def _settle(town: Town) -> None:
    """Jobs and outbox come to rest by themselves, without anybody's help."""
    deadline = time.monotonic() + SETTLED_WITHIN
    while True:
        with town.app.app_context():
            left = books.left_undone()
        if not any(left.values()):
            return
        assert time.monotonic() < deadline, left
        time.sleep(0.5)


def _ledger_holds(town: Town) -> None:
    """The camera's chain is whole, and what was read of it has arrived, each event once."""
    with town.app.app_context():
        seq, arrived = books.forwarded(STREAM)
    report = verify(town.data_folder / "streams" / STREAM)
    assert report.broken == []
    opened = {
        line["payload"]["event"]
        for line in report.lines
        if line["type"] == LineType.OPENED and line["seq"] <= seq
    }
    assert opened
    assert {event for event in arrived if event > 0} == opened


def _unanswered(way: Way) -> int:
    return sum(x.unanswered for x in way.windows.values())


def _refused(way: Way) -> int:
    return sum(len(x.refusals) for x in way.windows.values())
