from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exam.policy import pack as packs
from exam.policy import scoring
from exam.policy.subjects import LicenceClass, Subject

STANDARD = scoring.load("GA1026-2022")
PACK = packs.load(("cn",))


@given(st.lists(st.integers(1, 100), max_size=30), st.integers(1, 100))
def test_points_start_at_100_end_at_0_and_a_full_deduction_fails(off: list[int], mark: int) -> None:
    found = scoring.score(off, pass_mark=mark)
    assert found.points == max(0, 100 - sum(off))
    assert found.ended == (100 in off)
    assert found.passed == (100 not in off and found.points >= mark)


def test_a_hundred_points_fail_even_where_the_mark_is_nothing() -> None:
    assert not scoring.score([100], pass_mark=0).passed


@pytest.mark.parametrize("entry", STANDARD.entries.values(), ids=lambda x: x.code)
def test_each_code_is_whole_and_a_number_names_its_edition(entry: scoring.Entry) -> None:
    assert entry.zh
    assert entry.en
    assert len(entry.code) <= 64
    assert entry.confidence in {"S", "M", "U", "Q"}
    assert entry.points in ({0} if entry.item.key.endswith(".paper") else {5, 10, 100})
    if entry.official:
        assert entry.official.number.isdecimal()
        assert entry.official.edition == "GA1026-2012"


def test_no_official_number_stands_twice() -> None:
    numbers = [x.official for x in STANDARD.entries.values() if x.official]
    assert len(numbers) == len(set(numbers))


@pytest.mark.parametrize("licence_class", list(LicenceClass))
def test_each_class_with_a_field_test_of_the_country_finds_its_items(
    licence_class: LicenceClass,
) -> None:
    items = {x.item.key for x in STANDARD.choices(Subject.S2, licence_class)}
    provincial = {LicenceClass.M, LicenceClass.N, LicenceClass.P}
    assert "s2.general" in items
    assert (items == {"s2.general"}) == (licence_class in provincial)


def test_automatic_cars_have_no_hill_and_large_ones_need_ninety() -> None:
    items = {x.item.key for x in STANDARD.choices(Subject.S2, LicenceClass.C2)}
    assert "s2.hill" not in items
    assert scoring.pass_mark(Subject.S2, LicenceClass.B2, PACK) == 90
    assert scoring.pass_mark(Subject.S2, LicenceClass.C1, PACK) == 80
    assert scoring.pass_mark(Subject.S3R, LicenceClass.C1, PACK) == 90


def test_papers_differ_by_class() -> None:
    assert STANDARD.paper(Subject.S1, LicenceClass.C1).questions == 100
    assert STANDARD.paper(Subject.S1, LicenceClass.D).points_each == 2


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ('"s2.nowhere.stall" = { points = 10, zh = "x", en = "x" }', "no such item"),
        ('"s2.general.stall" = { points = 101, zh = "x", en = "x" }', "between 0 and 100"),
    ],
)
def test_a_broken_edition_names_the_code(tmp_path: Path, code: str, message: str) -> None:
    head = (
        '[standard]\nedition = "X"\nname_zh = "x"\nname_en = "x"\nsince = 2022-04-01\n'
        'source = "x"\n[paper]\n[item]\n"s2.general" = { subject = "S2", zh = "x", en = "x" }\n'
    )
    (tmp_path / "X.toml").write_text(f"{head}[code]\n{code}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        scoring.load("X", tmp_path)
