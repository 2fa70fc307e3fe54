"""Taking a backup of a running installation, and bringing one back."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psycopg

from exam import disk
from exam.backups import copying, database, manifest
from exam.backups.manifest import NAME, PARTIAL, Manifest
from exam.config import Settings
from exam.disk import nothing_half
from exam.errors import Conflict, DiskFull, InvalidInput
from exam.sealing import keyring
from exam.sealing.keyring import Keyring

DATA = "data"


@dataclass(frozen=True)
class Place:
    """An installation: its settings and its keys."""

    settings: Settings
    ring: Keyring


def back_up(place: Place, folder: Path, *, now: datetime, force: bool = False) -> Manifest:
    """Copy database and files into a folder, while everything goes on.

    The folder is called FOLDER.partial until it is whole.

    Raises:
        Conflict: the folder is there, and force was not said.
        ToolFailed: the database could not be dumped.
        DiskFull: no room for it; what was copied so far is gone again.
    """
    if folder.exists() and not force:
        raise Conflict(f"{folder} is there already; choose another folder, or say --force")
    partial = folder.with_name(folder.name + PARTIAL)
    shutil.rmtree(partial, ignore_errors=True)
    with _told_if_full(partial), nothing_half(partial):
        made = _copy(place, partial, now)
        _put(partial, folder)
    return made


@contextlib.contextmanager
def _told_if_full(folder: Path) -> Iterator[None]:
    """Say which disk has no room, how much it has, and what to do."""
    try:
        yield
    except DiskFull as error:
        free = disk.room(folder).free_bytes >> 20
        message = f"{folder.parent}: no room on this disk ({free} MB are free); nothing was kept"
        raise DiskFull(f"{message}. Make room, or name a folder on another disk.") from error


def _copy(place: Place, partial: Path, now: datetime) -> Manifest:
    settings = place.settings
    partial.mkdir(parents=True, mode=0o700)
    dump = partial / database.DUMP
    with database.snapshot(settings.database_url) as (connection, name):
        tables, revision = database.tables(connection), _revision(connection)
        database.dump(settings.database_url, name, dump)
    files = copying.copy(settings.data_folder, partial / DATA)
    made = Manifest(
        format=manifest.FORMAT,
        commit=settings.commit,
        made_at=now.isoformat(),
        revision=revision,
        dump=copying.described(dump),
        tables=tables,
        files=files,
        heads=copying.heads(partial / DATA),
        keys=manifest.checks_of(place.ring),
    )
    _write(partial / NAME, made.model_dump_json(indent=1))
    return made


def bring_back(place: Place, folder: Path, *, force: bool = False) -> Manifest:
    """Bring a backup back and compare everything with what its manifest says.

    Raises:
        InvalidInput: half-written or altered backup, a key that is missing, or something that does
            not compare.
        Conflict: there are data in the way, and force was not said.
        DiskFull: no room for files or rows; database and folder are as they were.
    """
    found = manifest.read(folder)
    _check_backup(folder, found)
    _check_keys(place.ring, found)
    settings = place.settings
    with database.connect(settings.database_url) as connection:
        empty = database.is_empty(connection)
    there = settings.data_folder.exists() and any(copying.names(settings.data_folder))
    if not force and (there or not empty):
        what = "the database holds rows" if not empty else f"{settings.data_folder} holds files"
        raise Conflict(f"{what}; what is there would be lost: say --force")
    fresh = settings.data_folder.with_name(f"{settings.data_folder.name}.restoring")
    shutil.rmtree(fresh, ignore_errors=True)
    with _told_if_full(fresh), nothing_half(fresh):
        fresh.mkdir(parents=True)
        copying.copy(folder / DATA, fresh)
        _keep_own_keys(settings.data_folder, fresh)
        database.restore(settings.database_url, folder / database.DUMP)
        _put(fresh, settings.data_folder)
    _compare(settings, found)
    return found


def copy_keys(place: Place, folder: Path, backup: Path) -> None:
    """Copy the key files to a folder that is not the backup's.

    Keys that are there from an earlier copy stay: older backups may need them.

    Raises:
        InvalidInput: it lies inside the backup, where whoever has the one would have the other.
        DiskFull: no room; what was there before is as it was.
    """
    if folder.resolve().is_relative_to(backup.resolve()):
        raise InvalidInput(f"{folder} lies inside the backup: keys are kept apart from it")
    partial = folder.with_name(folder.name + PARTIAL)
    shutil.rmtree(partial, ignore_errors=True)
    with _told_if_full(partial), nothing_half(partial):
        keyring.write(place.ring, partial / "keys.toml")
        cameras = place.settings.data_folder / copying.KEYS
        if cameras.exists():
            copying.whole(cameras, partial / "cameras")
        for path in [x for x in partial.rglob("*") if x.is_file()]:
            target = folder / path.relative_to(partial)
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.replace(target)
        shutil.rmtree(partial)


def _check_backup(folder: Path, found: Manifest) -> None:
    told = {database.DUMP: found.dump} | {f"{DATA}/{k}": v for k, v in found.files.items()}
    for name, expected in told.items():
        path = folder / name
        if not path.exists() or copying.described(path) != tuple(expected):
            raise InvalidInput(f"{path}: missing or altered since the backup; nothing was changed")


def _check_keys(ring: Keyring, found: Manifest) -> None:
    mine = manifest.checks_of(ring)
    lacking = [name for name, check in found.keys.items() if mine.get(name) != check]
    if lacking:
        message = f"the key file lacks {', '.join(lacking)} of this backup; nothing was changed"
        raise InvalidInput(message)


def _compare(settings: Settings, found: Manifest) -> None:
    with database.connect(settings.database_url) as connection:
        tables = database.tables(connection)
    wrong = [x for x in found.tables if tables.get(x) != tuple(found.tables[x])]
    heads = copying.heads(settings.data_folder)
    wrong += [x for x in found.heads if heads.get(x) != tuple(found.heads[x])]
    if wrong:
        raise InvalidInput(f"brought back, but not the same: {', '.join(wrong)}")


def _revision(connection: psycopg.Connection) -> str | None:
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else None


def _write(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _keep_own_keys(folder: Path, fresh: Path) -> None:
    """The camera key of this machine is no part of a backup and stays."""
    if (folder / copying.KEYS).exists():
        copying.whole(folder / copying.KEYS, fresh / copying.KEYS)


def _put(fresh: Path, place: Path) -> None:
    """Put a whole folder in its place; what was there goes only after the new one is there."""
    old = place.with_name(f"{place.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if place.exists():
        place.rename(old)
    fresh.rename(place)
    shutil.rmtree(old, ignore_errors=True)
