import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from proctor.fleet.manager import Fleet
from proctor.fleet.orders import CameraOrder
from proctor.ledger.verify import verify
from proctor.scenes import Part, Script


class Watched:
    """A fleet, and everything that it said."""

    def __init__(self, **options: Any) -> None:
        self.said: list[tuple[str, dict[str, Any]]] = []
        self.fleet = Fleet(lambda event, **facts: self.said.append((event, facts)), **options)

    def until(self, what: Callable[[], bool], name: str) -> None:
        """Let the fleet work until something has happened; long, so that a busy machine passes."""
        deadline = time.monotonic() + 120
        while not what():
            assert time.monotonic() < deadline, f"{name}: not within two minutes; {self.said}"
            self.fleet.step(0.1)

    def times(self, event: str, stream: str) -> int:
        return sum(1 for one, facts in self.said if one == event and facts["stream"] == stream)


@pytest.fixture
def watched() -> Iterator[Watched]:
    held = Watched(workers=1)
    yield held
    held.fleet.close()


@pytest.fixture
def order(quiet: Path, tmp_path: Path) -> Callable[..., CameraOrder]:
    def made(stream: str, **changes: Any) -> CameraOrder:
        wanted = {"source": str(quiet), "out": str(tmp_path / stream), "view": "seat", "people": 1}
        return CameraOrder(stream=stream, **(wanted | changes))

    return made


def types(folder: Path) -> list[str]:
    path = folder / "ledger.jsonl"
    raws = path.read_bytes().splitlines(keepends=True) if path.exists() else []
    return [json.loads(raw)["type"] for raw in raws if raw.endswith(b"\n")]


def test_a_killed_worker_s_cameras_go_on_in_the_same_chain(
    watched: Watched, order: Callable[..., CameraOrder], tmp_path: Path
) -> None:
    streams = ("seat-1", "seat-2")
    watched.fleet.want([order(stream) for stream in streams])

    def begun(times: int) -> bool:
        return all(types(tmp_path / stream).count("start") == times for stream in streams)

    watched.until(lambda: begun(1), "both watched")
    ((pid, together),) = watched.fleet.worker_pids().items()
    assert together == list(streams)
    os.kill(pid, signal.SIGKILL)
    watched.until(lambda: begun(2), "both watched again")
    assert pid not in watched.fleet.worker_pids()
    watched.fleet.close()
    for stream in streams:
        assert verify(tmp_path / stream).broken == []
        assert types(tmp_path / stream).count("start") == 2
        assert (
            types(tmp_path / stream)[-2:] == ["checkpoint", "end"]
            or verify(tmp_path / stream).ended
        )


def test_a_camera_may_be_added_changed_and_taken_away_while_others_are_watched(
    watched: Watched, order: Callable[..., CameraOrder], tmp_path: Path
) -> None:
    first, second = order("seat-1"), order("seat-2")
    watched.fleet.want([first])
    watched.until(lambda: watched.times("camera.watching", "seat-1") == 1, "the first")
    watched.fleet.want([first, second])
    watched.until(lambda: watched.times("camera.watching", "seat-2") == 1, "the second")
    watched.fleet.want([first, order("seat-2", people=2)])
    watched.until(lambda: watched.times("camera.watching", "seat-2") == 2, "the second, changed")
    watched.fleet.want([first])
    watched.until(lambda: types(tmp_path / "seat-2").count("end") == 2, "its end")
    assert watched.times("camera.watching", "seat-1") == 1
    assert "end" not in types(tmp_path / "seat-1")


def test_a_camera_too_many_is_refused_with_how_many_fit(
    watched: Watched, order: Callable[..., CameraOrder], session_of: Callable[..., Path]
) -> None:
    large = session_of(
        Script("A", ((Part.NORMAL, 2.0),), width=1920, height=1080, fps=25, bit_rate=2_000_000)
    )
    streams = [f"wall-{number}" for number in range(12)]
    watched.fleet.want([order(stream, source=str(large)) for stream in streams])

    def decided() -> bool:
        return all(
            watched.times("camera.watching", x) or watched.times("camera.refused", x)
            for x in streams
        )

    watched.until(decided, "every camera watched or refused")
    refused = [facts["why"] for event, facts in watched.said if event == "camera.refused"]
    assert refused
    assert all("more fit" in why and "add a machine" in why for why in refused)
    assert any(watched.times("camera.watching", stream) for stream in streams)


def test_a_camera_that_is_not_there_does_not_keep_others_waiting(
    watched: Watched, order: Callable[..., CameraOrder]
) -> None:
    watched.fleet.want([order("gone", source="/nowhere/x.mp4"), order("seat-1")])
    watched.until(lambda: watched.times("camera.watching", "seat-1") == 1, "the one that is there")
    watched.until(lambda: watched.times("camera.failed", "gone") >= 1, "word of the other")


def test_workers_end_with_their_ledgers_when_the_manager_is_gone(
    watched: Watched, order: Callable[..., CameraOrder], tmp_path: Path
) -> None:
    watched.fleet.want([order("seat-1")])
    watched.until(lambda: watched.times("camera.watching", "seat-1") == 1, "watching")
    closing = threading.Thread(target=watched.fleet.close)
    closing.start()
    closing.join(timeout=60)
    assert not closing.is_alive()
    assert verify(tmp_path / "seat-1").ended
