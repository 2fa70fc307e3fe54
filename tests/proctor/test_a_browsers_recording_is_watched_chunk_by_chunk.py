import contextlib
import io
import json
import threading
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proctor import inbox as inboxes
from proctor.errors import BadInputError, SourceFailedError
from proctor.inbox import ChunkKind, Inbox, InboxFullError
from proctor.kinds import View
from proctor.ledger.verify import verify
from proctor.scenes import Part, Script
from proctor.settings import Settings
from proctor.watch import Summary, watch

WEBM, MP4, JPEG = ChunkKind.WEBM, ChunkKind.MP4, ChunkKind.JPEG
SECONDS, RATE = 5, 10


class Recorder(io.RawIOBase):
    """Collects what a muxer writes, as a page's recorder would hand it out."""

    def __init__(self) -> None:
        super().__init__()
        self.data = b""

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.data += bytes(data)
        return len(data)

    def handed_out(self) -> bytes:
        data, self.data = self.data, b""
        return data


@pytest.fixture(scope="session")
def video(session_of: Callable[..., Path]) -> Path:
    script = Script("B", ((Part.NORMAL, float(SECONDS)),), seed=71, width=320, height=240, fps=RATE)
    return session_of(script)


def frames_of(video: Path) -> list[av.VideoFrame]:
    with av.open(str(video)) as opened:
        return list(opened.decode(video=0))


@pytest.fixture(scope="session")
def webm(video: Path) -> list[bytes]:
    """Chunks of one second, VP8 in WebM."""
    sink, chunks = Recorder(), []
    with av.open(sink, "w", format="webm", options={"live": "1"}) as output:
        stream = output.add_stream("libvpx", rate=RATE)
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        stream.codec_context.gop_size = RATE
        stream.codec_context.options = {
            "deadline": "realtime",
            "cpu-used": "8",
            "lag-in-frames": "0",
        }
        for index, frame in enumerate(frames_of(video)):
            frame.pts, frame.time_base = index, Fraction(1, RATE)
            frame.pict_type = 1 if index % RATE == 0 else 0
            output.mux(stream.encode(frame))
            if index % RATE == RATE - 1:
                chunks.append(sink.handed_out())
        output.mux(stream.encode())
    chunks[-1] += sink.handed_out()
    return chunks


@pytest.fixture(scope="session")
def mp4(video: Path) -> list[bytes]:
    """Chunks as H.264 fragments, each from a keyframe on."""
    sink, chunks = Recorder(), []
    flags = {"movflags": "frag_keyframe+empty_moov+default_base_moof", "flush_packets": "1"}
    with av.open(str(video)) as source, av.open(sink, "w", format="mp4", options=flags) as output:
        stream = output.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is None:
                continue
            if packet.is_keyframe and sink.data:
                chunks.append(sink.handed_out())
            packet.stream = stream
            output.mux(packet)
    chunks.append(sink.handed_out())
    return chunks


def pushed(folder: Path, kind: ChunkKind, chunks: list[bytes], *, recorder: int = 1) -> Inbox:
    inbox = Inbox(folder)
    for number, chunk in enumerate(chunks):
        if chunk:
            inbox.put(recorder, number, kind, chunk)
    return inbox


def watched(inbox: Inbox, out: Path, **more: Any) -> Summary:
    source = f"push:{inbox.folder}"
    return watch(source, Settings(view=View.SEAT, tile_every=0, patience=2.5, **more), out)


def told(out: Path, word: str) -> list[dict[str, Any]]:
    lines = (out / "ledger.jsonl").read_text().splitlines()
    return [line["payload"] for line in map(json.loads, lines) if line["type"] == word]


@pytest.mark.parametrize("kind", [WEBM, MP4])
def test_every_picture_arrives_whatever_the_order_of_the_chunks(
    kind: ChunkKind, webm: list[bytes], mp4: list[bytes], tmp_path: Path
) -> None:
    chunks = webm if kind is WEBM else mp4
    inbox = Inbox(tmp_path / "inbox")
    for number in [*reversed(range(len(chunks))), 1, 0]:
        inbox.put(1, number, kind, chunks[number])
    inbox.end()
    summary = watched(inbox, tmp_path / "out")
    assert summary.frames == SECONDS * RATE
    assert abs(summary.seconds - SECONDS) < 0.5
    assert told(tmp_path / "out", "opened") == []
    assert inbox.chunks() == []
    assert verify(tmp_path / "out").broken == []


@pytest.mark.parametrize("kind", [WEBM, MP4])
def test_a_chunk_that_never_comes_is_a_gap_and_the_rest_is_seen(
    kind: ChunkKind, webm: list[bytes], mp4: list[bytes], tmp_path: Path
) -> None:
    chunks = webm if kind is WEBM else mp4
    inbox = pushed(tmp_path / "inbox", kind, [*chunks[:1], b"", *chunks[2:]])
    inbox.end()
    summary = watched(inbox, tmp_path / "out")
    reasons = [gap["reason"] for gap in told(tmp_path / "out", "gap")]
    assert "chunks 1 to 1 of recorder 1 did not come" in reasons
    assert summary.frames >= SECONDS * RATE / 2
    assert verify(tmp_path / "out").broken == []


