from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from proctor.events import IN_MEMORY, EventBook

EVENTS = 3 * IN_MEMORY


def lines(*, erasing: bool) -> Iterator[dict[str, Any]]:
    """A long watch: every third event starts before the one it follows, one never ends."""
    yield {"type": "start", "time": "2027-03-01T00:00:00.000Z", "payload": {"origin_ms": 0}}
    for number in range(1, EVENTS + 1):
        start = 1000 * number - (1500 if number % 3 == 0 else 0)
        event = {
            "event": number,
            "kind": "phone",
            "group": "conduct",
            "seat": "",
            "start_ms": start,
            "end_ms": start + 900,
            "severity": "alert",
            "confidence_pm": 900,
            "facts": {"phone_score_pm": number},
        }
        yield {"type": "opened", "payload": event}
        if number != 5:
            yield {"type": "closed", "payload": event}
        path = f"evidence/{number:04}.mp4"
        beside = {f"evidence/{number:04}-last.jpg": "0" * 64}
        yield {"type": "evidence", "payload": {"event": number, "path": path, "attached": beside}}
        if erasing and number > 20:
            gone = f"evidence/{number - 20:04}"
            yield {"type": "erased", "payload": {"paths": [f"{gone}.mp4", f"{gone}-last.jpg"]}}


@pytest.mark.parametrize("erasing", [False, True])
def test_a_watch_of_months_writes_what_one_that_remembers_all_would(
    tmp_path: Path, *, erasing: bool
) -> None:
    forgetting, remembering = EventBook(), EventBook()
    for at, line in enumerate(lines(erasing=erasing)):
        forgetting.take(line)
        remembering.take(line)
        if at % 7 == 0:
            forgetting.write(tmp_path)
            forgetting.settle(with_evidence=not erasing)
    forgetting.write(tmp_path)
    written = (tmp_path / "events.jsonl").read_bytes()
    remembering.write(tmp_path)
    assert written == (tmp_path / "events.jsonl").read_bytes()
    assert len(forgetting.all_events()) <= IN_MEMORY + 10
    assert [x["event"] for x in forgetting.open_events()] == [5]
    assert len(forgetting.erased) <= 2 * IN_MEMORY + 10
    assert forgetting.next_number() == EVENTS + 1


def test_a_watch_that_erases_by_size_remembers_what_it_may_have_to_erase(tmp_path: Path) -> None:
    book = EventBook()
    for line in lines(erasing=False):
        book.take(line)
    book.write(tmp_path)
    book.settle(with_evidence=False)
    assert len(book.finished_evidence()) == EVENTS - 1
