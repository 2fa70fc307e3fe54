"""Legal numbers are data with source and date, and narrower packs win."""

from datetime import date
from pathlib import Path

from exam.policy import pack

CN = pack.load(("cn",))


def test_every_parameter_names_source_date_and_confidence() -> None:
    for parameter in CN:
        assert parameter.source, parameter.name
        assert isinstance(parameter.since, date), parameter.name
        assert parameter.confidence in {"Q", "S", "M", "U"}, parameter.name


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
    assert both.integer("permit.valid_years") == CN.integer("permit.valid_years")
    assert both.edition == "cn/2026-11+office/1"
