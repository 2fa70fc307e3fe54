import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from proctor.cli import main
from proctor.events import EventBook
from proctor.kinds import View
from proctor.ledger.verify import verify
from proctor.ledger.writer import LedgerWriter
from proctor.scenes import Part, Script
from proctor.settings import Settings
from proctor.watch import watch

PROGRAM = """
import resource, signal, sys
from proctor.cli import main
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), resource.RLIM_INFINITY))
sys.exit(main(sys.argv[2:]))
"""


@pytest.fixture
def covered(session_of: Callable[..., Path]) -> Path:
    parts = ((Part.NORMAL, 4.0), (Part.CAMERA_COVERED, 4.0), (Part.NORMAL, 6.0))
    return session_of(Script("A", parts, seed=91, cover="flat"))


def watched_with(room: int, video: Path, tmp_path: Path, *more: str) -> tuple[int, str]:
    """Run a watch in a process in which no file may grow beyond `room` bytes."""
    words = ["watch", str(video), "--view", "seat", "--out", str(tmp_path / "out")]
    key = ["--sign-key", str(tmp_path / "key")]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(room), *words, *key, *more],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr


def lines_of(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "ledger.jsonl").read_bytes().splitlines()]


@pytest.mark.parametrize("sealed", ["", "evidence.key"])
def test_without_room_for_clips_events_go_on_and_the_lack_is_a_line(
    sealed: str, covered: Path, tmp_path: Path
) -> None:
    more = ["--evidence-key", str(tmp_path / sealed)] if sealed else []
    code, said = watched_with(100_000, covered, tmp_path, *more)
    assert code == 0, said
    lines = lines_of(tmp_path / "out")
    assert [x["payload"]["kind"] for x in lines if x["type"] == "opened"] == ["camera_covered"]
    reasons = [x["payload"]["reason"] for x in lines if x["type"] == "gap"]
    assert any(reason.startswith("no evidence for event 1") for reason in reasons)
    report = verify(tmp_path / "out")
    assert report.broken == []
    assert report.ended


@pytest.mark.parametrize("room", [1000, 1400, 1800, 2300])
def test_without_room_for_the_ledger_the_watch_ends_with_a_message(
    room: int, covered: Path, tmp_path: Path
) -> None:
    code, said = watched_with(room, covered, tmp_path)
    assert code in {2, 3}, said
    assert "written" in said
    assert "Traceback" not in said
    out = tmp_path / "out"
    whole = (out / "ledger.jsonl").read_bytes()
    assert whole.endswith(b"\n")
    assert len(whole) <= room
    assert verify(out).broken == []
    key = ["--sign-key", str(tmp_path / "key")]
    assert main(["watch", str(covered), "--view", "seat", "--out", str(out), "--resume", *key]) == 0
    assert (out / "ledger.jsonl").read_bytes().startswith(whole)
    assert verify(out).broken == []
    assert "not running" in [
        line["payload"]["reason"] for line in lines_of(out) if line["type"] == "gap"
    ]


def test_a_clock_that_is_set_back_while_it_watches_breaks_nothing(
    covered: Path, tmp_path: Path
) -> None:
    noon = datetime(2027, 3, 1, 12, tzinfo=UTC)
    readings = iter([noon, noon, noon])

    def clock() -> datetime:
        return next(readings, noon - timedelta(hours=3))

    watch(covered, Settings(view=View.SEAT, tile_every=0), tmp_path, clock=clock)
    times = [line["time"] for line in lines_of(tmp_path)]
    assert times[0] > times[-1]
    assert verify(tmp_path).broken == []
    (event,) = [json.loads(x) for x in (tmp_path / "events.jsonl").read_text().splitlines()]
    assert event["wall"].startswith("2027-03-01T12:00:0"), "it hangs on the start line's time alone"


def test_a_book_of_a_week_rewrites_what_changed_and_says_the_same(
    tmp_path: Path, make_writer: Callable[[Path], LedgerWriter]
) -> None:
    def event(number: int, end: int) -> dict[str, Any]:
        return {
            "event": number,
            "kind": "phone",
            "group": "conduct",
            "seat": "",
            "start_ms": 1000 * number,
            "end_ms": end,
            "severity": "alert",
            "confidence_pm": 900,
            "facts": {},
        }

    writer = make_writer(tmp_path / "ledger")
    book = EventBook()
    lines = [writer.append("start", {"stream": "s"})]
    for number in range(1, 31):
        lines.append(writer.append("opened", event(number, 1000 * number)))
        lines.append(writer.append("closed", event(number, 1000 * number + 500)))
        if number % 3 == 0:
            path = f"evidence/{number:04}.mp4"
            payload = {"event": number, "path": path, "bytes": 1, "sha256": "0" * 64}
            lines.append(writer.append("evidence", payload))
        if number % 10 == 0:
            gone = {"paths": [f"evidence/{number - 1:04}.mp4"], "rule": "r", "authorised": "d"}
            lines.append(writer.append("erased", gone))
    writer.close()
    for line in lines:
        book.take(line)
        book.write(tmp_path)
    step_by_step = (tmp_path / "events.jsonl").read_bytes()
    fresh = EventBook()
    for line in lines:
        fresh.take(line)
    fresh.write(tmp_path)
    assert (tmp_path / "events.jsonl").read_bytes() == step_by_step
    told = [json.loads(line) for line in step_by_step.splitlines()]
    kept = [number for number in range(3, 31, 3) if number != 9]
    assert [x["event"] for x in told if "evidence" in x] == kept
