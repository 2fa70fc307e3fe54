"""A real disk with little room, and what a test needs to fill it."""

from __future__ import annotations

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


@pytest.fixture
def small_disk() -> Iterator[SmallDisk]:
    """A file system in memory; who may not mount one has the test with a limit instead."""
    folder = Path(tempfile.mkdtemp(prefix="kaochang-small-"))
    mount = ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", str(folder)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        folder.rmdir()
        pytest.skip("nobody but root mounts a file system here")
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
        folder.rmdir()
