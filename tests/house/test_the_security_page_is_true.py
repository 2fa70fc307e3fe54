"""docs/security.md: every requirement of levels 1 and 2 once, each named test there, the page fresh."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.house.files import ROOT
from tools.security import DATA, PAGE, STATES, Line, main, page, problems, read

if TYPE_CHECKING:
    from pathlib import Path

LEVELS = """
1.1:22 1.2:1111122223 1.3:112222222223 1.4:222 1.5:123
2.1:122 2.2:112 2.3:12223 2.4:23
3.1:3 3.2:113 3.3:12223 3.4:11222233 3.5:11122333 3.6:3 3.7:22333
4.1:12233 4.2:23333 4.3:22 4.4:1222
5.1:2 5.2:112333 5.3:113 5.4:222
6.1:122 6.2:111111112222 6.3:11223333 6.4:112233 6.5:22222333 6.6:2223 6.7:33 6.8:2222
7.1:222 7.2:1111 7.3:22 7.4:11222 7.5:223 7.6:22
8.1:1233 8.2:1123 8.3:133 8.4:23
9.1:111 9.2:1222
10.1:22 10.2:223 10.3:22223 10.4:1111122222233333 10.5:22222 10.6:22 10.7:222
11.1:2233 11.2:22233 11.3:11233 11.4:1222 11.5:23 11.6:23 11.7:33
12.1:12233 12.2:11 12.3:22223
13.1:2333 13.2:222223 13.3:2233 13.4:1222233
14.1:22 14.2:12223333 14.3:122
15.1:12233 15.2:12233 15.3:1222222 15.4:3333
16.1:2 16.2:22222 16.3:2222 16.4:222 16.5:2223
17.1:23 17.2:22223333 17.3:22
"""
"""ASVS 5.0.0: section, and the level of each of its requirements in order. Facts, not text."""


def standard() -> dict[str, int]:
    """Number of each requirement -> its level."""
    found = {}
    for entry in LEVELS.split():
        section, levels = entry.split(":")
        found |= {f"{section}.{i}": int(level) for i, level in enumerate(levels, start=1)}
    return found


def test_the_standard_is_counted_right() -> None:
    levels = list(standard().values())
    assert (levels.count(1), levels.count(2), levels.count(3)) == (70, 183, 92)


def test_every_requirement_of_levels_one_and_two_stands_once() -> None:
    numbers = [line.id for line in read().lines]
    wanted = {number for number, level in standard().items() if level <= 2}
    assert wanted - set(numbers) == set()
    assert len(numbers) == len(set(numbers))


def test_every_line_bears_its_level() -> None:
    levels = standard()
    assert [x.id for x in read().lines if levels.get(x.id) != x.level] == []


def test_every_test_that_is_named_exists_and_every_gap_has_its_reason() -> None:
    assert problems(read()) == []


def test_every_path_on_the_page_leads_somewhere() -> None:
    links = re.findall(r"\]\(([^)]+)\)", (ROOT / PAGE).read_text(encoding="utf-8"))
    assert len(links) > 200
    assert [x for x in links if not (ROOT / "docs" / x).is_file()] == []


def test_the_page_is_as_new_as_its_data(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check"]) == 0, capsys.readouterr().err


@pytest.mark.parametrize("name", ["threats.md", "hardening.md"])
def test_what_the_pages_beside_it_name_exists(name: str) -> None:
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")
    links = [x for x in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in x]
    assert len(links) > 5
    assert [x for x in links if not (ROOT / "docs" / x).exists()] == []


SOUND = Line("1.1.1", 2, "words", "met", ("Makefile",), "")


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"shown": ("tests/test_nothing.py",)}, "does not exist"),
        ({"shown": ()}, "met by what"),
        ({"state": "open"}, "says why"),
        ({"state": "nearly"}, "is no state"),
        ({"id": "2.1.1"}, "stands in chapter V1"),
    ],
)
def test_what_is_wrong_with_an_entry_is_told(wrong: dict[str, object], told: str) -> None:
    walk = read()
    first = walk.chapters[0]._replace(lines=(SOUND, SOUND._replace(**wrong)))
    assert any(told in x for x in problems(walk._replace(chapters=(first,))))
    assert set(STATES) == {line.state for line in walk.lines} | set(STATES)


def test_an_old_page_and_an_unknown_word_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / DATA).write_bytes((ROOT / DATA).read_bytes())
    (tmp_path / PAGE).write_text(page(read()) + "\nby hand\n", encoding="utf-8")
    assert main(["check"], tmp_path) == 1
    assert "tools.security write" in capsys.readouterr().err
    assert main(["wrong"], tmp_path) == 2
