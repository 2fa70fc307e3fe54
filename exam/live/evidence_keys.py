"""Keys that seal evidence: one for each stream and day, wrapped, and gone when they are erased.

A worker makes the day's key when the first event of the day opens, and needs no database for it.
Each key lies in a file of its own, wrapped by the house's wrapping key, which it names: copies of
the wrapped files are worth nothing without it, and copies of evidence nothing without both.
"""

import base64
import binascii
import os
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from exam.errors import ConfigurationError, NotFound
from exam.live.streams import STREAM_NAME, folder_of
from proctor import erasure
from proctor.ledger import keys
from proctor.seal import EvidenceKey, SealError

KEY_ID = r"^[0-9a-f]{32}$"
NONCE_BYTES = 12


class WrappedKey(BaseModel):
    """A key's file: what it seals, who wrapped it, the wrapped secret."""

    model_config = ConfigDict(frozen=True)

    key_id: Annotated[str, Field(pattern=KEY_ID)]
    stream: Annotated[str, Field(pattern=f"^{STREAM_NAME}$")]
    day: date
    """In UTC, by the worker's clock."""
    wrapped_by: Annotated[str, Field(pattern=KEY_ID)]
    wrapped: str

    def bound(self) -> bytes:
        """What the wrapping vouches for: a file cannot be passed off as another stream's."""
        return f"{self.key_id} {self.stream} {self.day.isoformat()} {self.wrapped_by}".encode()


class KeyRing:
    """The evidence keys of a data folder."""

    def __init__(self, data_folder: Path) -> None:
        self._data_folder = data_folder
        self._folder = data_folder / "keys" / "evidence"
        self._wrapping_path = data_folder / "keys" / "evidence-wrapping.key"
        self._today: dict[str, tuple[date, EvidenceKey]] = {}

    def of_day(self, stream: str, now: datetime) -> EvidenceKey:
        """The key of a stream and day, made when it is first asked for.

        Raises:
            ConfigurationError: the wrapping key is missing or another one than was used.
        """
        day = now.astimezone(UTC).date()
        known = self._today.get(stream)
        if known is None or known[0] != day:
            key = self._found(stream, day) or self._made(stream, day)
            self._today[stream] = known = (day, key)
        return known[1]

    def get(self, key_id: str) -> EvidenceKey:
        """A key by its id.

        Raises:
            NotFound: it was erased, or never was.
            ConfigurationError: the wrapping key is missing or another one than was used.
        """
        for path in self._folder.glob(f"*.{key_id}.json"):
            return self._unwrapped(_read(path))
        raise NotFound

    def erase(self, key_id: str, *, rule: str, authorised: str) -> list[str]:
        """Erase a key for good, and first, with receipts in the ledger, what it sealed.

        Args:
            key_id: the key.
            rule: why it may go.
            authorised: who said so, an opaque name.

        Returns:
            The paths that this erased; with the key go all copies of them, wherever they lie.

        Raises:
            NotFound: no such key.
            BadInputError: something under it is held, its stream is being watched, or an event of
                the day is still open; nothing is changed.
        """
        for path in self._folder.glob(f"*.{key_id}.json"):
            folder = folder_of(self._data_folder, _read(path).stream)
            paths = erasure.paths_under(folder, key_id)
            if paths:
                signing = keys.load_or_create(self._data_folder / "keys" / "cameras.key")
                erasure.erase(folder, paths, rule=rule, authorised=authorised, key=signing)
            path.unlink()
            self._today.clear()
            return paths
        raise NotFound

    def _found(self, stream: str, day: date) -> EvidenceKey | None:
        for path in self._folder.glob(f"{stream}.{day.isoformat()}.*.json"):
            return self._unwrapped(_read(path))
        return None

    def _made(self, stream: str, day: date) -> EvidenceKey:
        wrapping, key = self._wrapping(make=True), EvidenceKey.generate()
        empty = WrappedKey(
            key_id=key.key_id, stream=stream, day=day, wrapped_by=wrapping.key_id, wrapped=""
        )
        nonce = os.urandom(NONCE_BYTES)
        sealed = nonce + AESGCM(wrapping.secret).encrypt(nonce, key.secret, empty.bound())
        wrapped = empty.model_copy(update={"wrapped": base64.b64encode(sealed).decode()})
        path = self._folder / f"{stream}.{day.isoformat()}.{key.key_id}.json"
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_suffix(".draft")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(wrapped.model_dump_json())
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        return key

    def _unwrapped(self, wrapped: WrappedKey) -> EvidenceKey:
        wrapping = self._wrapping(make=False)
        try:
            sealed = base64.b64decode(wrapped.wrapped, validate=True)
            nonce, secret = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
            opened = AESGCM(wrapping.secret).decrypt(nonce, secret, wrapped.bound())
        except (InvalidTag, ValueError, binascii.Error):
            raise ConfigurationError(
                f"evidence key {wrapped.key_id} was wrapped by {wrapped.wrapped_by}; "
                f"put that key back into keys/{self._wrapping_path.name}"
            ) from None
        return EvidenceKey(wrapped.key_id, opened)

    def _wrapping(self, *, make: bool) -> EvidenceKey:
        """The wrapping key; of two workers that start at once the second reads the first's."""
        try:
            if make and not self._wrapping_path.exists():
                EvidenceKey.generate().save(self._wrapping_path)
        except FileExistsError:
            pass
        try:
            return EvidenceKey.load(self._wrapping_path)
        except SealError as error:
            raise ConfigurationError(str(error)) from None


def _read(path: Path) -> WrappedKey:
    try:
        return WrappedKey.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        raise ConfigurationError(f"keys/evidence/{path.name} cannot be read") from None
