import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from proctor.errors import BadInputError, SourceFailedError
from proctor.kinds import View
from proctor.ledger.verify import verify
from proctor.live import masked
from proctor.scenes import Part, Script
from proctor.settings import Settings
from proctor.simulator import CameraSimulator
from proctor.watch import watch

pytestmark = pytest.mark.enable_socket


@pytest.fixture
def camera(session_of: Callable[..., Path]) -> Iterator[CameraSimulator]:
    video = session_of(Script("B", ((Part.NORMAL, 12.0),), seed=12))
    simulator = CameraSimulator(video, user="guard", password="secret")
    simulator.start()
    yield simulator
    simulator.stop()


def watched(
    camera: CameraSimulator, out: Path, steps: list[tuple[float, Callable[[], None]]], **more: Any
) -> list[tuple[str, float, float]]:
    """Watch while `steps` happen, each so many seconds after the one before; then stop."""
    stop = threading.Event()

    def happen() -> None:
        for after, step in steps:
            stop.wait(after)
            step()
        stop.set()

    hand = threading.Thread(target=happen)
    hand.start()
    try:
        watch(camera.url, Settings(view=View.SEAT, tile_every=0, **more), out, stop=stop)
    finally:
        stop.set()
        hand.join()
    events = [json.loads(line) for line in (out / "events.jsonl").read_text().splitlines()]
    return [(event["kind"], event["start"], event["end"]) for event in events]


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_silence_is_a_lost_signal_and_then_it_goes_on(
    transport: str, camera: CameraSimulator, tmp_path: Path
) -> None:
    def silent() -> None:
        camera.faults.silent = True

    def talking() -> None:
        camera.faults.silent = False

    steps = [(3.0, silent), (4.5, talking), (2.5, lambda: None)]
    ((kind, start, end),) = watched(camera, tmp_path, steps, transport=transport)
    assert kind == "signal_lost"
    assert 2.5 < end - start < 6
    assert verify(tmp_path).broken == []


def test_a_camera_that_hangs_up_is_called_again(camera: CameraSimulator, tmp_path: Path) -> None:
    found = watched(camera, tmp_path, [(3.0, camera.hang_up), (4.0, lambda: None)])
    assert {kind for kind, _, _ in found} <= {"signal_lost"}
    end = json.loads((tmp_path / "ledger.jsonl").read_text().splitlines()[-1])["payload"]
    assert end["frames"] > 30


def test_a_clock_that_jumps_is_told_and_bridged(camera: CameraSimulator, tmp_path: Path) -> None:
    def jumped() -> None:
        camera.faults.jump = -100.0

    ((kind, start, _),) = watched(camera, tmp_path, [(7.0, jumped), (1.5, lambda: None)])
    assert kind == "clock_jump"
    assert 4 < start < 8.5


def test_a_wrong_password_is_told_without_repeating_it(
    camera: CameraSimulator, tmp_path: Path
) -> None:
    url = camera.url.replace("secret", "wrong")
    with pytest.raises(BadInputError) as refused:
        watch(url, Settings(view=View.SEAT), tmp_path / "out")
    assert "check address" in str(refused.value)
    assert "wrong" not in str(refused.value)
    assert masked(url).endswith("/camera")


def test_a_camera_gone_for_good_ends_the_watch_and_keeps_what_was_seen(
    camera: CameraSimulator, tmp_path: Path
) -> None:
    def silent() -> None:
        camera.faults.silent = True

    with pytest.raises(SourceFailedError, match="gone for 2 s"):
        watched(camera, tmp_path, [(3.0, silent), (15.0, lambda: None)], patience=2.5)
    report = verify(tmp_path)
    assert report.broken == []
    assert report.ended


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_a_camera_that_has_the_password_proven_is_watched_and_a_wrong_one_is_kept_out(
    session_of: Callable[..., Path], tmp_path: Path, transport: str
) -> None:
    video = session_of(Script("B", ((Part.NORMAL, 12.0),), seed=12))
    camera = CameraSimulator(video, user="guard", password="secret", digest=True)
    camera.start()
    try:
        watched(camera, tmp_path / "out", [(2.0, lambda: None)], transport=transport)
        stranger = camera.url.replace("secret", "guessed")
        with pytest.raises(BadInputError, match="check address, user and password"):
            watch(stranger, Settings(view=View.SEAT), tmp_path / "stranger")
    finally:
        camera.stop()
    lines = (tmp_path / "out" / "ledger.jsonl").read_text().splitlines()
    assert json.loads(lines[-1])["payload"]["analysed"] > 0
