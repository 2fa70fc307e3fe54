import json
import threading
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from proctor.errors import BadInputError
from proctor.kinds import View
from proctor.scenes import Part, Script
from proctor.settings import Settings
from proctor.watch import Ending, watch


def test_its_timeline_crosses_the_seam_and_its_tile_is_a_small_picture(
    session_of: Callable[..., Path], tmp_path: Path
) -> None:
    video = session_of(Script("B", ((Part.NORMAL, 2.0),), seed=31))
    stop, tiles = threading.Event(), []

    def shown(data: bytes) -> None:
        tiles.append(data)
        if len(tiles) == 6:
            stop.set()

    settings = Settings(view=View.SEAT, realtime=True, loop=True)
    summary = watch(video, settings, tmp_path, stop=stop, on_tile=shown)
    assert summary.ending is Ending.STOPPED
    assert summary.seconds >= 4.5
    assert summary.frames == pytest.approx(summary.seconds * 10, abs=3)
    picture = cv2.imdecode(np.frombuffer((tmp_path / "tile.jpg").read_bytes(), np.uint8), 1)
    assert picture.shape == (240, 320, 3)
    assert (tmp_path / "events.jsonl").read_text() == ""


def test_a_loop_needs_real_time() -> None:
    with pytest.raises(BadInputError, match="loop"):
        Settings(view=View.SEAT, loop=True)


def test_a_watch_in_real_time_counts_what_it_skipped(
    session_of: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    video = session_of(Script("B", ((Part.NORMAL, 2.0),), seed=31))
    slow = threading.Event()

    def shown(_data: bytes) -> None:
        slow.wait(0.7)

    settings = Settings(view=View.SEAT, realtime=True, tile_every=0.5)
    summary = watch(video, settings, tmp_path, on_tile=shown)
    assert summary.skipped > 0
    end = json.loads((tmp_path / "ledger.jsonl").read_text().splitlines()[-1])
    assert end["payload"]["skipped"] == summary.skipped
    assert end["payload"]["analysed"] + summary.skipped <= summary.frames
