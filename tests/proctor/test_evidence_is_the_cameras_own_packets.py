import json
from pathlib import Path

import av

from proctor.kinds import View
from proctor.settings import Settings
from proctor.watch import watch


def packets_of(video: Path) -> list[bytes]:
    with av.open(str(video)) as opened:
        return [bytes(packet) for packet in opened.demux(video=0) if packet.size]


def test_nothing_is_encoded_again(troubled: Path, watched: Path) -> None:
    sent = packets_of(troubled)
    for clip in sorted((watched / "evidence").glob("*.mp4")):
        kept = packets_of(clip)
        at = sent.index(kept[0])
        assert kept == sent[at : at + len(kept)]


def test_each_clip_runs_from_ten_seconds_before_to_five_after(watched: Path) -> None:
    told = [json.loads(line) for line in (watched / "ledger.jsonl").read_text().splitlines()]
    began = {
        x["payload"]["event"]: x["payload"]["start_ms"] / 1000
        for x in told
        if x["type"] == "evidence"
    }
    for line in (watched / "events.jsonl").read_text().splitlines():
        event = json.loads(line)
        with av.open(str(watched / event["evidence"])) as clip:
            frames = list(clip.decode(video=0))
        start = began[event["event"]]
        end = start + frames[-1].time - frames[0].time
        assert frames[0].key_frame
        assert start <= max(0.0, event["start"] - 10) <= start + 2.1
        assert abs(end - (event["end"] + 5)) <= 0.6


def test_a_clip_that_still_grows_can_be_read(troubled: Path, tmp_path: Path) -> None:
    readable = []

    def look(line: dict[str, object]) -> None:
        if line["type"] == "closed":
            newest = max((tmp_path / "evidence").glob("*.mp4"))
            readable.append(len(packets_of(newest)))

    watch(troubled, Settings(view=View.SEAT, tile_every=0), tmp_path, on_event=look)
    assert len(readable) == 3
    assert min(readable) > 50
