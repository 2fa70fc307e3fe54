"""Reading single cells: what a spreadsheet made of a number or a date, and what is meant.

Each reader returns a value or a :class:`Finding` with a stable code; texts are in `findings`.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from exam.registration.columns import Key

EXACT_NUMBER = 10**15
"""Spreadsheets keep 15 digits of a number; from here on the rest has become zeros."""

_DATES = (
    re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ]00:00(?::00)?)?"),
    re.compile(r"(\d{4})(\d{2})(\d{2})"),
    re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日"),
)
_AMBIGUOUS = re.compile(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}|\d{2}[-/.]\d{1,2}[-/.]\d{1,2}")
_SCIENTIFIC = re.compile(r"\d(\.\d+)?E\+\d+", re.IGNORECASE)
_PHONE = re.compile(r"(?:\+?86)?(1[3-9]\d{9})")
YEARS = range(1900, 2100)


@dataclass(frozen=True)
class Finding:
    """What is wrong with a cell or a row; ``facts`` fill the text in."""

    column: Key | None
    code: str
    facts: Mapping[str, str | int] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The form that is stored with the row."""
        return {"column": self.column, "code": self.code, "facts": dict(self.facts)}


def text_of(cell: Any) -> str:
    """A cell as text: numbers without a false fraction, dates as ISO, full-width folded."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell)
    if isinstance(cell, float) and cell.is_integer():
        return f"{cell:.0f}"
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return " ".join(unicodedata.normalize("NFKC", str(cell)).split())


def number_text(key: Key, cell: Any) -> str | Finding:
    """A number that must be kept as it was typed: document, phone, medical proof.

    Returns:
        Upper case without spaces, or that the spreadsheet has rounded it.
    """
    if isinstance(cell, (int, float)) and not isinstance(cell, bool) and cell >= EXACT_NUMBER:
        return Finding(key, "number.rounded")
    text = text_of(cell).replace(" ", "").upper()
    return Finding(key, "number.rounded") if _SCIENTIFIC.fullmatch(text) else text


def phone(cell: Any) -> str | Finding:
    """A mainland mobile number of eleven digits."""
    text = number_text(Key.PHONE, cell)
    if isinstance(text, Finding):
        return text
    match = _PHONE.fullmatch(re.sub(r"[-()]", "", text))
    return match.group(1) if match else Finding(Key.PHONE, "phone.wrong")


def day(key: Key, cell: Any) -> date | Finding:
    """A date cell, or text with the year first; nothing is guessed."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = text_of(cell)
    for shape in _DATES:
        match = shape.fullmatch(text)
        if match and int(match.group(1)) in YEARS:
            return _date(key, *map(int, match.groups()))
    if _AMBIGUOUS.fullmatch(text):
        return Finding(key, "date.ambiguous", {"given": text})
    if isinstance(cell, (int, float)):
        return Finding(key, "date.number")
    return Finding(key, "date.unreadable")


def _date(key: Key, year: int, month: int, day_of_month: int) -> date | Finding:
    try:
        return date(year, month, day_of_month)
    except ValueError:
        return Finding(key, "date.impossible")
