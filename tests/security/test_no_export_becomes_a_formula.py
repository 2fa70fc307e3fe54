"""Whatever people have typed, opened in a spreadsheet it is text: every export is here."""

from __future__ import annotations

import ast
import io
from pathlib import Path

import pytest
from flask import Flask
from openpyxl import load_workbook

from exam.booking import round_files
from exam.booking.calendar_file import _text
from exam.db import new_id
from exam.registration.models import UploadRow
from exam.registration.workbooks import with_findings
from tests.house.files import ROOT, project_files

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", '=HYPERLINK("http://evil.example","x")']

EXPORTS = {
    "exam/booking/round_files.py": "public tables: ids and numbers; a formula is refused",
    "exam/registration/workbooks.py": "findings and template: text cells with the quote mark",
}
"""Every module of the application that writes tables, and how it keeps formulas out."""


@pytest.mark.parametrize("typed", FORMULAS)
def test_what_a_school_typed_is_text_in_its_findings(app: Flask, typed: str) -> None:
    row = UploadRow(
        id=new_id(), upload_id=new_id(), row_number=2, given={"name": typed}, findings=[]
    )
    sheet = load_workbook(io.BytesIO(with_findings([row]))).worksheets[0]
    cells = [cell for line in sheet.iter_rows() for cell in line if cell.value == typed]
    assert len(cells) == 1
    assert cells[0].data_type == "s"
    assert cells[0].quotePrefix


def test_plain_text_carries_no_mark(app: Flask) -> None:
    row = UploadRow(
        id=new_id(), upload_id=new_id(), row_number=2, given={"name": "王小明"}, findings=[]
    )
    sheet = load_workbook(io.BytesIO(with_findings([row]))).worksheets[0]
    assert not any(cell.quotePrefix for line in sheet.iter_rows() for cell in line)


@pytest.mark.parametrize("typed", FORMULAS)
def test_a_public_table_with_a_formula_is_not_written(tmp_path: Path, typed: str) -> None:
    folder = tmp_path / "round"
    with pytest.raises(ValueError, match="formula"):
        round_files.write_round(folder, b"", {"sessions": [{"session": "s1", "site": typed}]})
    assert not folder.exists()


def test_numbers_may_be_below_zero(tmp_path: Path) -> None:
    round_files.write_round(tmp_path / "round", b"", {"sessions": [{"session": "s1", "seats": -1}]})
    assert round_files.read_table(tmp_path / "round" / "sessions.csv")[0]["seats"] == "-1"


def test_a_cell_with_a_comma_a_quote_or_a_line_end_stays_one_cell(tmp_path: Path) -> None:
    odd = 'a,"b"\nc'
    round_files.write_round(tmp_path / "round", b"", {"sessions": [{"session": odd}]})
    assert round_files.read_table(tmp_path / "round" / "sessions.csv")[0]["session"] == odd


@pytest.mark.parametrize("typed", ["a\r\nATTENDEE:x", "a\nATTENDEE:x", "a;b,c\\"])
def test_a_calendar_entry_stays_on_its_line(typed: str) -> None:
    assert not {"\r", "\n"} & set(_text(typed))


def _writes_tables(path: Path) -> bool:
    names = {"writer", "DictWriter", "Workbook", "write_csv", "to_csv"}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            called = node.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            if name in names:
                return True
    return False


def test_no_other_module_writes_tables() -> None:
    """A new export is entered above, with a test of its own."""
    found = {str(x.relative_to(ROOT)) for x in project_files("exam/**/*.py") if _writes_tables(x)}
    assert found == set(EXPORTS)
