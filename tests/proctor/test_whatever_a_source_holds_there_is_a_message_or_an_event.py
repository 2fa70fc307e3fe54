"""Files of every odd kind, and a network that lies: never a crash, never silence."""

import json
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proctor.errors import BadInputError, SourceFailedError
from proctor.kinds import Kind, View
from proctor.ledger.verify import verify
from proctor.scenes import Part, Script
from proctor.settings import Settings
from proctor.watch import Summary, watch

CHEAP = Settings(view=View.SEAT, tile_every=0, mute=frozenset({Kind.PHONE}))


@pytest.fixture(scope="session")
def pictures(session_of: Callable[..., Path]) -> list[np.ndarray[Any, Any]]:
    """Four seconds of a person at her seat, 320x240, ten pictures a second."""
    script = Script("C", ((Part.NORMAL, 4.0),), seed=81, width=320, height=240)
    with av.open(str(session_of(script))) as video:
        return [frame.to_ndarray(format="bgr24") for frame in video.decode(video=0)]


def made(
    target: Path,
    pictures: list[np.ndarray[Any, Any]],
    codec: str = "libx264",
    *,
    pixels: str = "yuv420p",
    size: tuple[int, int] | None = None,
    times: Callable[[int], int] = lambda index: index * 100,
    gop: int = 20,
    **options: str,
) -> Path:
    """Encode pictures at times in milliseconds; size: width, height."""
    with av.open(str(target), "w") as output:
        stream = output.add_stream(codec, rate=10)
        stream.width, stream.height = size or (pictures[0].shape[1], pictures[0].shape[0])
        stream.pix_fmt = pixels
        stream.codec_context.time_base = Fraction(1, 1000)
        stream.codec_context.gop_size = gop
        stream.codec_context.options = options
        for index, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="bgr24")
            frame = frame.reformat(stream.width, stream.height, pixels)
            frame.pts, frame.time_base = times(index), Fraction(1, 1000)
            output.mux(stream.encode(frame))
        output.mux(stream.encode())
    return target


def seen(video: Path, out: Path, config: Settings = CHEAP) -> tuple[Summary, list[dict[str, Any]]]:
    summary = watch(video, config, out)
    assert verify(out).broken == []
    return summary, [json.loads(x) for x in (out / "events.jsonl").read_text().splitlines()]


FAST = {"preset": "ultrafast"}


@pytest.mark.parametrize(
    ("name", "codec", "more"),
    [
        ("h265.mp4", "libx265", {"x265-params": "log-level=none:pools=1", **FAST}),
        ("mjpeg.avi", "mjpeg", {"pixels": "yuvj420p"}),
        ("mpeg4.mkv", "mpeg4", {}),
        ("vp8.webm", "libvpx", {"deadline": "realtime", "cpu-used": "8"}),
        ("bframes.mp4", "libx264", {"bf": "3", **FAST}),
        ("yuv444.mp4", "libx264", {"pixels": "yuv444p", **FAST}),
        ("tenbit.mp4", "libx264", {"pixels": "yuv420p10le", **FAST}),
        ("gray.mkv", "ffv1", {"pixels": "gray"}),
        ("rgb.avi", "rawvideo", {"pixels": "bgr24"}),
        ("portrait.mp4", "libx264", {"size": (240, 426), **FAST}),
        ("odd.mkv", "ffv1", {"size": (321, 241), "pixels": "yuv444p"}),
        ("tiny.mp4", "libx264", {"size": (64, 48), **FAST}),
    ],
)
def test_every_codec_size_and_pixel_format_is_watched(
    name: str, codec: str, more: dict[str, Any], pictures: list[Any], tmp_path: Path
) -> None:
    video = made(tmp_path / name, pictures, codec, **more)
    summary, events = seen(video, tmp_path / "out")
    assert summary.frames == len(pictures)
    assert summary.analysed >= 18
    if name not in {"tiny.mp4", "portrait.mp4"}:
        assert events == [], "she sits there all the time"


def test_a_4k_picture_is_watched(pictures: list[Any], tmp_path: Path) -> None:
    video = made(tmp_path / "4k.mp4", pictures[:12], size=(3840, 2160), **FAST)
    summary, _ = seen(video, tmp_path / "out")
    assert summary.frames == 12


def test_a_picture_that_lies_on_its_side_is_no_crash(pictures: list[Any], tmp_path: Path) -> None:
    turned = [np.rot90(picture) for picture in pictures]
    summary, events = seen(made(tmp_path / "turned.mp4", turned, **FAST), tmp_path / "out")
    assert summary.frames == len(turned)
    assert {event["kind"] for event in events} <= {"face_absent", "looking_away"}


def test_a_varying_frame_rate_keeps_its_own_times(pictures: list[Any], tmp_path: Path) -> None:
    def uneven(index: int) -> int:
        return index * 100 + (index % 5) * 17 + (1500 if index >= 20 else 0)

    video = made(tmp_path / "uneven.mkv", pictures, times=uneven, **FAST)
    summary, events = seen(video, tmp_path / "out")
    assert summary.frames == len(pictures)
    assert abs(summary.seconds - uneven(39) / 1000) < 0.1
    assert [event["kind"] for event in events if event["group"] == "conduct"] == []


