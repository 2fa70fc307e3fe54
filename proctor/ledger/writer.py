"""Appends lines to a folder's ledger: one writer, every line on disk before it is reported.

A folder of a worker that was killed is continued, never replaced: a half-written last line, which
nobody was told of, is cut away; every whole line stays, and the next line links to it.
"""

import base64
import fcntl
import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from proctor.ledger import keys, verify
from proctor.ledger.lines import FIRST_PREV, NAME, LineType, Payload, canonical, digest


class FolderTakenError(Exception):
    """Another process is writing this ledger."""


class LedgerBrokenError(Exception):
    """What is on disk does not hold; the message names the first bad line."""


class LedgerWriter:
    """The one writer of a folder's ledger, from opening to `close`."""

    def __init__(
        self, folder: Path, *, clock: Callable[[], datetime], key: Ed25519PrivateKey | None
    ) -> None:
        """Open or continue the ledger in `folder`.

        Raises FolderTakenError, LedgerBrokenError, or OSError when the folder cannot be written.
        """
        self._clock = clock
        self._key = key
        folder.mkdir(parents=True, exist_ok=True)
        # Unbuffered: what could not be written must not come after all with the next line.
        self._file: FileIO = (folder / NAME).open("a+b", buffering=0)
        try:
            self._lock()
            self.lines = self._continue(folder)
        except BaseException:
            self._file.close()
            raise
        self._seq = len(self.lines)
        self.head: str = self.lines[-1]["hash"] if self.lines else FIRST_PREV

    def append(self, kind: LineType, payload: Payload) -> dict[str, Any]:
        """Write one line and wait until it is on disk; returns it. Raises OSError."""
        return self._write([(kind, payload)])[0]

    def checkpoint(self) -> None:
        """Sign the head, if there is a key."""
        if self._key is not None:
            self.append(LineType.CHECKPOINT, self._signed(self.head, self._key))

    def end(self, payload: Payload) -> None:
        """Write the end and the checkpoint that covers it in one go."""
        self._write([(LineType.END, payload)], sign=True)

    def close(self) -> None:
        """Let the folder go; without an end the ledger stays open after its last line."""
        self._file.close()

    def _write(
        self, entries: list[tuple[LineType, Payload]], *, sign: bool = False
    ) -> list[dict[str, Any]]:
        seq, head = self._seq, self.head
        lines: list[dict[str, Any]] = []
        for kind, payload in entries:
            lines.append(self._line(seq := seq + 1, head, kind, payload))
            head = lines[-1]["hash"]
        if sign and self._key is not None:
            signed = self._signed(head, self._key)
            lines.append(self._line(seq := seq + 1, head, LineType.CHECKPOINT, signed))
            head = lines[-1]["hash"]
        self._to_disk(b"".join(canonical(line) + b"\n" for line in lines))
        self._seq, self.head = seq, head
        return lines

    def _line(self, seq: int, prev: str, kind: LineType, payload: Payload) -> dict[str, Any]:
        now = self._clock().astimezone(UTC).isoformat(timespec="milliseconds")
        line: dict[str, Any] = {
            "seq": seq,
            "time": now.replace("+00:00", "Z"),
            "type": str(kind),
            "payload": payload,
            "payload_sha256": digest(payload),
            "prev": prev,
        }
        return line | {"hash": digest(line)}

    @staticmethod
    def _signed(head: str, key: Ed25519PrivateKey) -> Payload:
        signature = base64.b64encode(key.sign(bytes.fromhex(head))).decode()
        return {"head": head, "key_id": keys.key_id(key.public_key()), "signature": signature}

    def _to_disk(self, data: bytes) -> None:
        """Append whole lines or nothing: on a full disk the torn part is cut away again."""
        whole = self._file.seek(0, os.SEEK_END)
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[self._file.write(rest) or 0 :]
            os.fsync(self._file.fileno())
        except OSError:
            os.ftruncate(self._file.fileno(), whole)
            raise

    def _lock(self) -> None:
        """Keep a second writer out: two starting at once would both link to the same line."""
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise FolderTakenError("another process is writing this ledger") from error

    def _continue(self, folder: Path) -> list[dict[str, Any]]:
        self._file.seek(0)
        data = self._file.read()
        whole = data.rfind(b"\n") + 1
        if whole < len(data):
            os.ftruncate(self._file.fileno(), whole)
        report = verify.verify_lines(data[:whole])
        if report.broken:
            raise LedgerBrokenError(f"{folder / NAME}: {report.broken[0]}")
        return [json.loads(line) for line in data[:whole].splitlines()]
