"""Sealed evidence: AES-256-GCM in chunks, so that files can grow, be read in parts and not be cut.

The construction is STREAM (Hoang, Reyhanitabar, Rogaway, Vizar: Online Authenticated-Encryption and
its Nonce-Reuse Misuse-Resistance, 2015), as in the age format. A file has a random id; HKDF makes
its own key of the evidence key and that id; the nonce of a chunk is its number and a mark on the
last one. No two chunks under one key therefore share a nonce, chunks cannot be moved within or
between files, and a file that was cut ends without the mark.

Layout: 8 bytes `KCSEAL1` and zero, 16 bytes key id, 16 bytes file id, then chunks of 16 KiB with
their 16 bytes of tag; the last one is shorter. Needs only the standard library and `cryptography`.
"""

import base64
import binascii
import io
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from proctor.errors import ProctorError

SUFFIX = ".sealed"
CHUNK = 16 * 1024
_MAGIC = b"KCSEAL1\0"
_ID, _TAG = 16, 16
_HEADER = len(_MAGIC) + 2 * _ID
_WHOLE = CHUNK + _TAG
EMPTY = _HEADER + _TAG
"""Bytes of a sealed file that holds nothing."""

Bytes = bytes | bytearray | memoryview


class SealError(ProctorError):
    """A sealed file or a key that cannot be used; the message says why."""


@dataclass(frozen=True)
class EvidenceKey:
    """32 secret bytes and the opaque name (32 hex digits) that sealed files are marked with."""

    key_id: str
    secret: bytes

    @classmethod
    def generate(cls) -> "EvidenceKey":
        """Return a new key."""
        return cls(secrets.token_hex(_ID), secrets.token_bytes(32))

    @classmethod
    def load(cls, path: Path) -> "EvidenceKey":
        """Read a key file: one line, the id, a space, the secret in base64. Raises SealError."""
        try:
            key_id, _, secret = path.read_text(encoding="ascii").strip().partition(" ")
            key = cls(key_id, base64.b64decode(secret, validate=True))
            sound = len(bytes.fromhex(key_id)) == _ID and len(key.secret) == 32
        except (OSError, ValueError, binascii.Error) as error:
            raise SealError(f"{path}: no readable evidence key") from error
        if not sound:
            raise SealError(f"{path}: an evidence key is 32 hex digits, a space, 32 bytes base64")
        return key

    def save(self, path: Path) -> None:
        """Write a new key file, whole or not at all, readable by its owner only.

        Raises FileExistsError where there is one already, or another OSError.
        """
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(f"{self.key_id} {base64.b64encode(self.secret).decode()}\n")
                file.flush()
                os.fsync(file.fileno())
            os.link(draft, path)
        finally:
            draft.unlink()


class SealedWriter:
    """Writes one sealed file from its start to its end; what is whole can be read meanwhile."""

    def __init__(self, path: Path, key: EvidenceKey) -> None:
        """Create the file; raises OSError."""
        file_id = secrets.token_bytes(_ID)
        self._header = _MAGIC + bytes.fromhex(key.key_id) + file_id
        self._cipher = _cipher(key, file_id)
        self._waiting = bytearray()
        self._number = 0
        self._file: BinaryIO = path.open("wb", buffering=0)
        self._file.write(self._header)

    def write(self, data: Bytes) -> int:
        """Take bytes; whole chunks go to the file at once. Raises OSError."""
        self._waiting += data
        while len(self._waiting) > CHUNK:
            self._seal(bytes(self._waiting[:CHUNK]), last=False)
            del self._waiting[:CHUNK]
        return len(memoryview(data))

    def close(self) -> None:
        """Write the marked last chunk; raises OSError. A second call does nothing."""
        if self._file.closed:
            return
        try:
            self._seal(bytes(self._waiting), last=True)
        finally:
            self._file.close()

    def _seal(self, chunk: bytes, *, last: bool) -> None:
        sealed = self._cipher.encrypt(_nonce(self._number, last=last), chunk, self._header)
        whole = self._file.tell()
        if self._file.write(sealed) != len(sealed):
            self._file.truncate(whole)
            self._file.seek(whole)
            raise OSError(28, "no room for a whole chunk")
        self._number += 1


