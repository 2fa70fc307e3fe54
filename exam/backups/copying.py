"""The files' part: everything below the data folder but keys and what waits to be watched.

It is read while workers write: a stream's ledger is copied before its clips, so that whatever a
copied line names was there when it was written. A line that is just being written is cut off, as
after a power cut.
"""

import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from exam.live.streams import INBOX, LEDGER
from proctor.ledger.verify import verify

KEYS = "keys"
LEFT_OUT = frozenset({KEYS, INBOX})
PASSING = (".draft", ".new", ".lock", ".tmp")


def names(folder: Path) -> Iterator[str]:
    """Files below the folder by name, ledgers first; no keys, no drafts, nothing of the inbox."""
    found = []
    for path, below, files in os.walk(folder):
        here = Path(path).relative_to(folder)
        if here == Path():
            below[:] = [x for x in below if x not in LEFT_OUT]
        found += [
            (here / x).as_posix()
            for x in files
            if not x.endswith(PASSING) and not x.startswith(".")
        ]
    return iter(sorted(found, key=lambda x: (not x.endswith(LEDGER), x)))


def copy(source: Path, target: Path) -> dict[str, tuple[int, str]]:
    """Copy everything; returns bytes and SHA-256 by name. What is erased meanwhile is left out."""
    made: dict[str, tuple[int, str]] = {}
    for name in names(source):
        place = target / name
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            shutil.copyfile(source / name, place)
        except FileNotFoundError:
            continue
        if name.endswith(LEDGER):
            _cut(place)
        made[name] = described(place)
    return made


def whole(source: Path, target: Path) -> None:
    """Copy a folder as it is.

    Raises:
        OSError: the first thing that failed, as it was; the library would make one text of all.
    """
    for path, _below, files in os.walk(source):
        here = target / Path(path).relative_to(source)
        here.mkdir(parents=True, mode=0o700)
        for name in files:
            shutil.copy2(Path(path, name), here / name)


def _cut(ledger: Path) -> None:
    content = ledger.read_bytes()
    ledger.write_bytes(content[: content.rfind(b"\n") + 1])


def described(path: Path) -> tuple[int, str]:
    """Bytes and SHA-256 of a file."""
    with path.open("rb") as file:
        return path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest()


def heads(folder: Path) -> dict[str, tuple[int, str]]:
    """Last number and head of every stream's ledger."""
    found = {}
    for ledger in sorted(folder.glob(f"streams/*/{LEDGER}")):
        if ledger.stat().st_size:
            report = verify(ledger.parent)
            found[ledger.parent.name] = (len(report.lines), report.head)
    return found
