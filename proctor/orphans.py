"""Finds the evidence of events that a killed worker had begun and no line records yet."""

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from proctor.events import EventBook
from proctor.keeper import Kept
from proctor.ledger.verify import EVIDENCE
from proctor.seal import SUFFIX, SealError, key_id_of
from proctor.shelf import file_facts

_NAME = re.compile(r"(?P<event>\d{4,})(?P<beside>-[a-z]+)?\.[a-z0-9.]+")


def left_behind(folder: Path, book: EventBook) -> Iterator[Kept]:
    """Yield what was kept of each event of the book, clips as far as they go."""
    recorded = book.recorded_paths()
    numbers = {event["event"] for event in book.all_events()}
    found: dict[int, list[Path]] = defaultdict(list)
    for file in sorted((folder / EVIDENCE).glob("[0-9]*.*")):
        name = _NAME.fullmatch(file.name)
        path = file.relative_to(folder).as_posix()
        if name is None or path in recorded or int(name["event"]) not in numbers:
            continue
        # The clip, which has nothing behind its number, stands first.
        found[int(name["event"])].insert(0 if name["beside"] is None else 1, file)
    for event, files in sorted(found.items()):
        yield _kept(folder, event, files)


def _kept(folder: Path, event: int, files: list[Path]) -> Kept:
    first, *others = files
    beside = {file.relative_to(folder).as_posix(): file_facts(file)[1] for file in others}
    path = first.relative_to(folder).as_posix()
    return Kept(event, path, *file_facts(first), attached=beside, key_id=_sealed_with(first))


def _sealed_with(file: Path) -> str | None:
    try:
        return key_id_of(file) if file.suffix == SUFFIX else None
    except SealError:
        return None