def test_a_page_that_was_loaded_again_goes_on_with_a_new_recorder(
    webm: list[bytes], mp4: list[bytes], tmp_path: Path
) -> None:
    inbox = pushed(tmp_path / "inbox", WEBM, webm, recorder=1)
    pushed(tmp_path / "inbox", MP4, mp4, recorder=2)
    inbox.end()
    summary = watched(inbox, tmp_path / "out")
    assert summary.frames == 2 * SECONDS * RATE
    assert [x for x in told(tmp_path / "out", "opened") if x["kind"] == "clock_jump"] == []


def test_still_pictures_stand_at_the_times_pushed_with_them(video: Path, tmp_path: Path) -> None:
    inbox = Inbox(tmp_path / "inbox")
    frames = frames_of(video)[::4]
    codec = av.CodecContext.create("mjpeg", "w")
    codec.width, codec.height, codec.pix_fmt = 320, 240, "yuvj420p"
    codec.time_base = Fraction(1, 25)
    for number, frame in enumerate(frames):
        (packet,) = codec.encode(frame.reformat(format="yuvj420p"))
        data = bytes(packet) if number != 3 else bytes(packet)[:60]
        inbox.put(1, number, JPEG, data, at_ms=1_000_000 + 400 * number)
    inbox.end()
    summary = watched(inbox, tmp_path / "out")
    assert len(frames) - 2 <= summary.frames <= len(frames)
    assert abs(summary.seconds - 0.4 * (len(frames) - 1)) < 0.3


def test_a_recorder_that_stalls_is_a_lost_signal_and_in_the_end_gone(
    webm: list[bytes], tmp_path: Path
) -> None:
    inbox = pushed(tmp_path / "inbox", WEBM, webm[:3])
    with pytest.raises(SourceFailedError, match="gone for"):
        watched(inbox, tmp_path / "out")
    assert [x["kind"] for x in told(tmp_path / "out", "opened")][:1] in ([], ["signal_lost"])
    assert "gone for" in told(tmp_path / "out", "gap")[-1]["reason"]
    assert told(tmp_path / "out", "end")[0]["frames"] >= 2 * RATE


def test_where_nothing_is_pushed_the_watch_says_so(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="nothing that can be played"):
        watch(
            f"push:{tmp_path / 'inbox'}",
            Settings(view=View.SEAT, patience=0.2),
            tmp_path / "out",
            stop=threading.Event(),
        )
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("recorder", "number", "kind", "data", "named"),
    [
        (0, 0, WEBM, b"\x1a\x45\xdf\xa3", "recorder"),
        (1, -1, WEBM, b"\x1a\x45\xdf\xa3", "number"),
        (1, 10**9, WEBM, b"\x1a\x45\xdf\xa3", "number"),
        (1, 1, WEBM, b"", "empty"),
        (1, 0, WEBM, b"<html>", "does not begin"),
        (1, 0, MP4, b"\x1a\x45\xdf\xa3", "does not begin"),
        (1, 7, JPEG, b"GIF89a", "does not begin"),
        (1, 1, MP4, bytes(inboxes.MOST_BYTES + 1), "at most"),
    ],
)
def test_what_is_no_chunk_is_refused_by_name(
    recorder: int, number: int, kind: ChunkKind, data: bytes, named: str, tmp_path: Path
) -> None:
    with pytest.raises(BadInputError, match=named):
        Inbox(tmp_path).put(recorder, number, kind, data)
    assert list(tmp_path.iterdir()) == []


def test_an_inbox_that_nobody_empties_takes_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inboxes, "MOST_WAITING", 100)
    inbox = Inbox(tmp_path)
    inbox.put(1, 1, MP4, bytes(60))
    with pytest.raises(InboxFullError):
        inbox.put(1, 2, MP4, bytes(60))
    assert len(inbox.chunks()) == 1


DAMAGE = st.tuples(
    st.integers(0, 2), st.integers(0, 10**6), st.integers(0, 255) | st.integers(-200, -1)
)
"""Which chunk, where in it, and the byte that stands there then or, negative, how many go."""


@given(damages=st.lists(DAMAGE, min_size=1, max_size=12), kind=st.sampled_from([WEBM, MP4]))
@settings(max_examples=12)
def test_damaged_chunks_end_in_pictures_or_a_clear_message_and_never_in_a_crash(
    damages: list[tuple[int, int, int]],
    kind: ChunkKind,
    webm: list[bytes],
    mp4: list[bytes],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("fuzz")
    chunks = [bytearray(chunk) for chunk in (webm if kind is WEBM else mp4)[:3]]
    for which, place, change in damages:
        chunk = chunks[which]
        at = 8 + place % (len(chunk) - 8)
        if change < 0:
            del chunk[at : at - change]
        else:
            chunk[at] = change
    inbox = pushed(folder / "inbox", kind, [bytes(chunk) for chunk in chunks])
    inbox.end()
    with contextlib.suppress(BadInputError, SourceFailedError):
        watched(inbox, folder / "out")
    if (folder / "out").exists():
        assert verify(folder / "out").broken == []
