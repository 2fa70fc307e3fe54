"""Looking into an xlsx before it is read: its real size, how far it reaches, where formulas stand.

A reader trusts what the file says about itself: a few kilobytes can unpack to gigabytes, and two
filled cells in opposite corners span a table of seventeen billion. Both are found here, in bounded
memory, from the packed bytes alone.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator

from flask_babel import lazy_gettext as _

from exam.errors import InvalidInput

UNPACKED_MAX = 300 * 1024 * 1024
ENTRIES_MAX = 2_000
CELLS_MAX = 3_000_000
CHUNK = 1024 * 1024
OVERLAP = 1024

_CELL = re.compile(rb'<(?:\w+:)?c\b[^<>]*?\br="([A-Z]{1,3})(\d{1,7})"[^<>]*>')
_FORMULA = re.compile(rb'<(?:\w+:)?c\b[^<>]*?\br="([A-Z]{1,3})(\d{1,7})"[^<>]*>\s*<(?:\w+:)?f\b')
_SHEET_ID = re.compile(rb'<(?:\w+:)?sheet\b[^<>]*?\b\w+:id="([^"]+)"')
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\b[^<>]*>")
_ID = re.compile(rb'\bId="([^"]+)"')
_TARGET = re.compile(rb'\bTarget="([^"]+)"')


def formula_cells(content: bytes) -> set[tuple[int, int]]:
    """Check a workbook's size and find the formulas of its first sheet.

    Returns:
        Positions (row from 1, column from 0) that hold a formula.

    Raises:
        InvalidInput: no workbook, or larger than any list of candidates.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except zipfile.BadZipFile:
        raise _refused(_("This file is not an Excel workbook. Save it as .xlsx.")) from None
    found: dict[str, set[tuple[int, int]]] = {}
    left = UNPACKED_MAX
    entries = archive.infolist()
    if len(entries) > ENTRIES_MAX:
        raise _too_large()
    for entry in entries:
        sheet = _Sheet()
        for chunk in _unpacked(content, entry):
            left -= len(chunk)
            if left < 0:
                raise _too_large()
            if entry.filename.startswith("xl/worksheets/") and entry.filename.endswith(".xml"):
                sheet.read(chunk)
        found[entry.filename] = sheet.formulas
    return found.get(_first_sheet(archive), set())


def _first_sheet(archive: zipfile.ZipFile) -> str:
    """The packed name of the sheet that comes first, whatever its file is called."""
    try:
        book = archive.read("xl/workbook.xml")
        relations = archive.read("xl/_rels/workbook.xml.rels")
    except (KeyError, zipfile.BadZipFile, RuntimeError, zlib.error):
        raise _refused(_("This file is not an Excel workbook. Save it as .xlsx.")) from None
    sheet = _SHEET_ID.search(book)
    for relation in _RELATION.findall(relations):
        key, target = _ID.search(relation), _TARGET.search(relation)
        if sheet and key and target and key.group(1) == sheet.group(1):
            path = target.group(1).decode()
            return path.lstrip("/") if path.startswith("/") else f"xl/{path}"
    return ""


class _Sheet:
    """What is seen of one sheet while its bytes pass by."""

    def __init__(self) -> None:
        self.formulas: set[tuple[int, int]] = set()
        self._tail = b""
        self._rows = self._columns = 0

    def read(self, chunk: bytes) -> None:
        text = self._tail + chunk
        for match in _CELL.finditer(text):
            row, column = _position(match)
            self._rows, self._columns = max(self._rows, row), max(self._columns, column + 1)
        if self._rows * self._columns > CELLS_MAX:
            raise _too_large()
        self.formulas.update(map(_position, _FORMULA.finditer(text)))
        self._tail = text[-OVERLAP:]


def _position(match: re.Match[bytes]) -> tuple[int, int]:
    column = 0
    for letter in match.group(1):
        column = column * 26 + letter - 64
    return int(match.group(2)), column - 1


def _unpacked(content: bytes, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """The bytes of an entry as they really are, whatever the directory says about their number."""
    header = content[entry.header_offset : entry.header_offset + 30]
    names = int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
    start = entry.header_offset + 30 + names
    packed = content[start : start + entry.compress_size]
    if entry.compress_type == zipfile.ZIP_STORED:
        yield packed
        return
    if entry.compress_type != zipfile.ZIP_DEFLATED or entry.flag_bits & 0x1:
        raise _refused(_("This workbook is protected by a password. Save it without one."))
    inflate = zlib.decompressobj(-15)
    try:
        while packed and not inflate.eof:
            yield inflate.decompress(packed, CHUNK)
            packed = inflate.unconsumed_tail
    except zlib.error:
        raise _refused(_("This workbook is damaged. Save it again.")) from None


def _too_large() -> InvalidInput:
    return _refused(
        _(
            "This workbook is too large or reaches too far. Delete empty rows and columns behind"
            " the list, or split it."
        )
    )


def _refused(message: object) -> InvalidInput:
    return InvalidInput(message, field="file")
