"""Legal numbers are data with source and date, and narrower packs win."""

import re
from datetime import date
from pathlib import Path

from exam.policy import pack
from exam.policy.sources import source_of

CN = pack.load(("cn",))
CHINESE = re.compile(r"[\u4e00-\u9fff]")
ENGLISH = re.compile(r"[a-z]{3}")


def test_every_parameter_names_source_date_and_confidence() -> None:
    for parameter in CN:
        assert parameter.source, parameter.name
        assert isinstance(parameter.since, date), parameter.name
        assert parameter.confidence in {"Q", "S", "M", "U"}, parameter.name


def test_every_parameter_has_a_name_and_a_source_in_chinese() -> None:
    for parameter in CN:
        assert CHINESE.search(parameter.name_zh), parameter.name
        assert parameter.name_en, parameter.name
        told = source_of(parameter, "zh")
        assert CHINESE.search(told), parameter.name
        assert not ENGLISH.search(told), told


def test_a_narrower_pack_overrides_one_number_and_keeps_the_rest(tmp_path: Path) -> None:
    (tmp_path / "cn.toml").write_text((pack.PACKS / "cn.toml").read_text())
    (tmp_path / "office.toml").write_text(
        '[pack]\nid = "office"\nedition = "1"\n'
        '[param."booking.max_choices"]\nvalue = 6\nsource = "notice"\n'
        'since = 2026-11-01\nconfidence = "U"\n'
    )
    both = pack.load(("cn", "office"), tmp_path)
    assert both.integer("booking.max_choices") == 6
    assert both["booking.max_choices"].pack == "office"
    assert both["booking.max_choices"].name_zh == CN["booking.max_choices"].name_zh
    assert both.integer("permit.valid_years") == CN.integer("permit.valid_years")
    assert both.edition == "cn/2026-11+office/1"
