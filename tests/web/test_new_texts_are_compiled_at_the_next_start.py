from __future__ import annotations

import gettext
import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from exam.web.texts import compile_all, compile_if_stale, target

if TYPE_CHECKING:
    from pathlib import Path


def write(folder: Path, chinese: str, changed: int) -> None:
    part = folder / "parts" / "booking.zh.po"
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
