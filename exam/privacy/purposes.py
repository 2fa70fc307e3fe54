"""What is kept of people, what for and how long: one table, read from a file and held to be whole.

Pure but for reading the file.
"""

import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

FILE = Path(__file__).with_name("purposes.toml")
Words = Annotated[str, Field(min_length=2)]


class Bilingual(BaseModel):
    """A sentence in both languages."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    zh: Words
    en: Words

    def told(self, language: str) -> str:
        """In the reader's language."""
        return self.zh if language == "zh" else self.en


class Purpose(Bilingual):
    """Some fields that are kept for one purpose and one term."""

    kind: Words
    why_zh: Words
    why_en: Words
    law: Words
    term: Words
    sealed: bool = False
    fields: Annotated[tuple[str, ...], Field(min_length=1)]

    def why(self, language: str) -> str:
        """What for."""
        return self.why_zh if language == "zh" else self.why_en


class Nothing(BaseModel):
    """What says nothing about a person."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    tables: frozenset[str]
    columns: frozenset[str]


class Purposes(BaseModel):
    """The whole table."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    law: dict[str, Bilingual]
    terms: dict[str, Bilingual]
    purpose: tuple[Purpose, ...]
    none: Nothing

    @model_validator(mode="after")
    def _whole(self) -> "Purposes":
        fields = [x for one in self.purpose for x in one.fields]
        twice = {x for x in fields if fields.count(x) > 1}
        unknown = {one.law for one in self.purpose} - self.law.keys()
        if twice or unknown:
            raise ValueError(f"stands twice: {sorted(twice)}; no such law: {sorted(unknown)}")
        return self

    def unclassified(self, columns: Iterable[tuple[str, str]]) -> list[str]:
        """Those of these (table, column) that the table does not know."""
        known = {x for one in self.purpose for x in one.fields} | self.none.columns
        return sorted(
            f"{table}.{column}"
            for table, column in columns
            if table not in self.none.tables and f"{table}.{column}" not in known
        )


@cache
def load() -> Purposes:
    """The table of this release.

    Raises:
        ValidationError: it is not whole.
    """
    return Purposes.model_validate(tomllib.loads(FILE.read_text(encoding="utf-8")))
