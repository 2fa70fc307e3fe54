"""Where the files of one event go: plain, or sealed with the key of the day."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from proctor.ledger.verify import EVIDENCE
from proctor.seal import SUFFIX, EvidenceKey, SealedWriter

KeySource = Callable[[], EvidenceKey]


class Writer(Protocol):
    """What a file is written through, from its start to its end."""

    def write(self, data: bytes, /) -> int:
        """Take bytes; raises OSError."""

    def close(self) -> None:
        """Finish the file; raises OSError."""


class Shelf:
    """Names and opens files of `folder`/evidence; with a key every one of them is sealed."""

    def __init__(self, folder: Path, key: EvidenceKey | None) -> None:
        """Take the folder of a stream; nothing is made before a file is opened."""
        self._folder, self._key = folder, key

    @property
    def key_id(self) -> str | None:
        """The id of the key that seals, None where files are plain."""
        return None if self._key is None else self._key.key_id

    def path(self, name: str) -> Path:
        """Return where a file of this name lies."""
        return self._folder / EVIDENCE / (name if self._key is None else name + SUFFIX)

    def open(self, name: str) -> Writer:
        """Create a file; raises OSError."""
        path = self.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        if self._key is None:
            return path.open("wb", buffering=0)
        return SealedWriter(path, self._key)

    def put(self, name: str, data: bytes) -> None:
        """Write a whole file; raises OSError."""
        file = self.open(name)
        try:
            file.write(data)
        finally:
            file.close()

    def relative(self, path: Path) -> str:
        """Return a path as the ledger records it."""
        return path.relative_to(self._folder).as_posix()


def file_facts(path: Path) -> tuple[int, str]:
    """Return a file's size in bytes and its SHA-256, sealed files as they lie there."""
    with path.open("rb") as file:
        return path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest()
