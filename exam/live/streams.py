"""Where streams lie below the data folder, and the list of cameras that workers read.

A worker never asks the database: the forwarder writes the list whenever it changes (`camera list`
does so at once), and the cameras' process reads it each second. A stream's folder belongs to its
worker alone; keys lie outside it.
"""

import os
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from exam.errors import ConfigurationError
from exam.live.states import View

LEDGER = "ledger.jsonl"
TILE = "tile.jpg"
EVIDENCE = "evidence"
INBOX = "inbox"
"""What browsers have sent and no worker has taken yet: gone within seconds, and in no backup."""
STREAM_NAME = r"[a-z0-9][a-z0-9-]{0,62}"


class WatchedCamera(BaseModel):
    """What a worker needs to know of a camera; nothing in it names a place or a person."""

    model_config = ConfigDict(frozen=True)

    stream: Annotated[str, Field(pattern=f"^{STREAM_NAME}$")]
    source: str
    view: View
    people: Annotated[int, Field(ge=0, le=500)]
    seat: Annotated[str, Field(max_length=32)] = ""
    room: Annotated[str, Field(max_length=32)] = ""


_LIST = TypeAdapter(list[WatchedCamera])


def folder_of(data_folder: Path, stream: str) -> Path:
    """The folder of one stream."""
    return data_folder / "streams" / stream


def inbox_of(data_folder: Path, source: str) -> Path:
    """Where a browser's recording waits for the worker, by the source that exam itself wrote."""
    return data_folder / INBOX / source.removeprefix("push:")


def signing_key(data_folder: Path) -> Path:
    """The key that signs the ledgers of this machine; its public half lies beside it."""
    return data_folder / "keys" / "cameras.key"


def evidence_keys(data_folder: Path) -> Path:
    """The folder of the keys that seal evidence, outside the folders of the streams they seal."""
    return data_folder / "keys"


def write_list(data_folder: Path, cameras: list[WatchedCamera]) -> Path:
    """Put the list where workers find it, whole or not at all; an unchanged one is left alone."""
    path = data_folder / "cameras.json"
    data_folder.mkdir(parents=True, exist_ok=True)
    wanted = _LIST.dump_json(cameras, indent=1)
    if not path.exists() or path.read_bytes() != wanted:
        draft = path.with_suffix(f".{os.getpid()}.draft")
        draft.write_bytes(wanted)
        draft.replace(path)
    return path


def list_version(data_folder: Path) -> int:
    """A number that changes when the list does; 0 where there is none."""
    try:
        return (data_folder / "cameras.json").stat().st_mtime_ns
    except OSError:
        return 0


def read_list(data_folder: Path) -> list[WatchedCamera]:
    """The cameras as the list has them.

    Raises:
        ConfigurationError: there is no list yet, or it is damaged.
    """
    path = data_folder / "cameras.json"
    try:
        return _LIST.validate_json(path.read_bytes())
    except (OSError, ValidationError):
        raise ConfigurationError(
            f"{path.name} cannot be read; make it with `flask --app exam camera list`"
        ) from None
