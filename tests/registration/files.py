"""Files as schools send them, sound and spoilt."""

from __future__ import annotations

import csv
import io
import zipfile
from typing import TYPE_CHECKING, Any

from openpyxl import Workbook

from exam.registration.cells import text_of
from exam.registration.columns import BY_KEY, Key
from tests.registration.factories import picture

if TYPE_CHECKING:
    from collections.abc import Sequence

    from exam.registration.rows import RawRow


def xlsx(rows: Sequence[RawRow], keys: Sequence[Key] = tuple(Key), **cells: Any) -> bytes:
    """A workbook with these rows below the template's headings; ``cells`` by address at last."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append([BY_KEY[x].heading for x in keys])
    for row in rows:
        sheet.append([row.cells.get(x) for x in keys])
    for address, value in cells.items():
        sheet[address] = value
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def csv_file(rows: Sequence[RawRow], encoding: str, delimiter: str = ",") -> bytes:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=delimiter)
    writer.writerow([BY_KEY[x].zh for x in Key])
    for row in rows:
        writer.writerow([text_of(row.cells.get(x)) for x in Key])
    return buffer.getvalue().encode(encoding)


def photos(names: Sequence[str], content: bytes | None = None, folder: str = "") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(folder + name, picture() if content is None else content)
    return buffer.getvalue()
