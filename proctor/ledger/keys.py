"""Signing keys of ledgers: Ed25519, kept outside the folder they vouch for."""

import hashlib
import os
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


class KeyUnusableError(Exception):
    """A key file that is missing, unreadable or of another kind; the message names it."""


def key_id(public: Ed25519PublicKey) -> str:
    """Return the name of a key: the first 16 hex digits of the SHA-256 of its 32 bytes."""
    return hashlib.sha256(public.public_bytes_raw()).hexdigest()[:16]


def load_private(path: Path) -> Ed25519PrivateKey:
    """Return the private key in a PEM file; raises KeyUnusableError."""
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise KeyUnusableError(f"{path}: no readable Ed25519 private key in PEM form") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyUnusableError(f"{path}: a private key, but not Ed25519")
    return key


def load_public(path: Path) -> Ed25519PublicKey:
    """Return the public key in a PEM file; raises KeyUnusableError."""
    try:
        key = serialization.load_pem_public_key(path.read_bytes())
    except (OSError, ValueError, UnsupportedAlgorithm) as error:
        raise KeyUnusableError(f"{path}: no readable Ed25519 public key in PEM form") from error
    if not isinstance(key, Ed25519PublicKey):
        raise KeyUnusableError(f"{path}: a public key, but not Ed25519")
    return key


def load_or_create(path: Path) -> Ed25519PrivateKey:
    """Return the private key at `path`, made on first use, with `path`.pub beside it.

    The file is created exclusively and readable by its owner only, so that of two processes
    starting at once the second reads what the first wrote. Raises KeyUnusableError.
    """
    if not path.exists():
        try:
            _create(path)
        except FileExistsError:
            return load_private(path)
        except OSError as error:
            raise KeyUnusableError(f"{path}: cannot be made ({error.strerror})") from error
    return load_private(path)


def _create(path: Path) -> None:
    key = Ed25519PrivateKey.generate()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
    try:
        os.link(draft, path)
    finally:
        draft.unlink()
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    path.with_name(path.name + ".pub").write_bytes(public)
