import json
from collections.abc import Callable
from pathlib import Path

import av

from proctor.feed import FeedGuard
from proctor.kinds import View
from proctor.scenes import Part, Script
from proctor.settings import Settings
from proctor.watch import watch

SIZE = (480, 640)


def test_another_size_is_another_source() -> None:
    guard = FeedGuard()
    assert guard.look(SIZE, moved=None, time=0.0) == {}
    facts = guard.look((240, 320), moved=False, time=0.2)
    assert (facts["width_before"], facts["width"]) == (640, 320)
    assert guard.look((240, 320), moved=False, time=0.4) == {}


def test_another_scene_just_after_a_break_is_another_source_and_told_once() -> None:
    guard = FeedGuard()
    guard.look(SIZE, moved=False, time=0.0)
    guard.broke(10.0)
    assert guard.look(SIZE, moved=None, time=10.2) == {}
    assert guard.look(SIZE, moved=True, time=10.4) == {"after_break_ms": 400}
    assert guard.look(SIZE, moved=True, time=10.6) == {}


def test_the_same_scene_after_a_break_and_a_push_long_after_are_not() -> None:
    guard = FeedGuard()
    guard.broke(10.0)
    assert guard.look(SIZE, moved=False, time=10.2) == {}
    assert guard.look(SIZE, moved=False, time=12.2) == {}
    assert guard.look(SIZE, moved=True, time=12.4) == {}


def as_transport_stream(video: Path, target: Path) -> bytes:
    with av.open(str(video)) as source, av.open(str(target), "w", format="mpegts") as output:
        stream = output.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                output.mux(packet)
    return target.read_bytes()


def test_a_stream_that_goes_on_with_another_cameras_pictures(
    session_of: Callable[..., Path], tmp_path: Path
) -> None:
    parts = ((Part.NORMAL, 4.0),)
    videos = [
        session_of(Script("B", parts, seed=51)),
        session_of(Script("B", parts, seed=51, width=320, height=240)),
    ]
    spliced = tmp_path / "spliced.ts"
    data = [as_transport_stream(video, tmp_path / f"{video.parent.name}.ts") for video in videos]
    spliced.write_bytes(b"".join(data))
    watch(spliced, Settings(view=View.SEAT, tile_every=0), tmp_path / "out")
    lines = (tmp_path / "out" / "events.jsonl").read_text().splitlines()
    (event,) = [event for event in map(json.loads, lines) if event["kind"] == "feed_replaced"]
    assert (event["facts"]["width_before"], event["facts"]["width"]) == (640, 320)
    assert 3 < event["start"] < 5
    assert event["severity"] == "alert"
