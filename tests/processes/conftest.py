"""Folders in which an embedded database may lie."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """A folder outside pytest's own, which every other run of pytest closes to other users again.

    Under the root user the database server is another user.
    """
    with tempfile.TemporaryDirectory(prefix="kaochang-test-") as folder:
        yield Path(folder)
