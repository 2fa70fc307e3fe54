"""A backup or a restore on a full disk: one line that says what to do, and all is as it was."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from exam.backups.manifest import PARTIAL
from exam.backups.services import Place, back_up, bring_back, copy_keys
from exam.errors import DiskFull
from tests.application import MONDAY
from tests.backups.test_a_backup_is_brought_back_and_is_the_same import (
    contents,
    data_folder,
    elsewhere,
    here,
)
from tests.databases import ROOT
from tests.faults.small_disk import SmallDisk, small_disk
from tests.live.conftest import camera, place, worker

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["camera", "data_folder", "elsewhere", "here", "place", "small_disk", "worker"]
LARGE = "streams/seat-05/evidence/0009.mp4"


def large_file(house: Place) -> None:
    (house.settings.data_folder / LARGE).write_bytes(bytes(4_000_000))


@pytest.mark.parametrize("room", [20_000, 3_000_000], ids=["for no dump", "for the dump alone"])
def test_what_was_copied_so_far_goes_and_the_former_backup_stays(
    here: Place, small_disk: SmallDisk, room: int
) -> None:
    folder = small_disk.folder / "b"
    back_up(here, folder, now=MONDAY)
    before = small_disk.names()
    large_file(here)
    small_disk.leave(room)
    with pytest.raises(DiskFull) as refused:
        back_up(here, folder, now=MONDAY, force=True)
    assert f"{small_disk.folder}: no room on this disk" in str(refused.value)
    assert "Make room, or name a folder on another disk" in str(refused.value)
    assert small_disk.names() == before
    small_disk.make_room()
    made = back_up(here, folder, now=MONDAY, force=True)
    assert LARGE in made.files


def test_keys_that_find_no_room_leave_the_former_copy_as_it_was(
    here: Place, small_disk: SmallDisk, tmp_path: Path
) -> None:
    folder = small_disk.folder / "k"
    copy_keys(here, folder, tmp_path / "b")
    before = {x: (small_disk.folder / x).read_bytes() for x in small_disk.names()}
    assert before
    small_disk.leave(0)
    with pytest.raises(DiskFull, match="nothing was kept"):
        copy_keys(here, folder, tmp_path / "b")
    assert {x: (small_disk.folder / x).read_bytes() for x in small_disk.names()} == before


def test_a_restore_without_room_leaves_database_and_folder_as_they_were(
    here: Place, small_disk: SmallDisk, tmp_path: Path
) -> None:
    large_file(here)
    back_up(here, tmp_path / "b", now=MONDAY)
    rows = contents(here.settings.database_url)
    settings = here.settings.model_copy(update={"data_folder": small_disk.folder / "data"})
    there = Place(settings, here.ring)
    small_disk.leave(3_000_000)
    with pytest.raises(DiskFull, match="no room on this disk"):
        bring_back(there, tmp_path / "b", force=True)
    assert contents(here.settings.database_url) == rows
    assert small_disk.names() == set()
    small_disk.make_room()
    bring_back(there, tmp_path / "b", force=True)
    assert contents(here.settings.database_url) == rows


def test_rows_that_do_not_come_in_leave_those_that_were_there(here: Place, tmp_path: Path) -> None:
    """Whatever breaks the tool off, the old tables are put back; here its file is cut short."""
    from exam.backups import database

    back_up(here, tmp_path / "b", now=MONDAY)
    rows = contents(here.settings.database_url)
    dump = tmp_path / "b" / database.DUMP
    dump.write_bytes(dump.read_bytes()[:-9_000])
    with pytest.raises(database.ToolFailed):
        database.restore(here.settings.database_url, dump)
    assert contents(here.settings.database_url) == rows


LIMITED = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, resource.RLIM_INFINITY))
from flask.cli import main
sys.argv = ["flask", "--app", "exam", "backup", sys.argv[1]]
main()
"""


def test_the_command_says_it_in_one_line(here: Place, tmp_path: Path) -> None:
    """With a limit on files instead of a disk: wherever this suite runs."""
    large_file(here)
    settings = here.settings
    told = {
        "DATABASE_URL": settings.database_url,
        "KAOCHANG_SECRET_KEY": settings.secret_key.get_secret_value(),
        "KAOCHANG_DATA_FOLDER": str(settings.data_folder),
    }
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(tmp_path / "b")],
        cwd=ROOT,
        env=told,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout
    assert done.stderr.splitlines()[-1].startswith(f"Error: {tmp_path}: no room on this disk")
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "b").exists()
    assert not (tmp_path / f"b{PARTIAL}").exists()
