"""Keys for personal data: read from one file, never from the database.

AES-256-GCM (NIST SP 800-38D) with a random nonce of 96 bits: one key seals at most 2**32 values,
and a city seals a few million in its life. A sealed value is::

    1 byte   format, 1
    2 bytes  number of the key, big-endian
    12 bytes nonce
    n bytes  ciphertext, and 16 bytes of tag

What it belongs to (table, column and row; or the path of a file) is authenticated with it, so that
a value that was moved to another row, column or file cannot be opened there.

Look-ups go through HMAC-SHA-256 with keys of their own, led by one byte: the key's number. They
tell equality and nothing else, and without the key a list of all possible numbers is of no help.
"""

import base64
import binascii
import hmac
import os
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from exam.errors import ConfigurationError, KaochangError

FORMAT = 1
HEAD = 3
NONCE = 12
KEY_BYTES = 32
FILE_FORMAT = "kaochang-keys/1"


class CannotOpen(KaochangError):
    """A sealed value does not open: altered, moved from elsewhere, or its key is not at hand."""

    code = "cannot_open"


def head(number: int) -> bytes:
    """The first bytes of everything that the key with this number sealed."""
    return bytes([FORMAT]) + number.to_bytes(2, "big")


def number_of(sealed: bytes) -> int:
    """The number of the key that sealed a value."""
    return int.from_bytes(sealed[1:HEAD], "big")


@dataclass(frozen=True)
class Keyring:
    """All keys of an installation, and which of them new values are sealed and found with."""

    current: int
    sealing: Mapping[int, bytes]
    index_current: int
    index: Mapping[int, bytes]
    _ciphers: dict[int, AESGCM] = field(default_factory=dict, repr=False, compare=False)

    def __repr__(self) -> str:
        return f"Keyring(sealing={sorted(self.sealing)}, index={sorted(self.index)})"

    def seal(self, plain: bytes, *, bound_to: str) -> bytes:
        """Seal bytes with the current key for the one place where they may be opened."""
        start, nonce = head(self.current), secrets.token_bytes(NONCE)
        sealed = self._cipher(self.current).encrypt(nonce, plain, start + bound_to.encode())
        return start + nonce + sealed

    def open(self, sealed: bytes, *, bound_to: str) -> bytes:
        """The bytes that were sealed for this place.

        Raises:
            CannotOpen: altered, sealed for another place, or by a key that is not here.
        """
        number = number_of(sealed)
        if sealed[:1] != bytes([FORMAT]) or number not in self.sealing:
            raise CannotOpen(key=number)
        nonce, rest = sealed[HEAD : HEAD + NONCE], sealed[HEAD + NONCE :]
        try:
            return self._cipher(number).decrypt(nonce, rest, sealed[:HEAD] + bound_to.encode())
        except InvalidTag:
            raise CannotOpen(key=number) from None

    def fingerprint(self, value: str, *, purpose: str, number: int | None = None) -> bytes:
        """What a value is looked up by: 33 bytes, the first the key's number."""
        number = number or self.index_current
        digest = hmac.digest(self.index[number], f"{purpose}\0{value}".encode(), "sha256")
        return bytes([number]) + digest

    def fingerprints(self, value: str, *, purpose: str) -> list[bytes]:
        """What a value may be stored under, while a change of the index key goes on too."""
        return [self.fingerprint(value, purpose=purpose, number=x) for x in self.index]

    def with_new_key(self) -> "Keyring":
        """A ring with one more sealing key, which is the current one."""
        number = max(self.sealing) + 1
        keys = {**self.sealing, number: secrets.token_bytes(KEY_BYTES)}
        return replace(self, current=number, sealing=keys, _ciphers={})

    def with_new_index_key(self) -> "Keyring":
        """A ring with one more index key, which is the current one."""
        number = max(self.index) + 1
        keys = {**self.index, number: secrets.token_bytes(KEY_BYTES)}
        return replace(self, index_current=number, index=keys)

    def without_old_keys(self) -> "Keyring":
        """A ring of the current keys alone: for when nothing stands under the others any more."""
        return replace(
            self,
            sealing={self.current: self.sealing[self.current]},
            index={self.index_current: self.index[self.index_current]},
            _ciphers={},
        )

    def _cipher(self, number: int) -> AESGCM:
        cipher = self._ciphers.get(number)
        if cipher is None:
            cipher = self._ciphers[number] = AESGCM(self.sealing[number])
        return cipher


def new_ring() -> Keyring:
    """One fresh key of each kind."""
    sealing, index = (secrets.token_bytes(KEY_BYTES) for _ in range(2))
    return Keyring(1, {1: sealing}, 1, {1: index})


def read(path: Path) -> Keyring:
    """The ring of a key file.

    Raises:
        ConfigurationError: the file is missing or not whole.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
        sealing, index = _parts(document)
    except FileNotFoundError:
        raise ConfigurationError(
            f"KAOCHANG_KEY_FILE: {path.name} is missing; make it with `flask --app exam keys new`,"
            " or bring the one that belongs to this database"
        ) from None
    except (OSError, ValueError, KeyError, TypeError, binascii.Error) as error:
        raise ConfigurationError(
            f"KAOCHANG_KEY_FILE: {path.name} is not a whole key file ({error})"
        ) from None
    return Keyring(*sealing, *index)


def _parts(document: Mapping[str, Any]) -> list[tuple[int, dict[int, bytes]]]:
    if document["format"] != FILE_FORMAT:
        raise ValueError("format")
    return [_part(document[name]) for name in ("sealing", "index")]


def _part(table: Mapping[str, object]) -> tuple[int, dict[int, bytes]]:
    given = table["keys"]
    current = table["current"]
    if not isinstance(given, dict) or not isinstance(current, int):
        raise TypeError("keys and current")
    keys = {int(name): base64.b64decode(str(text), validate=True) for name, text in given.items()}
    wrong = [name for name, key in keys.items() if len(key) != KEY_BYTES or not 0 < name < 1 << 8]
    if wrong or current not in keys:
        raise ValueError(f"key {(wrong or [current])[0]}")
    return current, keys


def write(ring: Keyring, path: Path, *, replace_it: bool = False) -> None:
    """Write a key file for its owner alone, whole or not at all.

    Raises:
        FileExistsError: there is one, and it is not to be replaced: what it sealed would be lost.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}.draft")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(_document(ring))
            file.flush()
            os.fsync(file.fileno())
        if replace_it:
            draft.replace(path)
        else:
            os.link(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def _document(ring: Keyring) -> str:
    lines = [f'format = "{FILE_FORMAT}"']
    parts = (("sealing", ring.current, ring.sealing), ("index", ring.index_current, ring.index))
    for name, current, keys in parts:
        lines += ["", f"[{name}]", f"current = {current}", "", f"[{name}.keys]"]
        lines += [f'{n} = "{base64.b64encode(key).decode()}"' for n, key in sorted(keys.items())]
    return "\n".join(lines) + "\n"
