"""Workbooks that a school downloads: the template, and its rows with the findings beside them."""

import io
from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from exam.registration.columns import COLUMNS, EXAMPLE_MARK, Column, Key
from exam.registration.findings import finding_line
from exam.registration.models import UploadRow

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\0")
TEMPLATE_ROWS = 1_000
DATE_COLUMNS = (Key.BIRTH_DATE, Key.MEDICAL_DATE)
TEXT_FORMAT = "@"
DATE_FORMAT = "yyyy-mm-dd"

_HEAD = PatternFill("solid", fgColor="DCE6F1")
_QUIET = Font(italic=False, color="7F7F7F")
_TOP, _WRAPPED = Alignment(vertical="top"), Alignment(vertical="top", wrap_text=True)


def template() -> bytes:
    """The upload template: bilingual headings, an example, text columns, lists to choose from."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "考生 Candidates"
    for index, column in enumerate(COLUMNS, start=1):
        _head(sheet.cell(1, index), column.heading)
        _example(sheet.cell(2, index), column)
        _format(sheet, index, column)
    sheet.freeze_panes = "B2"
    return _bytes(book)


def with_findings(rows: Sequence[UploadRow]) -> bytes:
    """The rows of an upload as they were kept, each with its state and findings."""
    book = Workbook()
    sheet = book.worksheets[0]
    shown = [x for x in COLUMNS if any(x.key in row.given for row in rows)]
    heads = [_("Row"), _("State"), _("What to put right"), *(x.heading for x in shown)]
    for index, head in enumerate(heads, start=1):
        _head(sheet.cell(1, index), head)
    taken, refused = _("taken"), _("refused")
    for line, row in enumerate(rows, start=2):
        state = taken if row.case_id else refused
        findings = "\n".join(finding_line(x) for x in row.findings)
        values = [state, findings, *(row.given.get(x.key, "") for x in shown)]
        sheet.cell(line, 1, row.row_number)
        for index, value in enumerate(values, start=2):
            if value:
                _text(sheet.cell(line, index), value)
    for index, width in enumerate((8, 10, 70, *(18 for _column in shown)), start=1):
        sheet.column_dimensions[get_column_letter(index)].width = width
    sheet.freeze_panes = "D2"
    return _bytes(book)


def _head(cell: Any, text: str) -> None:
    cell.value = text
    cell.font = Font(bold=True)
    cell.fill = _HEAD


def _example(cell: Any, column: Column) -> None:
    _text(cell, EXAMPLE_MARK if column.key is Key.NAME else column.example)
    cell.font = _QUIET


def _text(cell: Any, value: str) -> None:
    """Write text as text: what came from a file must not become a formula, here or when edited.

    The mark is the spreadsheet's own leading apostrophe: it shows nothing and changes no value.
    """
    assert isinstance(cell, Cell)
    cell.value = value
    if value:
        cell.data_type = "s"
    if value.startswith(FORMULA_STARTS):
        cell.quotePrefix = True
    cell.alignment = _WRAPPED if "\n" in value else _TOP


def _format(sheet: Worksheet, index: int, column: Column) -> None:
    letter = get_column_letter(index)
    sheet.column_dimensions[letter].width = max(14, 2 * len(column.zh) + len(column.en))
    area = f"{letter}2:{letter}{TEMPLATE_ROWS + 1}"
    if column.as_text or column.key in DATE_COLUMNS:
        shape = TEXT_FORMAT if column.as_text else DATE_FORMAT
        for row in range(2, TEMPLATE_ROWS + 2):
            sheet.cell(row, index).number_format = shape
    if column.words and column.key is not Key.SUPPORT:
        choices = ",".join(ways[0] if ways else code for code, ways in column.words.items())
        rule = DataValidation(type="list", formula1=f'"{choices}"', allow_blank=True)
        rule.errorTitle, rule.error = column.zh, choices[:200]
        sheet.add_data_validation(rule)
        rule.add(area)


def _bytes(book: Workbook) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()
