"""Sealing the secrets of second factors: AES-256-GCM with a key that the configuration names."""

import base64
import binascii
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import SecretStr

from exam.config import Settings
from exam.errors import ConfigurationError

KEY_BYTES, NONCE_BYTES = 32, 12
DERIVED = "derived"
"""The key of an installation that names none; it changes with the installation's secret."""


@dataclass(frozen=True)
class Sealer:
    """Keys by id; the last one seals, all of them open."""

    keys: Mapping[str, bytes]

    def seal(self, plain: bytes, *, about: bytes) -> tuple[str, bytes]:
        """Key id, and nonce with ciphertext; ``about`` ties it to the row that it stands in."""
        key_id = list(self.keys)[-1]
        nonce = secrets.token_bytes(NONCE_BYTES)
        return key_id, nonce + AESGCM(self.keys[key_id]).encrypt(nonce, plain, about)

    def open(self, key_id: str, sealed: bytes, *, about: bytes) -> bytes:
        """What was sealed.

        Raises:
            ConfigurationError: the key is no longer configured.
            cryptography.exceptions.InvalidTag: the row was changed, or stood in another's place.
        """
        if key_id not in self.keys:
            raise ConfigurationError(f"KAOCHANG_SECOND_FACTOR_KEYS lacks the key {key_id!r}")
        nonce, body = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        return AESGCM(self.keys[key_id]).decrypt(nonce, body, about)


def sealer(settings: Settings) -> Sealer:
    """The keys of this installation.

    Raises:
        ConfigurationError: a key that is not 32 bytes of base64.
    """
    named = {key_id: _decoded(key_id, key) for key_id, key in settings.second_factor_keys.items()}
    return Sealer({DERIVED: derived_key(settings, b"second factor")} | named)


def derived_key(settings: Settings, purpose: bytes) -> bytes:
    """A key of 32 bytes for one purpose, made from the installation's secret (RFC 5869)."""
    secret = settings.secret_key.get_secret_value().encode()
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose).derive(secret)


def _decoded(key_id: str, key: SecretStr) -> bytes:
    try:
        found = base64.b64decode(key.get_secret_value(), validate=True)
    except binascii.Error:
        found = b""
    if len(found) != KEY_BYTES:
        text = f"KAOCHANG_SECOND_FACTOR_KEYS: the key {key_id!r} must be 32 bytes in base64"
        raise ConfigurationError(text)
    return found
