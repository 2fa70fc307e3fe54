"""What the clerk hands in: a workbook of two rows, one of them mistyped, and a zip of photos."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from openpyxl import Workbook
from PIL import Image
from stdnum.cn import ric

from exam.registration.columns import BY_KEY, Key
from exam.registration.views import SPREADSHEET
from proctor.scenes import portrait

if TYPE_CHECKING:
    from playwright.sync_api import FilePayload

BORN = date(2001, 5, 20)
PHOTO = "lin.png"
SEATED = "C"
"""Who of the composer's people sits before the camera."""
HEAD = (200, 50, 410, 330)
"""Left, top, right, bottom of her head and shoulders in the portrait, in pixels."""


@dataclass(frozen=True)
class Person:
    """Whom the walk follows."""

    name: str = "林晓舟"
    username: str = "linxiaozhou"
    password: str = "three quiet words"
    order: int = 102
    """Tells the numbers of people apart who were born on one day; even, as women's are."""

    @property
    def number(self) -> str:
        """The number of her identity card."""
        body = f"330203{BORN:%Y%m%d}{self.order:03d}0"
        return body[:-1] + ric.calc_check_digit(body)


def mistyped(number: str) -> str:
    """The number with a wrong last character."""
    return number[:-1] + ("1" if number[-1] != "1" else "2")


def workbook(*people: Person) -> FilePayload:
    """The template's columns with a row for each, and somebody else's with a wrong number."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append([BY_KEY[key].heading for key in Key])
    rows = [_row(person) for person in people]
    rows.append(
        rows[0]
        | {
            Key.NAME: "周一鸣",
            Key.DOCUMENT_NUMBER: mistyped(people[0].number),
            Key.PHOTO: None,
        }
    )
    for row in rows:
        sheet.append([row.get(key) for key in Key])
    buffer = io.BytesIO()
    book.save(buffer)
    return {"name": "考生.xlsx", "mimeType": SPREADSHEET, "buffer": buffer.getvalue()}


def _row(person: Person) -> dict[Key, Any]:
    return {
        Key.NAME: person.name,
        Key.DOCUMENT_TYPE: "居民身份证",
        Key.DOCUMENT_NUMBER: person.number,
        Key.PHONE: f"13800000{person.order:03d}",
        Key.BIRTH_DATE: BORN,
        Key.SEX: "女",
        Key.ADDRESS: "望海市灯塔路 8 号",
        Key.LICENCE_CLASS: "C1",
        Key.PATHWAY: "初次申领",
        Key.TRAINING_SOURCE: "驾校培训",
        Key.MEDICAL_NUMBER: "TJ20261019",
        Key.MEDICAL_DATE: date(2026, 10, 19),
        Key.PHOTO: PHOTO,
    }


def photos() -> FilePayload:
    """Her photo: head and shoulders of the person whom the seat camera shows."""
    picture, buffer = io.BytesIO(), io.BytesIO()
    with Image.open(io.BytesIO(portrait(SEATED))) as whole:
        whole.crop(HEAD).resize((480, 640)).save(picture, "PNG")
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(PHOTO, picture.getvalue())
    return {"name": "照片.zip", "mimeType": "application/zip", "buffer": buffer.getvalue()}
