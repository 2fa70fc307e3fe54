"""A real disk with little room, and what a test needs to fill it."""

from __future__ import annotations

import functools
import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

MEGABYTES = 24


@dataclass(frozen=True)
class SmallDisk:
    """A file system of its own."""

    folder: Path

    @property
    def free(self) -> int:
        """Bytes that are left."""
        found = os.statvfs(self.folder)
        return found.f_bavail * found.f_frsize

    def leave(self, room: int) -> None:
        """Take up everything but so many bytes."""
        self.make_room()
        with (self.folder / ".filler").open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, max(1, self.free - room))

    def make_room(self) -> None:
        """What somebody does who was told."""
        (self.folder / ".filler").unlink(missing_ok=True)

    def names(self) -> set[str]:
        """All files on it but the filler and the keys, which are made when they are first needed."""
        found = {x.relative_to(self.folder).as_posix() for x in self.folder.rglob("*")}
        files = {x for x in found if (self.folder / x).is_file()}
        return files - {".filler", "data.keys/keys.toml"}


@functools.cache
def may_mount() -> bool:
    """Whether this process may mount a file system: root may, in most containers too."""
    with tempfile.TemporaryDirectory(prefix="kaochang-small-") as folder:
        try:
            _mount(folder)
        except (OSError, subprocess.CalledProcessError):
            return False
        _unmount(folder)
    return True


@pytest.fixture
def small_disk() -> Iterator[SmallDisk]:
    """A file system in memory; where nobody may mount one, limits on files test the same."""
    folder = tempfile.mkdtemp(prefix="kaochang-small-")
    _mount(folder)
    try:
        yield SmallDisk(Path(folder))
    finally:
        _unmount(folder)
        Path(folder).rmdir()


def _mount(folder: str) -> None:
    words = ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", folder]
    subprocess.run(words, check=True, capture_output=True)


def _unmount(folder: str) -> None:
    subprocess.run(["umount", "--lazy", folder], check=True)
