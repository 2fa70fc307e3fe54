from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from exam import create_app
from exam.errors import ConfigurationError
from exam.live.states import View
from exam.live.streams import (
    LEDGER,
    TILE,
    WatchedCamera,
    folder_of,
    read_list,
    signing_key,
    write_list,
)
from proctor.compose import Part, Script, compose
from proctor.ledger import keys
from proctor.ledger.verify import verify
from proctor.seal import SUFFIX

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[2]
NOWHERE = "postgresql://nobody@127.0.0.1:9/none"


def camera(stream: str, **changes: object) -> WatchedCamera:
    wanted = {"stream": stream, "source": "seat.mp4", "view": View.SEAT, "people": 1, "seat": "05"}
    return WatchedCamera.model_validate(wanted | changes)


def start(data_folder: Path, *words: str) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,
        "DATABASE_URL": NOWHERE,
        "KAOCHANG_SECRET_KEY": "of the tests alone, and longer than it has to be",
        "KAOCHANG_DATA_FOLDER": str(data_folder),
        "KAOCHANG_DEMO": "true",
    }
    command = [sys.executable, "-m", "flask", "--app", "exam", "camera", "run", *words]
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )


def wait_for(what: Callable[[], bool], name: str) -> None:
    deadline = time.monotonic() + 90
    while not what():
        assert time.monotonic() < deadline, f"{name}: not within a minute and a half"
        time.sleep(0.1)


def types(folder: Path) -> list[str]:
    path = folder / LEDGER
    if not path.exists():
        return []
    lines = path.read_bytes().splitlines(keepends=True)
    return [json.loads(line)["type"] for line in lines if line.endswith(b"\n")]


def test_a_killed_worker_is_continued_in_one_chain_signed_by_a_key_outside(tmp_path: Path) -> None:
    parts = ((Part.NORMAL, 3.0), (Part.CAMERA_COVERED, 6.0), (Part.NORMAL, 2.0))
    compose(Script("A", parts, seed=5), tmp_path / "seat.mp4")
    write_list(tmp_path, [camera("seat-05"), camera("seat-06", source="not-there.mp4")])
    folder = folder_of(tmp_path, "seat-05")
    with start(tmp_path) as first:
        wait_for(lambda: "opened" in types(folder), "an event")
        first.kill()
    tile = (folder / TILE).stat().st_mtime_ns
    with start(tmp_path, "seat-05") as second:
        wait_for(lambda: types(folder).count("start") == 2, "a second start")
        wait_for(lambda: (folder / TILE).stat().st_mtime_ns != tile, "a picture")
        second.terminate()
        second.communicate(timeout=30)
        assert second.returncode == 0
    public = keys.load_public(Path(f"{signing_key(tmp_path)}.pub"))
    report = verify(folder, key=public)
    assert report.broken == []
    assert report.ended
    assert {path.suffix for path in (folder / "evidence").iterdir()} == {SUFFIX}
    assert stat.S_IMODE(signing_key(tmp_path).stat().st_mode) == 0o600
    assert not signing_key(tmp_path).is_relative_to(tmp_path / "streams")
    assert {path.name for path in tmp_path.iterdir()} == {
        "cameras.json",
        "keys",
        "seat.mp4",
        "seat.labels.json",
        "seat.png",
        "streams",
    }


def said_by(data_folder: Path, *words: str) -> str:
    """What `camera run` says where it cannot begin."""
    app = create_app(
        DATABASE_URL=NOWHERE,
        secret_key="of the tests alone, and longer than it has to be",
        data_folder=data_folder,
    )
    result = app.test_cli_runner().invoke(args=["camera", "run", *words])
    assert result.exit_code == 1
    return str(result.output)


def test_without_a_list_the_worker_says_how_to_make_one(tmp_path: Path) -> None:
    assert "camera list" in said_by(tmp_path)


def test_a_stream_that_is_not_in_the_list_is_named(tmp_path: Path) -> None:
    write_list(tmp_path, [camera("seat-05")])
    assert "seat-07" in said_by(tmp_path, "seat-07")


def test_a_damaged_list_is_refused(tmp_path: Path) -> None:
    write_list(tmp_path, [camera("seat-05")])
    assert [x.stream for x in read_list(tmp_path)] == ["seat-05"]
    (tmp_path / "cameras.json").write_text('[{"stream": "../../etc"}]')
    with pytest.raises(ConfigurationError):
        read_list(tmp_path)