class SealedReader(io.RawIOBase):
    """Reads a sealed file as if it were plain, from any place; one that grows, as far as it came.

    `finished` tells whether the marked last chunk is there: without it the file still grows, was
    left by a killed writer, or was cut.
    """

    def __init__(self, path: Path, key: EvidenceKey) -> None:
        """Open the file; raises OSError, or SealError where it is not sealed with this key."""
        super().__init__()
        if key_id_of(path) != key.key_id:
            raise SealError(f"{path.name}: not sealed with key {key.key_id}")
        self._file: BinaryIO = path.open("rb")
        self._header = self._file.read(_HEADER)
        self._cipher = _cipher(key, self._header[-_ID:])
        self._at = 0
        self._cached: tuple[int, bytes] = (-1, b"")
        body = self._file.seek(0, os.SEEK_END) - _HEADER
        self._whole, rest = divmod(body, _WHOLE)
        self._last = self._marked(rest)
        self.finished = self._last is not None
        self.size = self._whole * CHUNK + len(self._last or b"")

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def tell(self) -> int:
        """Return the place of the next byte."""
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place, also behind the end, where nothing is read."""
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self.size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def readinto(self, buffer: Bytes) -> int:  # type: ignore[override]  # 3.11 has no Buffer type
        """Fill a buffer up to a chunk's end; raises SealError where a chunk was altered."""
        number, inside = divmod(self._at, CHUNK)
        if self._at >= self.size:
            return 0
        part = self._chunk(number)[inside : inside + len(memoryview(buffer))]
        memoryview(buffer)[: len(part)] = part
        self._at += len(part)
        return len(part)

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()

    def _marked(self, rest: int) -> bytes | None:
        """Return the last chunk where it is there and marked; it may be exactly a whole one."""
        number = self._whole
        if rest == 0 and number:
            number, rest = number - 1, _WHOLE
        if rest < _TAG:
            return None
        self._file.seek(_HEADER + number * _WHOLE)
        try:
            data = self._cipher.decrypt(
                _nonce(number, last=True), self._file.read(rest), self._header
            )
        except InvalidTag:
            return None
        self._whole = number
        return data

    def _chunk(self, number: int) -> bytes:
        if number == self._cached[0]:
            return self._cached[1]
        if number >= self._whole:
            return self._last or b""
        self._file.seek(_HEADER + number * _WHOLE)
        try:
            data = self._cipher.decrypt(
                _nonce(number, last=False), self._file.read(_WHOLE), self._header
            )
        except InvalidTag as error:
            raise SealError(f"chunk {number} was altered, or the key is another one") from error
        self._cached = (number, data)
        return data


def key_id_of(path: Path) -> str:
    """Return the id of the key that sealed a file; raises OSError, SealError."""
    with path.open("rb") as file:
        header = file.read(_HEADER)
    if len(header) < _HEADER or not header.startswith(_MAGIC):
        raise SealError(f"{path.name}: not a sealed file")
    return header[len(_MAGIC) : len(_MAGIC) + _ID].hex()


def opened(path: Path, key: EvidenceKey | None) -> BinaryIO:
    """Open evidence for reading, sealed or plain; raises OSError, or SealError without its key."""
    if path.suffix != SUFFIX:
        return path.open("rb")
    if key is None:
        raise SealError(f"{path.name}: sealed with key {key_id_of(path)}, which was not given")
    return io.BufferedReader(SealedReader(path, key), CHUNK)


def _cipher(key: EvidenceKey, file_id: bytes) -> AESGCM:
    derive = HKDF(algorithm=SHA256(), length=32, salt=file_id, info=b"kaochang evidence file")
    return AESGCM(derive.derive(key.secret))


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])
