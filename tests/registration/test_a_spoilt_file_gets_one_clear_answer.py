from __future__ import annotations

import io
import zipfile
from datetime import date
from typing import Any

import pytest
from flask import Flask

from exam.errors import InvalidInput
from exam.registration.columns import BY_KEY, COLUMNS, Key
from exam.registration.findings import finding_line
from exam.registration.reading import rows_of
from exam.registration.rows import Checked, check_row
from exam.registration.workbooks import template
from tests.registration.factories import PACK, TODAY, card_number, row
from tests.registration.files import csv_file, xlsx


def checked(content: bytes) -> list[Checked]:
    return [check_row(x, PACK, today=TODAY) for x in rows_of(content)]


def codes(content: bytes) -> list[tuple[Key | None, str]]:
    (only,) = checked(content)
    for finding in only.findings:
        assert "%(" not in finding_line(finding.as_json())
    return [(x.column, x.code) for x in only.findings]


def letter(key: Key) -> str:
    return "ABCDEFGHIJKLMN"[list(Key).index(key)]


SPOILT: list[tuple[str, dict[str, Any], list[tuple[Key, str]]]] = [
    ("nothing", {}, []),
    (
        "a number that Excel rounded",
        {"document_number": 330203199801031000.0},
        [(Key.DOCUMENT_NUMBER, "number.rounded")],
    ),
    (
        "a rounded number turned into text",
        {"document_number": "330203199801031000"},
        [(Key.DOCUMENT_NUMBER, "number.rounded")],
    ),
    (
        "a number as Excel shows it",
        {"document_number": "3.30203E+17"},
        [(Key.DOCUMENT_NUMBER, "number.rounded")],
    ),
    ("text in a number column", {"phone": "问我妈"}, [(Key.PHONE, "phone.wrong")]),
    ("a phone too short", {"phone": 1380000}, [(Key.PHONE, "phone.wrong")]),
    ("a phone as a number", {"phone": 13812345678}, []),
    ("a phone with a country code", {"phone": "+86 138-1234-5678"}, []),
    ("a date in two readings", {"birth_date": "03/04/1998"}, [(Key.BIRTH_DATE, "date.ambiguous")]),
    ("a short year", {"medical_date": "26-10-08"}, [(Key.MEDICAL_DATE, "date.ambiguous")]),
    ("a day that is none", {"medical_date": "2026-02-30"}, [(Key.MEDICAL_DATE, "date.impossible")]),
    ("a serial number of a day", {"medical_date": 46303}, [(Key.MEDICAL_DATE, "date.number")]),
    ("words for a date", {"medical_date": "上周"}, [(Key.MEDICAL_DATE, "date.unreadable")]),
    ("a date in Chinese", {"medical_date": "2026年10月8日"}, []),
    ("a date of eight digits", {"medical_date": 20261008}, []),
    ("a date to come", {"medical_date": date(2026, 12, 1)}, [(Key.MEDICAL_DATE, "date.future")]),
    ("an old proof", {"medical_date": date(2026, 5, 19)}, [(Key.MEDICAL_DATE, "medical.old")]),
    ("a proof on its last day", {"medical_date": date(2026, 5, 20)}, []),
    ("another birth date", {"birth_date": "1998-01-04"}, [(Key.BIRTH_DATE, "birth_date.differs")]),
    ("another sex", {"sex": "男"}, [(Key.SEX, "sex.differs")]),
    ("an unknown class", {"licence_class": "C9"}, [(Key.LICENCE_CLASS, "word.unknown")]),
    ("a class for later", {"licence_class": "A2"}, [(Key.LICENCE_CLASS, "class.not_first")]),
    ("an unknown pathway", {"pathway": "插队"}, [(Key.PATHWAY, "word.unknown")]),
    ("a pathway of another class", {"pathway": "增加C6"}, [(Key.PATHWAY, "pathway.class")]),
    ("nothing in a needed cell", {"address": None}, [(Key.ADDRESS, "cell.empty")]),
    ("a name with digits", {"name": "张3"}, [(Key.NAME, "name.odd")]),
    ("an odd need", {"support": "插队"}, [(Key.SUPPORT, "word.unknown")]),
    ("two needs", {"support": "孕妇、残疾"}, []),
    (
        "a mistyped number",
        {"document_number": "330203199801031020"},
        [(Key.DOCUMENT_NUMBER, "card.check_digit")],
    ),
    (
        "a number cut short",
        {"document_number": "33020319980103102"},
        [(Key.DOCUMENT_NUMBER, "card.shape")],
    ),
    (
        "everything at once",
        {"phone": "x", "medical_date": "2026-13-01", "licence_class": "Z"},
        [
            (Key.PHONE, "phone.wrong"),
            (Key.LICENCE_CLASS, "word.unknown"),
            (Key.MEDICAL_DATE, "date.impossible"),
        ],
    ),
]


@pytest.mark.parametrize(
    ("changes", "expected"), [x[1:] for x in SPOILT], ids=[x[0] for x in SPOILT]
)
def test_a_spoilt_cell_is_named_with_what_is_wrong(
    app: Flask, changes: dict[str, Any], expected: list[tuple[Key, str]]
) -> None:
    assert codes(xlsx([row(2, **changes)])) == expected


