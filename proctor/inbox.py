"""A folder through which a browser's recording reaches a watch, chunk by chunk.

Whoever receives chunks (a page's MediaRecorder, or still pictures) puts each one here as a file of
its own, whole or not at all; a watch of `push:FOLDER` takes them in order and removes them. A
recorder is one run of MediaRecorder: its chunk 0 begins with the container's header. Chunks may
come late, twice or not at all. Needs only the standard library.
"""

import os
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from proctor.errors import BadInputError

MOST_BYTES = 4 * 1024 * 1024
MOST_WAITING = 64 * 1024 * 1024
_END, _RECORDER, _HEADER = "end", "recorder-", "header-"
_NAME = re.compile(r"(\d{6})-(\d{9})(?:-(\d{15}))?\.(webm|mp4|jpg)")


class ChunkKind(StrEnum):
    """What a recorder sends."""

    WEBM = "webm"
    MP4 = "mp4"
    JPEG = "jpg"


@dataclass(frozen=True, order=True)
class Chunk:
    """One chunk: its recorder, its number from 0; pictures have their time in milliseconds."""

    recorder: int
    number: int
    at_ms: int
    kind: ChunkKind
    path: Path

    def take(self) -> bytes:
        """Return its bytes and let it go; raises OSError."""
        data = self.path.read_bytes()
        self.drop()
        return data

    def drop(self) -> None:
        """Let it go."""
        self.path.unlink(missing_ok=True)


class InboxFullError(Exception):
    """Nobody takes what waits here: nothing more is accepted until somebody does."""


class Inbox:
    """The folder, for both sides."""

    def __init__(self, folder: Path) -> None:
        """Take a folder; the receiving side makes it."""
        self.folder = folder

    def put(
        self, recorder: int, number: int, kind: ChunkKind, data: bytes, *, at_ms: int = 0
    ) -> None:
        """Accept a chunk; one that is there already stays as it is.

        Raises BadInputError naming the field, InboxFullError, OSError.
        """
        _refuse(recorder, number, kind, data, at_ms)
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if sum(chunk.path.stat().st_size for chunk in self.chunks()) + len(data) > MOST_WAITING:
            raise InboxFullError(f"{MOST_WAITING} bytes wait already")
        at = f"-{at_ms:015}" if kind is ChunkKind.JPEG else ""
        path = self.folder / f"{recorder:06}-{number:09}{at}.{kind}"
        draft = self.folder / f".{path.name}.{secrets.token_hex(4)}"
        try:
            draft.write_bytes(data)
            os.link(draft, path)
        except FileExistsError:
            return
        finally:
            draft.unlink(missing_ok=True)

    def new_recorder(self) -> int:
        """Give out the next recorder's number, from 1.

        Race stopped: two pages that begin at once get the same number.
        """
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        number = 1 + len(list(self.folder.glob(f"{_RECORDER}*")))
        while True:
            try:
                self._recorder(number).touch(mode=0o600, exist_ok=False)
            except FileExistsError:
                number += 1
            else:
                return number

    def knows(self, recorder: int) -> bool:
        """Whether this number was given out."""
        return 0 < recorder < 10**6 and self._recorder(recorder).exists()

    def _recorder(self, number: int) -> Path:
        return self.folder / f"{_RECORDER}{number:06}"

    def keep_header(self, recorder: int, header: bytes) -> None:
        """Keep what a recorder's stream begins with: whoever takes over enters it behind that."""
        path = self.folder / f"{_HEADER}{recorder:06}"
        draft = path.with_suffix(".draft")
        draft.write_bytes(header)
        draft.replace(path)

    def header(self, recorder: int) -> bytes:
        """Return what was kept of a recorder's beginning, nothing where it never came."""
        try:
            return (self.folder / f"{_HEADER}{recorder:06}").read_bytes()
        except OSError:
            return b""

    def end(self) -> None:
        """Say that nothing more will come."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        (self.folder / _END).touch()

    @property
    def ended(self) -> bool:
        """Whether somebody said so."""
        return (self.folder / _END).exists()

    def chunks(self) -> list[Chunk]:
        """Return what waits, in order."""
        return sorted(self._found())

    def _found(self) -> Iterator[Chunk]:
        for path in self.folder.glob("*-*"):
            name = _NAME.fullmatch(path.name)
            if name is not None and path.exists():
                recorder, number, at_ms, kind = name.groups()
                yield Chunk(int(recorder), int(number), int(at_ms or 0), ChunkKind(kind), path)


def _refuse(recorder: int, number: int, kind: ChunkKind, data: bytes, at_ms: int) -> None:
    if not 1 <= recorder < 10**6:
        raise BadInputError(f"recorder: {recorder}; give 1 to 999999")
    if not 0 <= number < 10**9:
        raise BadInputError(f"number: {number}; give 0 to 999999999")
    if not 0 <= at_ms < 10**15:
        raise BadInputError(f"at_ms: {at_ms}; give milliseconds from 0")
    if not data:
        raise BadInputError("chunk: empty")
    if len(data) > MOST_BYTES:
        raise BadInputError(f"chunk: {len(data)} bytes; send at most {MOST_BYTES}")
    header = {
        ChunkKind.WEBM: data[:4] == b"\x1a\x45\xdf\xa3",
        ChunkKind.MP4: data[4:8] == b"ftyp",
        ChunkKind.JPEG: data[:3] == b"\xff\xd8\xff",
    }
    if (number == 0 or kind is ChunkKind.JPEG) and not header[kind]:
        raise BadInputError(f"chunk: does not begin as {kind} does; send chunk 0 of the recorder")
