"""Reads a stream's ledger from where it was left, and holds every line against the chain.

A line counts once its newline is there: what a writer has begun and not ended is waited for.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from proctor.ledger.lines import FIRST_PREV
from proctor.ledger.verify import line_problem

CHUNK = 1 << 20
"""Bytes read at a time, so that a long backlog becomes several short transactions."""


@dataclass(frozen=True)
class Mark:
    """How far a ledger has been read: the last number, its hash, where the next line begins."""

    seq: int = 0
    head: str = FIRST_PREV
    bytes_read: int = 0


@dataclass
class Batch:
    """Lines that continue the chain, each with the mark behind it, and what is wrong after them."""

    mark: Mark
    lines: list[tuple[dict[str, Any], Mark]] = field(default_factory=list)
    problem: str | None = None
    more: bool = False


def read(path: Path, mark: Mark) -> Batch:
    """The whole lines behind `mark`, up to the first that does not hold.

    A file that is not there, or shorter than what was read of it, has lost lines: that is a
    problem, unless nothing was ever read. Raises OSError where the file cannot be read.
    """
    batch = Batch(mark)
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(mark.bytes_read)
            data = file.read(CHUNK)
            if data and b"\n" not in data:
                data += file.readline()
    except FileNotFoundError:
        size, data = 0, b""
    if size < mark.bytes_read:
        batch.problem = "removed: the file is shorter than what was read of it"
        return batch
    whole = data[: data.rfind(b"\n") + 1]
    batch.more = mark.bytes_read + len(data) < size
    for raw in whole.splitlines(keepends=True):
        _take(raw, batch)
        if batch.problem:
            break
    return batch


def _take(raw: bytes, batch: Batch) -> None:
    mark = batch.mark
    batch.problem = line_problem(raw[:-1], mark.seq + 1, mark.head)
    if batch.problem:
        return
    line: dict[str, Any] = json.loads(raw)
    batch.mark = Mark(mark.seq + 1, line["hash"], mark.bytes_read + len(raw))
    batch.lines.append((line, batch.mark))