def test_too_young_names_the_age_of_the_pack(app: Flask) -> None:
    born = date(2010, 1, 3)
    number = card_number(born, 100)
    (only,) = checked(xlsx([row(2, birth_date=born, document_number=number)]))
    (finding,) = only.findings
    assert (finding.code, finding.facts["age"], finding.facts["limit"]) == ("age.min", 16, 18)
    assert "O162" in str(finding.facts["source"])


def test_a_formula_is_told_whatever_it_gives(app: Flask) -> None:
    address = f"{letter(Key.PHONE)}2"
    content = xlsx([row(2)], **{address: '="138"&"00000002"'})
    assert (Key.PHONE, "cell.formula") in codes(content)


def test_a_formula_in_csv_is_told_too(app: Flask) -> None:
    content = csv_file([row(2, name="=1+1")], "utf-8-sig")
    assert codes(content) == [(Key.NAME, "cell.formula")]


@pytest.mark.parametrize(
    ("encoding", "delimiter"), [("utf-8", ","), ("utf-8-sig", ";"), ("gb18030", "\t")]
)
def test_csv_is_read_in_the_encodings_of_the_land(
    app: Flask, encoding: str, delimiter: str
) -> None:
    (only,) = checked(csv_file([row(2)], encoding, delimiter))
    assert only.person is not None
    assert only.person.name == row(2).cells[Key.NAME]


def test_headings_may_stand_in_any_order_and_language(app: Flask) -> None:
    content = xlsx([row(2)], keys=tuple(reversed(Key)))
    book_in_english = xlsx([row(2)])
    assert checked(content)[0].person == checked(book_in_english)[0].person
    english = {f"{letter(x.key)}1": x.en.upper() for x in COLUMNS}
    assert checked(xlsx([row(2)], **english))[0].person is not None


def test_missing_columns_are_named_all_at_once(app: Flask) -> None:
    keys = [x for x in Key if x not in (Key.PHONE, Key.MEDICAL_DATE)]
    with pytest.raises(InvalidInput) as caught:
        rows_of(xlsx([row(2)], keys=keys))
    assert caught.value.field == "file"
    assert BY_KEY[Key.PHONE].heading in str(caught.value)
    assert BY_KEY[Key.MEDICAL_DATE].heading in str(caught.value)


def test_rows_keep_the_number_that_the_spreadsheet_shows(app: Flask) -> None:
    content = xlsx([row(2), row(3)], A3=None)
    book = xlsx([row(2)], **{f"{letter(x)}9": row(9).cells.get(x) for x in Key})
    assert [x.number for x in rows_of(content)] == [2, 3]
    assert [x.number for x in rows_of(book)] == [2, 9]


def test_the_template_alone_has_no_row(app: Flask) -> None:
    with pytest.raises(InvalidInput, match="表头下面没有数据行"):
        rows_of(template())


def zipped(**entries: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def sheet_with(content: bytes, sheet: bytes) -> bytes:
    """The workbook with another first sheet."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as given,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for name in given.namelist():
            same = given.read(name)
            archive.writestr(name, sheet if name.startswith("xl/worksheets/sheet") else same)
    return buffer.getvalue()


CORNERS = (
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    b'<row r="1"><c r="A1"><v>1</v></c></row>'
    b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xd0\xcf\x11\xe0 an old workbook",
        b"PK\x03\x04 nothing of a zip",
        zipped(hello=b"world"),
        b"\x00\x01\x02\xff\xfe",
        "只有一行文字".encode(),
        b"\xff" * 100,
    ],
    ids=["empty", "old", "broken zip", "other zip", "binary", "no table", "no text"],
)
def test_what_is_no_table_gets_one_sentence(app: Flask, content: bytes) -> None:
    with pytest.raises(InvalidInput) as caught:
        rows_of(content)
    assert caught.value.field == "file"
    assert str(caught.value).endswith("。")


def test_two_cells_in_far_corners_do_not_fill_the_memory(app: Flask) -> None:
    with pytest.raises(InvalidInput, match="过大或范围过宽"):
        rows_of(sheet_with(xlsx([row(2)]), CORNERS))


def test_a_workbook_that_unpacks_to_gigabytes_is_refused(app: Flask) -> None:
    bomb = zipped(**{"xl/worksheets/sheet1.xml": b" " * (310 * 1024 * 1024)})
    assert len(bomb) < 1024 * 1024
    with pytest.raises(InvalidInput, match="过大或范围过宽"):
        rows_of(bomb)


def test_a_false_size_in_the_directory_does_not_help(app: Flask) -> None:
    bomb = bytearray(zipped(**{"xl/worksheets/sheet1.xml": b" " * (310 * 1024 * 1024)}))
    size = (310 * 1024 * 1024).to_bytes(4, "little")
    while size in bomb:
        at = bomb.index(size)
        bomb[at : at + 4] = (100).to_bytes(4, "little")
    with pytest.raises(InvalidInput):
        rows_of(bytes(bomb))


def test_four_thousand_rows_fit_and_one_more_does_not(app: Flask) -> None:
    rows = [row(n) for n in range(2, 4_003)]
    assert len(rows_of(csv_file(rows[:-1], "utf-8"))) == 4_000
    with pytest.raises(InvalidInput, match="4001"):
        rows_of(csv_file(rows, "utf-8"))
