from __future__ import annotations

import gettext
import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from exam.web import texts
from exam.web.texts import compile_all, compile_if_stale, target

if TYPE_CHECKING:
    from pathlib import Path


def write(folder: Path, chinese: str, changed: int, name: str = "booking") -> None:
    part = folder / "parts" / f"{name}.zh.po"
    part.parent.mkdir(exist_ok=True)
    part.write_text(f'msgid "Seat"\nmsgstr "{chinese}"\n', encoding="utf-8")
    os.utime(part, ns=(changed, changed))


def read(folder: Path) -> str:
    with target(folder).open("rb") as file:
        return gettext.GNUTranslations(file).gettext("Seat")


def test_a_newer_part_is_compiled_and_an_older_one_is_not(tmp_path: Path) -> None:
    write(tmp_path, "考位", 1)
    compile_if_stale(tmp_path)
    assert read(tmp_path) == "考位"
    made = target(tmp_path).stat().st_mtime_ns
    write(tmp_path, "座位", made - 1)
    compile_if_stale(tmp_path)
    assert read(tmp_path) == "考位"
    write(tmp_path, "座位", made + 1)
    compile_if_stale(tmp_path)
    assert read(tmp_path) == "座位"


def test_processes_that_start_together_leave_one_whole_catalogue(tmp_path: Path) -> None:
    write(tmp_path, "考位", 1)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: compile_all(tmp_path), range(24)))
    assert read(tmp_path) == "考位"
    assert [path.name for path in target(tmp_path).parent.iterdir()] == ["messages.mo"]


def test_where_parts_contradict_each_other_the_first_wording_is_used_and_the_log_tells(
    tmp_path: Path,
) -> None:
    write(tmp_path, "考位", 1)
    write(tmp_path, "座位", 1, name="live")
    with capture_logs() as lines:
        compile_if_stale(tmp_path)
    assert read(tmp_path) == "考位"
    [line] = lines
    assert line["log_level"] == "warning"
    assert line["told"].startswith("live.zh.po and booking.zh.po translate 'Seat' differently")


def test_a_catalogue_that_cannot_be_written_leaves_no_half_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    write(tmp_path, "考位", 1)
    monkeypatch.setattr(texts, "write_mo", full)
    with pytest.raises(OSError, match="No space"):
        compile_all(tmp_path)
    assert list(target(tmp_path).parent.iterdir()) == []