def test_a_minute_without_a_keyframe_still_gives_evidence_from_the_last_one(
    pictures: list[Any], tmp_path: Path
) -> None:
    covered = [np.full_like(pictures[0], 6)] * 12
    still = [pictures[index % 39] for index in range(150)]
    shown = [*still, *covered, *pictures[:10]]
    video = made(
        tmp_path / "long.mp4", shown, times=lambda i: i * 400, gop=10_000, **FAST, sc_threshold="0"
    )
    _, events = seen(video, tmp_path / "out")
    (event,) = [event for event in events if event["kind"] == "camera_covered"]
    assert 59 <= event["start"] <= 61
    with av.open(str(tmp_path / "out" / event["evidence"])) as clip:
        frames = list(clip.decode(video=0))
    assert frames[0].key_frame
    assert len(frames) == len(shown), "its only keyframe is the first picture"


def test_a_stream_whose_first_keyframe_comes_late_says_what_is_missing(
    pictures: list[Any], tmp_path: Path
) -> None:
    shown = [*pictures[:10], *[np.full_like(pictures[0], 6)] * 110]
    whole = made(tmp_path / "whole.ts", shown, gop=60, **FAST, sc_threshold="0")
    with av.open(str(whole)) as source, av.open(str(tmp_path / "late.ts"), "w") as output:
        stream = output.add_stream_from_template(source.streams.video[0])
        for index, packet in enumerate(source.demux(video=0)):
            if packet.dts is not None and index >= 1:
                packet.stream = stream
                output.mux(packet)
    seen(tmp_path / "late.ts", tmp_path / "out")
    lines = [json.loads(x) for x in (tmp_path / "out" / "ledger.jsonl").read_text().splitlines()]
    kinds = {line["payload"]["kind"] for line in lines if line["type"] == "opened"}
    gaps = [line["payload"]["reason"] for line in lines if line["type"] == "gap"]
    assert {"not_watched", "camera_covered"} <= kinds
    assert any("no keyframe" in reason for reason in gaps)


def test_a_stream_that_changes_its_size_is_told_and_watched_on(
    pictures: list[Any], tmp_path: Path
) -> None:
    parts = [
        made(tmp_path / "1.ts", pictures[:20], **FAST),
        made(tmp_path / "2.ts", pictures[20:], size=(640, 480), **FAST),
    ]
    joined = tmp_path / "joined.ts"
    joined.write_bytes(b"".join(part.read_bytes() for part in parts))
    summary, events = seen(joined, tmp_path / "out")
    assert summary.frames >= 38
    assert "feed_replaced" in {event["kind"] for event in events}


def test_sound_without_pictures_is_refused(tmp_path: Path) -> None:
    target = tmp_path / "sound.wav"
    with av.open(str(target), "w") as output:
        stream = output.add_stream("pcm_s16le", rate=8000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), layout="mono")
        frame.sample_rate = 8000
        output.mux(stream.encode(frame))
        output.mux(stream.encode())
    with pytest.raises(BadInputError, match="holds no video"):
        watch(target, CHEAP, tmp_path / "out")


@pytest.mark.parametrize("device", ["/dev/video77", "/dev/video"])
def test_a_device_that_is_not_there_is_told(device: str, tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="no video there"):
        watch(device, CHEAP, tmp_path / "out")


@pytest.fixture(scope="session")
def recorded(pictures: list[Any], tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A transport stream: what a damaged network leaves of it is still read."""
    folder = tmp_path_factory.mktemp("recorded")
    return made(folder / "stream.ts", pictures, gop=10, **FAST).read_bytes()


@given(data=st.data())
@settings(max_examples=15)
def test_garbage_in_a_stream_never_breaks_more_than_it_hits(
    data: st.DataObject, recorded: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("garbage")
    spoilt = bytearray(recorded)
    for _ in range(data.draw(st.integers(1, 20))):
        at = data.draw(st.integers(0, len(spoilt) - 400))
        length = data.draw(st.integers(1, 400))
        spoilt[at : at + length] = data.draw(st.binary(min_size=length, max_size=length))
    (folder / "x.ts").write_bytes(spoilt)
    for said in outcome(folder):
        assert said


@given(share=st.integers(1, 99))
@settings(max_examples=8)
def test_a_file_cut_anywhere_is_told_or_watched_as_far_as_it_goes(
    share: int, pictures: list[Any], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("cut")
    whole = made(folder / "whole.mp4", pictures[:20], **FAST, movflags="faststart").read_bytes()
    (folder / "x.mp4").write_bytes(whole[: len(whole) * share // 100])
    for said in outcome(folder):
        assert said


def outcome(folder: Path) -> Iterator[str]:
    """Watch the folder's x.*; yields what is said where it cannot be watched to its end."""
    (source,) = folder.glob("x.*")
    try:
        watch(source, CHEAP, folder / "out")
    except (BadInputError, SourceFailedError) as error:
        yield str(error)
    if (folder / "out").exists():
        report = verify(folder / "out")
        assert report.broken == []
        assert report.ended
