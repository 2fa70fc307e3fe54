"""Keys that seal evidence: one for each stream and day, wrapped, and gone when they are erased.

A worker makes the day's key when the first event of the day opens, and needs nobody for it. Each
key lies in a file of its own, wrapped by the house's wrapping key, which it names: copies of the
wrapped files are worth nothing without it, and copies of evidence nothing without both. Needs only
the standard library and `cryptography`.
"""

import base64
import binascii
import json
import os
import re
import secrets
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from proctor.seal import EvidenceKey, SealError

_KEY_ID = re.compile(r"[0-9a-f]{32}")
_STREAM = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_NONCE = 12


class KeyGoneError(SealError):
    """The key was erased, or never was here."""


@dataclass(frozen=True)
class WrappedKey:
    """A key's file: what it seals (a stream, a day in UTC), who wrapped it, the wrapped secret."""

    key_id: str
    stream: str
    day: str
    wrapped_by: str
    wrapped: str

    def bound(self) -> bytes:
        """Return what the wrapping vouches for: no file passes for another stream's or day's."""
        return f"{self.key_id} {self.stream} {self.day} {self.wrapped_by}".encode()


class KeyRing:
    """The evidence keys below a folder of keys: `evidence/`, and `evidence-wrapping.key`."""

    def __init__(self, folder: Path) -> None:
        """Take the folder of keys; it must lie outside every stream's folder."""
        self._folder = folder / "evidence"
        self._wrapping_path = folder / "evidence-wrapping.key"
        self._today: dict[str, tuple[str, EvidenceKey]] = {}

    def of_day(self, stream: str, now: datetime) -> EvidenceKey:
        """Return the key of a stream and day, made when it is first asked for.

        Raises SealError where the wrapping key is missing or another one than was used.
        """
        if not _STREAM.fullmatch(stream):
            raise SealError(f"stream: {stream}; name it with letters, digits, - and _")
        day = now.astimezone(UTC).date().isoformat()
        known = self._today.get(stream)
        if known is None or known[0] != day:
            found = next(iter(self._folder.glob(f"{stream}.{day}.*.json")), None)
            key = self._made(stream, day) if found is None else self._unwrapped(_read(found))
            self._today[stream] = known = (day, key)
        return known[1]

    def get(self, key_id: str) -> EvidenceKey:
        """Return a key by its id; raises KeyGoneError, or SealError as `of_day`."""
        return self._unwrapped(_read(self._path(key_id)))

    def stream_of(self, key_id: str) -> str:
        """Return the stream that a key seals; raises KeyGoneError, SealError."""
        return _read(self._path(key_id)).stream

    def drop(self, key_id: str) -> None:
        """Let a key go for good; nothing it sealed can be read any more. Raises KeyGoneError."""
        self._path(key_id).unlink()
        self._today.clear()

    def _path(self, key_id: str) -> Path:
        if _KEY_ID.fullmatch(key_id):
            for path in self._folder.glob(f"*.{key_id}.json"):
                return path
        raise KeyGoneError(f"evidence key {key_id}: erased, or never made here")

    def _made(self, stream: str, day: str) -> EvidenceKey:
        wrapping, key = self._wrapping(make=True), EvidenceKey.generate()
        empty = WrappedKey(key.key_id, stream, day, wrapping.key_id, "")
        nonce = secrets.token_bytes(_NONCE)
        sealed = nonce + AESGCM(wrapping.secret).encrypt(nonce, key.secret, empty.bound())
        told = asdict(empty) | {"wrapped": base64.b64encode(sealed).decode()}
        path = self._folder / f"{stream}.{day}.{key.key_id}.json"
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_suffix(".draft")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(told, file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        return key

    def _unwrapped(self, wrapped: WrappedKey) -> EvidenceKey:
        wrapping = self._wrapping(make=False)
        try:
            sealed = base64.b64decode(wrapped.wrapped, validate=True)
            nonce, secret = sealed[:_NONCE], sealed[_NONCE:]
            opened = AESGCM(wrapping.secret).decrypt(nonce, secret, wrapped.bound())
        except (InvalidTag, ValueError, binascii.Error) as error:
            raise SealError(
                f"evidence key {wrapped.key_id} was wrapped by {wrapped.wrapped_by}; "
                f"put that key back as {self._wrapping_path.name}"
            ) from error
        return EvidenceKey(wrapped.key_id, opened)

    def _wrapping(self, *, make: bool) -> EvidenceKey:
        """The wrapping key; of two workers that start at once the second reads the first's."""
        try:
            if make and not self._wrapping_path.exists():
                EvidenceKey.generate().save(self._wrapping_path)
        except FileExistsError:
            pass
        except OSError as error:
            raise SealError(f"{self._wrapping_path}: cannot be made ({error.strerror})") from error
        return EvidenceKey.load(self._wrapping_path)


def _read(path: Path) -> WrappedKey:
    try:
        told: dict[str, Any] = json.loads(path.read_bytes())
        wrapped = WrappedKey(**told)
        sound = all(isinstance(value, str) for value in told.values())
    except (OSError, ValueError, TypeError) as error:
        raise SealError(f"{path}: cannot be read as a wrapped key") from error
    if not sound or not _KEY_ID.fullmatch(wrapped.key_id):
        raise SealError(f"{path}: cannot be read as a wrapped key")
    return wrapped
