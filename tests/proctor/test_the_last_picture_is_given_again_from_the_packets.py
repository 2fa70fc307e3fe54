"""A picture is not held for an event that may come: it is decoded once more from the ring."""

from __future__ import annotations

import json
import math
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from proctor import keeper
from proctor.compose import compose
from proctor.kinds import View
from proctor.lookback import picture_at
from proctor.planes import Planes
from proctor.ring import PacketRing, Slice
from proctor.scenes import Part, Script
from proctor.settings import Settings
from proctor.watch import watch


def pictures_of(video: Path) -> dict[float, av.VideoFrame]:
    with av.open(str(video)) as source:
        return {round(frame.time, 3): frame for frame in source.decode(video=0)}


@pytest.fixture
def video(tmp_path: Path) -> Path:
    compose(Script("B", ((Part.NORMAL, 5.0),), seed=3, fps=10), tmp_path / "a.mp4")
    return tmp_path / "a.mp4"


def test_it_is_the_same_picture_to_the_last_level(video: Path) -> None:
    ring, expected = PacketRing(), list(pictures_of(video).items())[::7]
    with av.open(str(video)) as source:
        for packet in source.demux(video=0):
            if packet.size:
                ring.add(float(packet.dts * packet.time_base), 0.0, packet)
        template = source.streams.video[0]
    for time, picture in expected:  # the source is closed, as when its signal is lost
        found = picture_at(time + 0.01, ring.since(time), ring.base, template)
        assert found is not None
        np.testing.assert_array_equal(found.to_ndarray(), picture.to_ndarray())


def test_packets_that_cannot_be_decoded_give_none(video: Path) -> None:
    spoilt = [Slice(0.0, 0, 0, 0, key=True, data=b"\x00\x00\x00\x05abcde")]
    with av.open(str(video)) as source:
        template = source.streams.video[0]
        assert picture_at(0.0, spoilt, Fraction(1, 90000), template) is None
        assert picture_at(0.0, [], Fraction(1, 90000), template) is None


def test_how_far_a_picture_is_behind_the_newest_keyframe_is_known(video: Path) -> None:
    ring, keys = PacketRing(), [0.0]
    assert ring.since_key(1.0) == math.inf
    with av.open(str(video)) as source:
        for packet in source.demux(video=0):
            if packet.size:
                time = float(packet.dts * packet.time_base)
                keys += [time] if packet.is_keyframe else []
                ring.add(time, 0.0, packet)
                assert ring.since_key(time) == pytest.approx(time - keys[-1])
    assert len(keys) > 2


@pytest.mark.parametrize("again", [-1.0, 5.0], ids=["held", "decoded again"])
def test_a_lost_signal_shows_what_was_seen_last(
    tmp_path: Path, again: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "_AGAIN", again)
    video, out = tmp_path / "lost.mp4", tmp_path / "out"
    compose(
        Script("A", ((Part.NORMAL, 6.0), (Part.SIGNAL_LOST, 6.0), (Part.NORMAL, 4.0)), fps=10),
        video,
    )
    watch(video, Settings(view=View.SEAT), out)
    (lost,) = [
        event
        for event in map(json.loads, (out / "events.jsonl").read_text().splitlines())
        if event["kind"] == "signal_lost"
    ]
    shown = cv2.imread(str(out / "evidence" / f"{lost['event']:04}-opened.jpg"))
    until = lost["start"] + 0.02
    before = [frame for time, frame in pictures_of(video).items() if time <= until]
    apart = [
        float(np.abs(Planes(frame).cut().picture.astype(np.int16) - shown).mean())
        for frame in before
    ]
    newest = len(apart) - 1 - int(np.argmin(apart[::-1]))
    assert until - float(before[newest].time) < 0.35, "another picture is shown"
