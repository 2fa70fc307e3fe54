"""The disk below a folder: how much room is left, and what a failure for want of it looks like."""

import contextlib
import errno
import os
import shutil
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from psycopg import errors as pg

from exam.errors import DiskFull

NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
FULL_BYTES = 2 * 1024 * 1024
"""With less than this nothing that people hand in is taken whole: it counts as full."""


class DiskState(StrEnum):
    """What an operator has to know."""

    ENOUGH = "enough"
    LOW = "low"
    FULL = "full"


class Room(NamedTuple):
    """What is left on the disk of a folder."""

    free_bytes: int
    state: DiskState


def room(folder: Path, *, low_mb: int = 0) -> Room:
    """What is left for us, where the folder lies or will lie; free inodes count too.

    Raises:
        OSError: the disk itself cannot be asked.
    """
    there = next(x for x in (folder.absolute(), *folder.absolute().parents) if x.exists())
    found = os.statvfs(there)
    free = found.f_bavail * found.f_frsize
    no_more_files = found.f_files > 0 and found.f_favail == 0
    if free < FULL_BYTES or no_more_files:
        return Room(free, DiskState.FULL)
    return Room(free, DiskState.LOW if free < low_mb * 1024 * 1024 else DiskState.ENOUGH)


def is_full(error: BaseException | None) -> bool:
    """Whether this error, or one that it came from, is a disk without room, PostgreSQL's too."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if isinstance(error, OSError) and error.errno in NO_ROOM:
            return True
        if isinstance(error, (DiskFull, pg.DiskFull)):
            return True
        error = error.__cause__ or error.__context__
    return False


@contextlib.contextmanager
def nothing_half(*made: Path) -> Iterator[None]:
    """Take away what was being made if it is broken off, whatever broke it off.

    Raises:
        DiskFull: there was no room for it.
    """
    try:
        yield
    except BaseException as error:
        for path in made:
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
        if isinstance(error, OSError) and is_full(error):
            raise DiskFull from error
        raise
