"""Chinese texts: one small catalogue per feature, joined into the one that Flask-Babel reads.

Keeping the parts apart lets several people add texts at once; ``tools/texts.py`` fills and checks
them.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import structlog
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

if TYPE_CHECKING:
    from collections.abc import Iterator

    from babel.messages.catalog import Message

log = structlog.get_logger()

FOLDER = Path(__file__).resolve().parents[1] / "translations"
LOCALE = "zh_Hans_CN"
SUFFIX = ".zh.po"

Key: TypeAlias = "tuple[str | None, str]"
"""Context and message id (the singular one)."""


def key(msgid: str | tuple[str, ...] | list[str], context: str | None) -> Key:
    """Return what tells a message from others: its context and its singular id."""
    return context, msgid if isinstance(msgid, str) else msgid[0]


def parts(folder: Path = FOLDER) -> dict[str, Catalog]:
    """Read the catalogue of each feature, by its name."""
    found = {}
    for path in sorted((folder / "parts").glob(f"*{SUFFIX}")):
        with path.open("rb") as file:
            found[path.name.removesuffix(SUFFIX)] = read_po(file, locale=LOCALE)
    return found


class Joined(NamedTuple):
    """All parts in one catalogue, and a line for each text that two of them translate differently.

    Of two wordings the catalogue holds the first by the parts' names.
    """

    catalog: Catalog
    contradictions: list[str]


def joined(folder: Path = FOLDER) -> Joined:
    """Join the parts."""
    whole = Catalog(locale=LOCALE, domain="messages", fuzzy=False)
    origin: dict[Key, str] = {}
    contradictions = []
    for feature, catalog in parts(folder).items():
        for message in messages(catalog):
            own = key(message.id, message.context)
            before = whole.get(own[1], own[0])
            if not message.string:
                continue
            if before is None:
                whole.add(message.id, message.string, context=message.context)
                origin[own] = feature
            elif before.string != message.string:
                contradictions.append(
                    f"{feature}{SUFFIX} and {origin[own]}{SUFFIX} translate {own[1]!r} differently:"
                    " use one wording, or give one of them a context with pgettext().",
                )
    return Joined(whole, contradictions)


def messages(catalog: Catalog) -> Iterator[Message]:
    """Yield the messages of a catalogue without its header."""
    return (message for message in catalog if message.id)


def target(folder: Path = FOLDER) -> Path:
    """Return where Flask-Babel looks for the compiled catalogue."""
    return folder / LOCALE / "LC_MESSAGES" / "messages.mo"


def compile_all(folder: Path = FOLDER) -> Path:
    """Join and compile the parts; several processes may do so at once and each sees a whole file.

    Where parts contradict each other an office still has to start: the first wording is taken and
    the log tells. The check before a release (`python -m tools.texts check`) refuses it.
    """
    path = target(folder)
    whole, contradictions = joined(folder)
    for line in contradictions:
        log.warning("texts_contradict", told=line)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".new")
    try:
        with os.fdopen(handle, "wb") as file:
            write_mo(file, whole)
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)
    return path


def compile_if_stale(folder: Path = FOLDER) -> None:
    """Compile when a part is newer than the compiled catalogue, or there is none."""
    path = target(folder)
    sources = list((folder / "parts").glob(f"*{SUFFIX}"))
    made = path.stat().st_mtime_ns if path.exists() else -1
    if any(source.stat().st_mtime_ns > made for source in sources):
        compile_all(folder)
