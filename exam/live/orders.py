"""Erasure orders for folders that a camera worker is writing: only it may write their ledger.

An order lies in ``erase/STREAM.json`` beside the streams; the worker ends its watch, carries it
out with the engine's own receipt, and goes on watching.
"""

import json
from collections.abc import Sequence
from pathlib import Path

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from exam.live.streams import folder_of
from proctor.erasure import erase
from proctor.errors import ProctorError
from proctor.ledger.writer import FolderTakenError

log = structlog.get_logger()


def order_path(folder: Path) -> Path:
    """Where the order for a stream's folder lies."""
    return folder.parent / "erase" / f"{folder.name}.json"


def give(folder: Path, paths: Sequence[str], *, rule: str, authorised: str) -> None:
    """Leave an order, whole or not at all; a later one replaces an earlier one."""
    path = order_path(folder)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps({"paths": list(paths), "rule": rule, "authorised": authorised}))
    draft.replace(path)


def obey(folder: Path, key: Ed25519PrivateKey) -> bool:
    """Carry out the order for a folder that nobody is writing; whether there was one.

    What was refused (a hold that came meanwhile, a clip that is gone) stays for the next run of
    the retention job, which asks the database again.
    """
    path = order_path(folder)
    try:
        order = json.loads(path.read_text())
    except (OSError, ValueError):
        path.unlink(missing_ok=True)
        return False
    for one in order["paths"]:
        if not _erase(folder, one, order, key):
            return False
    path.unlink(missing_ok=True)
    return True


def settled(data_folder: Path, stream: str, key: Ed25519PrivateKey) -> bool:
    """Whether no order is left for a stream; carries one out as soon as nobody writes there."""
    folder = folder_of(data_folder, stream)
    if not order_path(folder).exists():
        return True
    obey(folder, key)
    return not order_path(folder).exists()


def _erase(folder: Path, path: str, order: dict[str, str], key: Ed25519PrivateKey) -> bool:
    """Whether it is settled; not while somebody still writes the folder."""
    try:
        erase(folder, [path], rule=order["rule"], authorised=order["authorised"], key=key)
    except ProctorError as error:
        if isinstance(error.__cause__, FolderTakenError):
            return False
        log.warning("erasure.refused", stream=folder.name, error=type(error).__name__)
    return True
