"""Before one core is full the next one is used: a burst of cameras must not make one of them late."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest

from proctor.fleet import manager
from proctor.fleet.manager import Fleet
from proctor.fleet.orders import CameraOrder

PIDS = count(1)


class Silent:
    """A worker that takes orders and has not told anything yet."""

    def __init__(self, *_: Any) -> None:
        self.pid = next(PIDS)
        self.left_ms = float("inf")

    def order(self, message: dict[str, Any]) -> None:
        """Take an order."""

    def finish(self) -> None:
        """End."""

    def wait(self) -> int:
        """Return how it ended."""
        return 0


def told(*_: object, **__: object) -> None:
    """Hear what the fleet says."""


def spread(cameras: int, workers: int) -> list[int]:
    """Return how many cameras each worker of a fleet got at once."""
    fleet = Fleet(told, workers=workers, spare=False)
    fleet.want(CameraOrder(f"seat-{i}", "file.mp4", f"out-{i}", "seat") for i in range(cameras))
    return sorted(len(streams) for streams in fleet.worker_pids().values())


@pytest.mark.parametrize(
    ("cameras", "workers", "each"),
    [
        (5, 4, [5]),
        (8, 4, [8]),
        (24, 2, [12, 12]),
        (62, 8, [6, 8, 8, 8, 8, 8, 8, 8]),
        (20, 1, [20]),
    ],
)
def test_many_cameras_at_once_are_shared_by_the_cores_that_there_are(
    monkeypatch: pytest.MonkeyPatch, cameras: int, workers: int, each: list[int]
) -> None:
    monkeypatch.setattr(manager, "Worker", Silent)
    assert spread(cameras, workers) == each
