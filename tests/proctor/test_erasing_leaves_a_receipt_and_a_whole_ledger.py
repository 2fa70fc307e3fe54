import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from proctor.erasure import HOLD, Holds, erase
from proctor.errors import BadInputError
from proctor.kinds import View
from proctor.ledger.verify import verify
from proctor.ledger.writer import LedgerWriter
from proctor.scenes import Part, Script
from proctor.settings import Settings
from proctor.watch import watch
from tests.proctor.conftest import KEY

FIRST = "evidence/0001.mp4"
ORDER = {"rule": "appeal term over", "authorised": "order-7"}


@pytest.fixture
def folder(watched: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(watched, tmp_path / "seat-1"))


@pytest.fixture
def brief(session_of: Callable[..., Path]) -> Path:
    """A session with one event."""
    parts = ((Part.NORMAL, 2.0), (Part.FACE_ABSENT, 5.0), (Part.NORMAL, 2.0))
    return session_of(Script("C", parts, seed=61, fps=5))


def told(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]


def test_named_evidence_goes_and_the_ended_ledger_stays_whole(folder: Path) -> None:
    line = erase(folder, [FIRST], key=KEY, **ORDER)
    assert line["type"] == "erased"
    payload = line["payload"]
    assert payload["rule"] == "appeal term over"
    assert payload["authorised"] == "order-7"
    assert FIRST in payload["paths"]
    assert not any((folder / path).exists() for path in payload["paths"])
    report = verify(folder, key=KEY.public_key())
    assert report.broken == []
    assert report.ended
    assert ["evidence" in event for event in told(folder)] == [False, True, True]


def test_an_altered_file_is_not_excused_by_another_ones_receipt(folder: Path) -> None:
    erase(folder, [FIRST], key=KEY, **ORDER)
    (folder / "evidence" / "0002.mp4").unlink()
    assert verify(folder).broken == [
        "evidence/0002.mp4: missing, and no line says that it was erased"
    ]


def refused(folder: Path, paths: list[str], message: str, **more: Any) -> None:
    before = (folder / "ledger.jsonl").read_bytes()
    with pytest.raises(BadInputError, match=message):
        erase(folder, paths, **(ORDER | {"key": KEY} | more))
    assert (folder / "ledger.jsonl").read_bytes() == before
    assert (folder / FIRST).exists()


@pytest.mark.parametrize("path", ["evidence/0099.mp4", "ledger.jsonl", "../x"])
def test_what_is_no_recorded_evidence_is_refused(path: str, folder: Path) -> None:
    refused(folder, [FIRST, path], "not recorded evidence")


def test_a_signed_ledger_is_erased_with_its_own_key_only(folder: Path) -> None:
    refused(folder, [FIRST], "erase with that key", key=None)
    refused(folder, [FIRST], "erase with that key", key=Ed25519PrivateKey.generate())


@pytest.mark.parametrize("line", ["seat-1", f"seat-1/{FIRST}  # appeal 12", "seat-1/"])
def test_what_the_hold_file_lists_stays(line: str, folder: Path) -> None:
    (folder.parent / HOLD).write_text(f"# holds\nseat-2\n{line}\n")
    refused(folder, [FIRST], "is held")


def test_what_is_passed_as_held_stays(folder: Path) -> None:
    refused(folder, [FIRST], "is held", held=[FIRST])


def test_a_hold_file_that_cannot_be_read_holds_everything(tmp_path: Path) -> None:
    (tmp_path / HOLD).write_bytes(b"\xff\xfe\x00")
    assert Holds.of(tmp_path / "seat-1").keep(["anything"])


def test_a_folder_that_is_being_written_is_left_alone(
    folder: Path, make_writer: Callable[[Path], LedgerWriter]
) -> None:
    writer = make_writer(folder)
    refused(folder, [FIRST], "end its watch first")
    writer.close()


def kept(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "evidence").glob("*.mp4"))


def test_a_watch_erases_its_oldest_clips_beyond_its_budget(folder: Path, brief: Path) -> None:
    watch(brief, Settings(view=View.SEAT, tile_every=0, keep_bytes=1), folder, key=KEY)
    assert kept(folder) == ["0004.mp4"]
    report = verify(folder, key=KEY.public_key())
    assert report.broken == []
    assert report.ended
    (erased,) = [line["payload"] for line in report.lines if line["type"] == "erased"]
    assert FIRST in erased["paths"]
    assert erased["rule"] == "keep_bytes 1"


def test_a_watch_without_a_budget_erases_nothing(folder: Path) -> None:
    assert kept(folder) == ["0001.mp4", "0002.mp4", "0003.mp4"]


def test_a_budget_never_takes_what_is_held(folder: Path, brief: Path) -> None:
    hold = folder.parent / HOLD
    hold.write_text(f"{folder.name}/{FIRST}\n")
    held = frozenset({"evidence/0002.mp4"})
    settings = Settings(view=View.SEAT, tile_every=0, keep_bytes=0, held=held)
    watch(brief, settings, folder)
    assert kept(folder) == ["0001.mp4", "0002.mp4", "0004.mp4"]
    hold.unlink()
    watch(brief, settings, folder)
    assert kept(folder) == ["0002.mp4", "0005.mp4"]
    assert verify(folder).broken == []


def test_a_file_whose_receipt_was_written_before_a_kill_goes_at_the_next_start(
    folder: Path, quiet: Path, make_writer: Callable[[Path], LedgerWriter]
) -> None:
    writer = make_writer(folder)
    writer.append("erased", {"paths": [FIRST], "rule": "r", "authorised": "d"})
    writer.close()
    assert verify(folder).broken == []
    watch(quiet, Settings(view=View.SEAT, tile_every=0), folder, key=KEY)
    assert not (folder / FIRST).exists()
    assert verify(folder).broken == []


def test_a_negative_budget_is_refused() -> None:
    with pytest.raises(BadInputError, match="keep_bytes"):
        Settings(view=View.SEAT, keep_bytes=-1)
