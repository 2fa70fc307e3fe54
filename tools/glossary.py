"""Make `docs/glossary.md` of `docs/glossary.toml`: the words of the field as the code has them.

``python -m tools.glossary`` writes the page; ``python -m tools.glossary check`` fails where a word
names nothing that stands in the code, or where the page is older than the words.
"""

from __future__ import annotations

import importlib
import sys
import tomllib
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

DOCS = Path(__file__).resolve().parents[1] / "docs"
TABLE = ("| English | Chinese | code | |", "|---|---|---|---|")
HEAD = """# Glossary

Made by `python -m tools.glossary` from `glossary.toml`. The same words stand in code, database,
pages and texts; a new word comes here first.
"""


class Word(NamedTuple):
    """A word, where it belongs, what it is in Chinese, in the code, and in a few words."""

    area: str
    en: str
    zh: str
    code: str
    says: str


def words() -> list[Word]:
    """All words, in the order of the file."""
    areas = tomllib.loads((DOCS / "glossary.toml").read_text())
    return [Word(area, en, **facts) for area, found in areas.items() for en, facts in found.items()]


def page() -> str:
    """The glossary as Markdown."""
    blocks = [HEAD]
    for area, found in groupby(words(), key=lambda word: word.area):
        rows = [f"| {x.en} | {x.zh} | `{x.code}` | {x.says} |" for x in found]
        blocks.append("\n".join([f"## {area}\n", *TABLE, *rows, ""]))
    return "\n".join(blocks)


def missing() -> list[str]:
    """Words whose name in the code does not exist, with that name."""
    return [f"{word.en}: {word.code}" for word in words() if not _exists(word.code)]


def _exists(code: str) -> bool:
    module, _, path = code.partition(":")
    try:
        found: object = importlib.import_module(module)
        for name in path.split("."):
            found = getattr(found, name)
    except (ImportError, AttributeError):
        return False
    return True


def main(arguments: list[str]) -> int:
    """Write the page, or check it."""
    path = DOCS / "glossary.md"
    if arguments != ["check"]:
        path.write_text(page())
        return 0
    problems = missing()
    if path.read_text() != page():
        problems.append("docs/glossary.md is old: run `python -m tools.glossary`")
    print("\n".join(problems))
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
