"""Rule packs: legal numbers with source and date, layered country, province, office."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

PACKS = Path(__file__).parent / "packs"


@dataclass(frozen=True)
class Parameter:
    """One number of the law or of the office."""

    name: str
    value: Any
    source: str
    since: date
    confidence: str
    pack: str
    name_zh: str = ""
    name_en: str = ""
    source_zh: str = ""
    """The source in Chinese where it is more than a citation."""


class Pack:
    """The parameters in force; a narrower pack overrides a wider one."""

    def __init__(self, edition: str, parameters: dict[str, Parameter]) -> None:
        self.edition = edition
        self._parameters = parameters

    def __getitem__(self, name: str) -> Parameter:
        """The parameter with its source.

        Raises:
            KeyError: no pack defines it.
        """
        return self._parameters[name]

    def __iter__(self) -> Any:
        return iter(self._parameters.values())

    def integer(self, name: str) -> int:
        """A whole number."""
        return int(self[name].value)

    def text(self, name: str) -> str:
        """A word or sentence."""
        return str(self[name].value)

    def words(self, name: str) -> tuple[str, ...]:
        """A list of codes, space-separated in the pack."""
        return tuple(self.text(name).split())

    def table(self, name: str) -> dict[str, Any]:
        """A small table, such as days by licence class."""
        return dict(self[name].value)

    def by(self, name: str, key: str) -> int | None:
        """One number of a table; None where the table does not name the key."""
        found = self.table(name).get(key)
        return None if found is None else int(found)


@cache
def load(names: Sequence[str], folder: Path = PACKS) -> Pack:
    """Read packs, the widest first.

    Args:
        names: a tuple of file names without ``.toml``.
        folder: where they lie.
    """
    parameters: dict[str, Parameter] = {}
    editions = []
    for name in names:
        content = tomllib.loads((folder / f"{name}.toml").read_text(encoding="utf-8"))
        editions.append(f"{content['pack']['id']}/{content['pack']['edition']}")
        for key, entry in content["param"].items():
            parameters[key] = Parameter(name=key, pack=name, **_called(parameters.get(key)) | entry)
    return Pack("+".join(editions), parameters)


def _called(wider: Parameter | None) -> dict[str, str]:
    """A parameter keeps its names where a narrower pack changes only the number."""
    return {"name_zh": wider.name_zh, "name_en": wider.name_en} if wider else {}
