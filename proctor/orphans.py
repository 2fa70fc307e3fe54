"""Finds the evidence of events that a killed worker had begun and no line records yet."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av

from proctor.events import EventBook
from proctor.keeper import Kept
from proctor.ledger.verify import EVIDENCE
from proctor.seal import EMPTY, SUFFIX, SealError, key_id_of
from proctor.shelf import file_facts

_NAME = re.compile(r"(?P<event>\d{4,})(?P<beside>-[a-z]+)?\.[a-z0-9.]+")


@dataclass(frozen=True)
class Left:
    """What a killed worker left of one event: its files, if any, and whether a clip is in them."""

    event: int
    kept: Kept | None
    clip: bool


def left_behind(folder: Path, book: EventBook) -> Iterator[Left]:
    """Yield each event of which something is unsaid: clips as far as they go, or that none is.

    Files that were opened and hold nothing yet prove nothing; they are removed, so that no line
    ever calls one evidence.
    """
    recorded = book.recorded_paths()
    numbers = {event["event"] for event in book.all_events()}
    found: dict[int, list[Path]] = defaultdict(list, {event: [] for event in book.unsaid()})
    clips: set[int] = set()
    for file in sorted((folder / EVIDENCE).glob("[0-9]*.*")):
        name = _NAME.fullmatch(file.name)
        path = file.relative_to(folder).as_posix()
        if name is None or path in recorded or int(name["event"]) not in numbers:
            continue
        is_clip = name["beside"] is None
        if _is_hollow(file, is_clip=is_clip):
            file.unlink()
            continue
        if is_clip:
            clips.add(int(name["event"]))
        found[int(name["event"])].append(file)
    for event, files in sorted(found.items()):
        yield Left(event, _kept(folder, event, files) if files else None, event in clips)


def _rank(file: Path) -> int:
    """The clip, which has nothing behind its number, stands first, then what can be looked at."""
    return 0 if "-" not in file.name else 1 if ".jpg" in file.suffixes else 2


def _is_hollow(file: Path, *, is_clip: bool) -> bool:
    """Whether nothing can ever be read of a file; of a sealed one only its size is known here."""
    size = file.stat().st_size
    if file.suffix == SUFFIX:
        return size <= EMPTY
    return size == 0 or (is_clip and not _has_packets(file))


def _has_packets(clip: Path) -> bool:
    try:
        with av.open(str(clip)) as source:
            return any(packet.size for packet in source.demux(video=0))
    except (av.FFmpegError, IndexError):
        return False


def _kept(folder: Path, event: int, files: list[Path]) -> Kept:
    first, *others = sorted(files, key=_rank)
    beside = {file.relative_to(folder).as_posix(): file_facts(file)[1] for file in others}
    path = first.relative_to(folder).as_posix()
    return Kept(event, path, *file_facts(first), attached=beside, key_id=_sealed_with(first))


def _sealed_with(file: Path) -> str | None:
    try:
        return key_id_of(file) if file.suffix == SUFFIX else None
    except SealError:
        return None
