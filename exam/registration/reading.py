"""From a school's file to rows: xlsx or csv, headings in any order and either language."""

import csv
import hashlib
import io
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

from flask_babel import lazy_gettext as _
from python_calamine import CalamineError, CalamineWorkbook

from exam.errors import InvalidInput
from exam.registration.cells import text_of
from exam.registration.columns import EXAMPLE_MARK, Key, missing, recognised
from exam.registration.photos import PhotoZip
from exam.registration.rows import RawRow
from exam.registration.uploads import Delivery
from exam.registration.workbook_guard import formula_cells

ROWS_MAX = 4_000
"""So many that findings and slips of all of them are answered at once (`docs/pages.md`)."""
HEADER_WITHIN = 10
"""The header stands in one of the first rows; a title may stand above it."""
RECOGNISABLE = 3
NAMES = (".xlsx", ".csv")
ZIP_MARK = b"PK\x03\x04"
OLD_EXCEL_MARK = b"\xd0\xcf\x11\xe0"

Table = Sequence[Sequence[Any]]


def delivery_of(file_name: str, content: bytes, photos: bytes | None) -> Delivery:
    """Read a school's file and its photos.

    Raises:
        InvalidInput: the file as a whole cannot be taken; nothing is kept.
    """
    _check_name(file_name, content)
    return Delivery(
        file_name=file_name[:200],
        sha256=hashlib.sha256(content + b"\0" + (photos or b"")).hexdigest(),
        rows=rows_of(content),
        pictures=PhotoZip(photos) if photos else {},
    )


def _check_name(file_name: str, content: bytes) -> None:
    """Refuse a table that is not what its name says: one of the two is not what was meant."""
    suffix = PurePath(file_name).suffix.lower()
    if suffix not in NAMES:
        raise _refused(_("Hand in a file whose name ends in .xlsx or .csv."))
    if content.startswith(ZIP_MARK) != (suffix == ".xlsx") and not _is_old(content):
        raise _refused(_("The content of this file is not what its name says. Save it as .xlsx."))


def _is_old(content: bytes) -> bool:
    return not content or content.startswith(OLD_EXCEL_MARK)


def rows_of(content: bytes) -> list[RawRow]:
    """Read the rows below the header; empty rows and the template's example are passed over.

    Raises:
        InvalidInput: not a table of this kind, columns missing, no row, or too many.
    """
    if not content:
        raise _refused(_("The file is empty."))
    if _is_old(content):
        raise _refused(_("This is a workbook of an old kind or with a password. Save it as .xlsx."))
    if content.startswith(ZIP_MARK):
        table, formulas = _workbook(content)
    else:
        table, formulas = _csv(content), set()
    return _rows(table, formulas)


def _workbook(content: bytes) -> tuple[Table, set[tuple[int, int]]]:
    formulas = formula_cells(content)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheet = book.get_sheet_by_index(0)
        table = sheet.to_python(skip_empty_area=False)
    except (CalamineError, IndexError, ValueError, OSError):
        raise _refused(_("This workbook cannot be read. Save it again as .xlsx.")) from None
    return table, formulas


def _csv(content: bytes) -> Table:
    text = _decoded(content)
    if "\0" in text:
        raise _refused(_("This is neither an .xlsx nor a .csv file."))
    try:
        return list(csv.reader(io.StringIO(text, newline=""), _dialect(text)))
    except csv.Error:
        raise _refused(_("This .csv file cannot be read. Save it again, or as .xlsx.")) from None


def _dialect(text: str) -> type[csv.Dialect]:
    class Chosen(csv.excel):
        delimiter = max(",;\t", key=text.partition("\n")[0].count)

    return Chosen


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _refused(
        _("The letters of this file cannot be read. Save it as .xlsx, or .csv in UTF-8.")
    )


def _rows(table: Table, formulas: set[tuple[int, int]]) -> list[RawRow]:
    header, places = _header(table)
    lacking = missing(places)
    if lacking:
        names = "、".join(x.heading for x in lacking)
        message = _("These columns are missing: %(names)s. The template has them all.")
        raise _refused(message % {"names": names})
    rows = []
    for number, line in enumerate(table[header + 1 :], start=header + 2):
        row = _row(number, line, places, formulas)
        if any(text_of(x) for x in row.cells.values()) and not _is_example(row):
            rows.append(row)
    if not rows:
        raise _refused(_("There is no row below the headings."))
    if len(rows) > ROWS_MAX:
        message = _("There are %(rows)s rows; at most %(limit)s fit. Split the file.")
        raise _refused(message % {"rows": len(rows), "limit": ROWS_MAX})
    return rows


def _header(table: Table) -> tuple[int, dict[Key, int]]:
    candidates = [(i, recognised(line)) for i, line in enumerate(table[:HEADER_WITHIN])]
    index, places = max(candidates, key=lambda x: len(x[1]), default=(0, {}))
    if len(places) < RECOGNISABLE:
        raise _refused(
            _("The headings were not found. Start from the template and keep its first row.")
        )
    return index, places


def _row(
    number: int, line: Sequence[Any], places: Mapping[Key, int], formulas: set[tuple[int, int]]
) -> RawRow:
    cells = {key: line[i] for key, i in places.items() if i < len(line)}
    with_formula = frozenset(key for key, i in places.items() if (number, i) in formulas)
    return RawRow(number, cells, with_formula)


def _is_example(row: RawRow) -> bool:
    return text_of(row.cells.get(Key.NAME)) == text_of(EXAMPLE_MARK)


def _refused(message: Any) -> InvalidInput:
    return InvalidInput(message, field="file")
