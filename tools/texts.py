"""Find, fill and check the Chinese texts of code and templates.

``python -m tools.texts update`` writes every message that has no Chinese yet, empty, into the part
of the feature that uses it and drops what nobody uses; ``check`` names what is missing, doubtful or
broken; ``compile`` joins the parts for Flask-Babel.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import write_po

from exam.web.texts import (
    FOLDER,
    LOCALE,
    SUFFIX,
    Key,
    compile_all,
    joined,
    key,
    messages,
    parts,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from babel.messages.catalog import Message

ROOT = Path(__file__).resolve().parents[1]
HOUSES = ("exam", "templates")
_PLACEHOLDER = re.compile(r"(?<!%)%\(\w+\)[a-z]")
METHODS = [("**.py", "python"), ("**.html", "jinja2")]
KEYWORDS = {**DEFAULT_KEYWORDS, "lazy_gettext": None, "lazy_ngettext": (1, 2)}


class Used(NamedTuple):
    """A message as the code or a template uses it."""

    context: str | None
    msgid: str | tuple[str, ...]
    place: str
    """File and line."""
    feature: str


def _feature(path: str) -> str:
    """Name the part a file's texts belong to: the folder of the feature below its house."""
    parts = Path(path).parts
    return parts[1] if len(parts) > 2 else Path(parts[-1]).stem


def used(root: Path = ROOT) -> Iterator[Used]:
    """Yield every message of code and templates, in order of the files."""
    for house in HOUSES:
        found = extract_from_dir(root / house, METHODS, keywords=KEYWORDS)
        for name, line, msgid, _comments, context in found:
            path = Path(house, name).as_posix()
            yield Used(context, msgid, f"{path}:{line}", _feature(path))


def problems(root: Path = ROOT, folder: Path = FOLDER) -> list[str]:
    """Return one line per text that is missing, doubtful or broken in Chinese."""
    whole, contradictions = joined(folder)
    lines = contradictions + [
        f"{feature}{SUFFIX}: {message.id!r} is marked fuzzy; check it and remove the mark."
        for feature, catalog in parts(folder).items()
        for message in messages(catalog)
        if message.fuzzy
    ]
    for one in used(root):
        context, msgid = key(one.msgid, one.context)
        message = whole.get(msgid, context)
        if message is None or not _complete(message):
            lines.append(f"{one.place}: {msgid!r} has no Chinese text in {one.feature}{SUFFIX}.")
        elif _placeholders(message.string) != _placeholders(message.id):
            lines.append(f"{one.place}: {msgid!r} and its Chinese text fill in different names.")
    return lines


def _placeholders(text: str | Sequence[str] | None) -> set[str]:
    return set(_PLACEHOLDER.findall(text if isinstance(text, str) else " ".join(text or ())))


def _complete(message: Message) -> bool:
    texts = message.string if isinstance(message.string, (list, tuple)) else (message.string,)
    return all(texts)


def update(root: Path = ROOT, folder: Path = FOLDER) -> dict[str, int]:
    """Add missing messages, empty, to the parts and drop unused ones; return additions by part."""
    catalogs = parts(folder)
    wanted = list(used(root))
    keys = {key(one.msgid, one.context) for one in wanted}
    known: set[Key] = set()
    for catalog in catalogs.values():
        for message in list(messages(catalog)):
            own = key(message.id, message.context)
            if own in keys:
                known.add(own)
            else:
                catalog.delete(own[1], own[0])
    added: dict[str, int] = {}
    for one in wanted:
        own = key(one.msgid, one.context)
        if own not in known:
            catalog = catalogs.setdefault(one.feature, Catalog(locale=LOCALE, fuzzy=False))
            catalog.add(one.msgid, context=one.context, locations=[])
            added[one.feature] = added.get(one.feature, 0) + 1
            known.add(own)
    for feature, catalog in catalogs.items():
        _write(catalog, folder / "parts" / f"{feature}{SUFFIX}")
    return added


def _write(catalog: Catalog, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(
            file,
            catalog,
            width=0,
            no_location=True,
            omit_header=True,
            sort_output=True,
            ignore_obsolete=True,
        )


def main(arguments: list[str]) -> int:
    """Run one of the three commands; 0 well, 1 texts are missing, 2 unknown command."""
    match arguments:
        case ["compile"]:
            sys.stderr.write(f"Compiled {compile_all()}\n")
            return 0
        case ["update"]:
            for feature, count in sorted(update().items()):
                sys.stderr.write(f"{feature}{SUFFIX}: {count} texts to translate\n")
            return 0
        case ["check"]:
            found = problems()
            sys.stderr.writelines(f"{line}\n" for line in found)
            return 1 if found else 0
        case _:
            sys.stderr.write("Say what to do: python -m tools.texts compile, update or check\n")
            return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
