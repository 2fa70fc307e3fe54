"""The coded deductions of an edition of the standard, and what an attempt comes to. Pure.

Codes are our own (`standards/*.toml`); a number of the official text is an attribute with its
edition, since every edition renumbers.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from exam.policy.pack import Pack
from exam.policy.subjects import LicenceClass, Subject

STANDARDS = Path(__file__).parent / "standards"
FULL = 100
"""The scale of the regulation (O162 Art. 38): points start here and never fall below 0."""


@dataclass(frozen=True)
class OfficialNumber:
    """A number as it was seen in an edition of the official text."""

    number: str
    edition: str


@dataclass(frozen=True)
class Item:
    """A part of the test: a manoeuvre, or what is judged throughout; no classes means all."""

    key: str
    subject: Subject
    zh: str
    en: str
    classes: frozenset[LicenceClass]

    def asked_of(self, licence_class: LicenceClass) -> bool:
        """Whether candidates for this class meet the item."""
        return not self.classes or licence_class in self.classes


@dataclass(frozen=True)
class Entry:
    """One coded deduction: ``points`` off, 100 ends the attempt as failed."""

    code: str
    item: Item
    points: int
    repeatable: bool
    zh: str
    en: str
    confidence: str
    official: OfficialNumber | None = None

    @property
    def subject(self) -> Subject:
        """The subject it belongs to."""
        return self.item.subject


@dataclass(frozen=True)
class Paper:
    """A computer test: how many questions, and what each is worth."""

    questions: int
    points_each: int
    confidence: str


@dataclass(frozen=True)
class Standard:
    """One edition."""

    edition: str
    name_zh: str
    name_en: str
    since: date
    source: str
    items: Mapping[str, Item]
    entries: Mapping[str, Entry]
    papers: Mapping[str, Paper]

    def choices(self, subject: Subject, licence_class: LicenceClass) -> list[Entry]:
        """What an examiner may pick for this class, in the order of the standard."""
        return [
            x
            for x in self.entries.values()
            if x.subject is subject and x.points and x.item.asked_of(licence_class)
        ]

    def paper(self, subject: Subject, licence_class: LicenceClass) -> Paper:
        """The computer test of a theory subject.

        Raises:
            KeyError: the subject has none.
        """
        return self.papers.get(f"{subject}.{licence_class}") or self.papers[subject]

    def wrong_answers(self, subject: Subject) -> Entry:
        """The entry under which a paper's wrong answers are written down."""
        return self.entries[f"{subject.lower()}.paper.wrong_answers"]


class Score(NamedTuple):
    """What deductions leave."""

    points: int
    """From 0 to 100."""
    passed: bool
    ended: bool
    """A deduction of 100: the attempt goes no further."""


def score(deductions: Iterable[int], *, pass_mark: int) -> Score:
    """Points left from 100, floor 0; one deduction of 100 fails whatever the mark.

    Args:
        deductions: points of each deduction, from 1 to 100.
        pass_mark: the least number of points that passes.
    """
    off = list(deductions)
    points = max(0, FULL - sum(off))
    ended = any(x >= FULL for x in off)
    return Score(points, passed=not ended and points >= pass_mark, ended=ended)


def pass_mark(subject: Subject, licence_class: LicenceClass, pack: Pack) -> int:
    """The least number of points that passes a subject (O162 Art. 38)."""
    large = pack.by("pass.mark_s2_large", licence_class) if subject is Subject.S2 else None
    return large if large is not None else int(pack.table("pass.mark")[subject])


@cache
def load(edition: str, folder: Path = STANDARDS) -> Standard:
    """Read an edition.

    Raises:
        FileNotFoundError: no such edition.
        ValueError: a code of no item, or points off the scale; the code is named.
    """
    content = tomllib.loads((folder / f"{edition}.toml").read_text(encoding="utf-8"))
    items = {key: _item(key, row) for key, row in content["item"].items()}
    head = content["standard"]
    return Standard(
        edition=head["edition"],
        name_zh=head["name_zh"],
        name_en=head["name_en"],
        since=head["since"],
        source=head["source"],
        items=items,
        entries={code: _entry(code, row, items) for code, row in content["code"].items()},
        papers={key: Paper(**row) for key, row in content["paper"].items()},
    )


def _item(key: str, row: Mapping[str, Any]) -> Item:
    classes = frozenset(LicenceClass(x) for x in row.get("classes", "").split())
    return Item(key, Subject(row["subject"]), row["zh"], row["en"], classes)


def _entry(code: str, row: Mapping[str, Any], items: Mapping[str, Item]) -> Entry:
    item = items.get(code.rpartition(".")[0])
    if item is None:
        raise ValueError(f"{code}: the standard has no such item")
    points = int(row["points"])
    if not 0 <= points <= FULL:
        raise ValueError(f"{code}: points must lie between 0 and {FULL}")
    official = OfficialNumber(**row["official"]) if "official" in row else None
    return Entry(
        code=code,
        item=item,
        points=points,
        repeatable=row.get("repeatable", False),
        zh=row["zh"],
        en=row["en"],
        confidence=row.get("confidence", "S"),
        official=official,
    )
