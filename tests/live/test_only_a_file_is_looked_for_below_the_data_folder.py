from pathlib import Path

import pytest

from exam.errors import InvalidInput
from exam.live.sources import Reach, check_source
from exam.live.states import View
from exam.live.streams import WatchedCamera
from exam.live.worker import order_of


def order(source: str) -> tuple[str, bool]:
    camera = WatchedCamera(stream="seat-05", source=source, view=View.SEAT, people=1)
    made = order_of(camera, Path("/data"), keep_bytes=None)
    return made.source, made.settings().loop


def test_a_file_stands_below_the_data_folder_and_is_played_again() -> None:
    assert order("demo/seat.mp4") == ("/data/demo/seat.mp4", True)


@pytest.mark.parametrize("source", ["rtsp://10.0.0.7/seat", "/dev/video0"])
def test_anything_else_is_opened_as_it_is_written_and_once(source: str) -> None:
    assert order(source) == (source, False)


def test_what_a_browser_sends_is_looked_for_in_the_inbox_of_its_own_camera() -> None:
    source = f"push:seat-05/{'0' * 32}"
    assert order(source) == (f"push:/data/inbox/seat-05/{'0' * 32}", False)
    reach = Reach(Path("/data"), hosts=(), ports=())
    check_source(source, reach, stream="seat-05")
    others = ("seat-06/" + "0" * 32, "seat-05/../seat-06", "seat-05", "seat-05/" + "0" * 31 + "/")
    for other in others:
        with pytest.raises(InvalidInput):
            check_source(f"push:{other}", reach, stream="seat-05")


def test_nobody_names_a_folder_to_be_emptied_when_putting_a_camera_into_the_house() -> None:
    reach = Reach(Path("/data"), hosts=(), ports=())
    with pytest.raises(InvalidInput):
        check_source("push:inbox", reach)
