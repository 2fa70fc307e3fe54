from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tools import texts

if TYPE_CHECKING:
    from pathlib import Path


def test_every_message_of_code_and_templates_has_a_sound_chinese_text() -> None:
    assert texts.problems() == []


@pytest.fixture
def house(tmp_path: Path) -> Path:
    (tmp_path / "templates" / "booking").mkdir(parents=True)
    (tmp_path / "templates" / "booking" / "a.html").write_text(
        "{{ _('Rank %(rank)s', rank=3) }}{{ ngettext('%(num)s seat', '%(num)s seats', 2) }}",
    )
    (tmp_path / "parts").mkdir()
    return tmp_path


def write(house: Path, text: str, part: str = "booking") -> None:
    (house / "parts" / f"{part}.zh.po").write_text(text, encoding="utf-8")


SEATS = 'msgid "%(num)s seat"\nmsgid_plural "%(num)s seats"\nmsgstr[0] "%(num)s 个考位"\n\n'


def test_a_missing_text_is_named_with_its_place_and_part(house: Path) -> None:
    write(house, SEATS)
    assert texts.problems(house, house) == [
        "templates/booking/a.html:1: 'Rank %(rank)s' has no Chinese text in booking.zh.po.",
    ]


def test_a_fuzzy_text_counts_as_doubtful(house: Path) -> None:
    write(
        house, SEATS + '#, fuzzy, python-format\nmsgid "Rank %(rank)s"\nmsgstr "第 %(rank)s 名"\n'
    )
    assert "is marked fuzzy" in texts.problems(house, house)[0]


def test_a_lost_placeholder_is_named(house: Path) -> None:
    write(house, SEATS + 'msgid "Rank %(rank)s"\nmsgstr "排名"\n')
    assert texts.problems(house, house) == [
        "templates/booking/a.html:1: 'Rank %(rank)s' and its Chinese text fill in different names.",
    ]


def test_two_parts_may_share_a_text_but_not_contradict_each_other(house: Path) -> None:
    write(house, SEATS + 'msgid "Rank %(rank)s"\nmsgstr "第 %(rank)s 名"\n')
    write(house, 'msgid "Rank %(rank)s"\nmsgstr "第 %(rank)s 名"\n', "live")
    assert texts.problems(house, house) == []
    write(house, 'msgid "Rank %(rank)s"\nmsgstr "排 %(rank)s"\n', "live")
    [told] = texts.problems(house, house)
    assert told.startswith("live.zh.po and booking.zh.po translate 'Rank %(rank)s' differently")


def test_update_adds_what_is_used_and_drops_what_is_not(house: Path) -> None:
    write(house, SEATS + 'msgid "Gone"\nmsgstr "没有了"\n')
    assert texts.update(house, house) == {"booking": 1}
    written = (house / "parts" / "booking.zh.po").read_text(encoding="utf-8")
    assert "Gone" not in written
    assert 'msgid "Rank %(rank)s"\nmsgstr ""' in written
    assert "%(num)s 个考位" in written
    assert texts.update(house, house) == {}
