"""What a backup says about itself; written last, so that a folder without it is half-written."""

import hmac
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from exam.errors import InvalidInput
from exam.sealing.keyring import Keyring

FORMAT = "kaochang-backup/1"
NAME = "manifest.json"
PARTIAL = ".partial"


class Manifest(BaseModel):
    """Everything a restored installation is compared with."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: str
    commit: str
    made_at: str
    revision: str | None
    dump: tuple[int, str]
    tables: dict[str, tuple[int, str]]
    files: dict[str, tuple[int, str]]
    heads: dict[str, tuple[int, str]]
    keys: dict[str, str]
    """Key ids and a check value each; the keys themselves are kept apart."""


def checks_of(ring: Keyring) -> dict[str, str]:
    """By key id, a value that tells whether another key file holds the same key."""
    parts: tuple[tuple[str, Mapping[int, bytes]], ...] = (
        ("sealing", ring.sealing),
        ("index", ring.index),
    )
    return {
        f"{name}/{number}": hmac.digest(key, b"kaochang key check", "sha256").hex()[:16]
        for name, keys in parts
        for number, key in keys.items()
    }


def read(folder: Path) -> Manifest:
    """The manifest of a whole backup.

    Raises:
        InvalidInput: half-written, of another format, or no backup.
    """
    path = folder / NAME
    if folder.name.endswith(PARTIAL) or not path.exists():
        message = f"{folder}: no whole backup (there is no {NAME}); it was broken off, take another"
        raise InvalidInput(message)
    try:
        found = Manifest.model_validate_json(path.read_bytes())
    except ValidationError:
        raise InvalidInput(f"{path}: not the manifest of a backup") from None
    if found.format != FORMAT:
        raise InvalidInput(f"{path}: format {found.format}; this release reads {FORMAT}")
    return found
