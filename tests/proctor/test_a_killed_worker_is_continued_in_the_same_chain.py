import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from proctor.errors import BadInputError, BrokenLedgerError
from proctor.kinds import View
from proctor.ledger.verify import verify
from proctor.ledger.writer import FolderTakenError, LedgerWriter
from proctor.scenes import Part, Script
from proctor.seal import EvidenceKey, SealedWriter
from proctor.settings import Settings
from proctor.watch import watch
from tests.proctor.conftest import made_once

SEAT = Settings(view=View.SEAT, tile_every=0)


def lines_of(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "ledger.jsonl").read_bytes().splitlines()]


@pytest.fixture(scope="session")
def once_killed(session_of: Callable[..., Path], shared: Path) -> Path:
    """A folder whose worker was killed by the system while an event was open."""
    return made_once(shared / "killed", lambda draft: kill_a_worker(session_of, draft)) / "out"


@pytest.fixture
def killed(once_killed: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(once_killed, tmp_path / "out"))


def kill_a_worker(session_of: Callable[..., Path], tmp_path: Path) -> None:
    parts = ((Part.FACE_ABSENT, 20.0), (Part.NORMAL, 1.0))
    video = session_of(Script("A", parts, seed=21, fps=5, noise=3.0))
    out = tmp_path / "out"
    command = [sys.executable, "-m", "proctor", "watch", str(video), "--view", "seat"]
    options = ["--realtime", "--json", "--out", str(out), "--sign-key", str(tmp_path / "key")]
    worker = subprocess.Popen([*command, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert worker.stdout is not None
    assert worker.stderr is not None
    assert json.loads(worker.stdout.readline())["type"] == "opened"
    until = time.monotonic() + 10
    # The clip is made empty and filled a moment later: it is killed when pictures stand in it.
    clip = out / "evidence" / "0001.mp4"
    while not (clip.exists() and b"moof" in clip.read_bytes()) and time.monotonic() < until:
        time.sleep(0.05)
    worker.kill()
    worker.wait()
    worker.stdout.close()
    worker.stderr.close()


def test_what_it_left_is_settled_and_the_chain_goes_on(killed: Path, quiet: Path) -> None:
    before = (killed / "ledger.jsonl").read_bytes()
    left = verify(killed)
    assert left.broken == []
    assert any(note.startswith("open after seq") for note in left.notes)
    watch(quiet, SEAT, killed)
    assert (killed / "ledger.jsonl").read_bytes().startswith(before)
    report = verify(killed)
    assert report.broken == []
    assert report.ended
    types = [line["type"] for line in report.lines[len(left.lines) :]]
    assert types == ["gap", "start", "closed", "evidence", "end"]
    (event,) = [json.loads(line) for line in (killed / "events.jsonl").read_text().splitlines()]
    assert not event["open"]
    assert (killed / event["evidence"]).stat().st_size > 0


@pytest.mark.parametrize("holds", ["nothing", "a header", "no file", "a sealed header"])
def test_a_clip_that_was_opened_and_not_yet_filled_is_a_gap_and_no_evidence(
    killed: Path, quiet: Path, holds: str
) -> None:
    clip = killed / "evidence" / "0001.mp4"
    header = clip.read_bytes()[: clip.read_bytes().index(b"moof") - 4]
    for file in (killed / "evidence").iterdir():
        file.unlink()
    if holds == "a sealed header":
        SealedWriter(clip.with_name(clip.name + ".sealed"), EvidenceKey.generate()).close()
    elif holds != "no file":
        clip.write_bytes(header if holds == "a header" else b"")
    watch(quiet, SEAT, killed)
    after = [line for line in lines_of(killed) if line["type"] in {"gap", "evidence"}]
    assert [line["type"] for line in after] == ["gap", "gap"]
    assert after[1]["payload"]["reason"].startswith("no evidence for event 1: its worker was kill")
    (event,) = [json.loads(line) for line in (killed / "events.jsonl").read_text().splitlines()]
    assert "evidence" not in event
    assert not list((killed / "evidence").iterdir())
    report = verify(killed)
    assert report.broken == []
    watch(quiet, SEAT, killed)
    said = [line for line in lines_of(killed) if "event 1" in line["payload"].get("reason", "")]
    assert len(said) == 1


def test_what_lies_beside_a_clip_that_was_not_yet_filled_is_kept(killed: Path, quiet: Path) -> None:
    clip = killed / "evidence" / "0001.mp4"
    clip.write_bytes(b"")
    watch(quiet, SEAT, killed)
    (event,) = [json.loads(line) for line in (killed / "events.jsonl").read_text().splitlines()]
    assert event["evidence"].endswith("-opened.jpg")
    reasons = [line["payload"]["reason"] for line in lines_of(killed) if line["type"] == "gap"]
    assert [reason.partition(":")[0] for reason in reasons] == [
        "not running",
        "no evidence for event 1",
    ]
    assert verify(killed).broken == []


def test_a_line_torn_in_mid_write_is_cut_away(killed: Path, quiet: Path) -> None:
    whole = (killed / "ledger.jsonl").read_bytes()
    with (killed / "ledger.jsonl").open("ab") as ledger:
        ledger.write(b'{"hash":"12ab')
    assert "cut in mid-write" in verify(killed).notes[0]
    watch(quiet, SEAT, killed)
    assert (killed / "ledger.jsonl").read_bytes().startswith(whole)
    assert verify(killed).broken == []


def test_a_broken_chain_is_left_untouched(killed: Path, quiet: Path) -> None:
    ledger = killed / "ledger.jsonl"
    ledger.write_bytes(ledger.read_bytes().replace(b"face_absent", b"face_present"))
    before = ledger.read_bytes()
    with pytest.raises(BrokenLedgerError, match="line "):
        watch(quiet, SEAT, killed)
    assert ledger.read_bytes() == before


def test_the_timeline_goes_on_by_the_wall_clock_and_never_backwards(
    quiet: Path, tmp_path: Path
) -> None:
    origins = []
    for hours in (0, 1, -5):
        noon = datetime(2027, 3, 1, 12, tzinfo=UTC) + timedelta(hours=hours)
        watch(quiet, SEAT, tmp_path, clock=lambda noon=noon: noon)
        starts = [line for line in lines_of(tmp_path) if line["type"] == "start"]
        origins.append(starts[-1]["payload"]["origin_ms"])
    assert origins == [0, 3_600_000, 3_600_000]
    assert verify(tmp_path).broken == []


def test_a_second_writer_is_kept_out(
    quiet: Path, tmp_path: Path, make_writer: Callable[[Path], LedgerWriter]
) -> None:
    writer = make_writer(tmp_path)
    with pytest.raises(FolderTakenError):
        make_writer(tmp_path)
    with pytest.raises(BadInputError, match="another process"):
        watch(quiet, SEAT, tmp_path)
    writer.close()
    watch(quiet, SEAT, tmp_path)


def test_a_full_disk_leaves_whole_lines_only(
    tmp_path: Path,
    make_writer: Callable[[Path], LedgerWriter],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    writer = make_writer(tmp_path)
    writer.append("start", {"stream": "s"})

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            writer.append("gap", {"start_ms": 0, "end_ms": 1, "reason": "r"})
    writer.append("gap", {"start_ms": 0, "end_ms": 2, "reason": "r"})
    writer.close()
    assert [line["payload"].get("end_ms") for line in lines_of(tmp_path)] == [None, 2]
    assert verify(tmp_path).broken == []
