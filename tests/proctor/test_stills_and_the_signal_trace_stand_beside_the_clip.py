import json
import shutil
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from proctor import trace
from proctor.erasure import erase
from proctor.ledger.verify import verify
from tests.proctor.conftest import KEY


@pytest.fixture
def folder(watched: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(watched, tmp_path / "seat-1"))


def evidence_of(folder: Path, event: int) -> dict[str, Any]:
    lines = [json.loads(line) for line in (folder / "ledger.jsonl").read_bytes().splitlines()]
    (payload,) = [
        line["payload"]
        for line in lines
        if line["type"] == "evidence" and line["payload"]["event"] == event
    ]
    return dict(payload)


def event_of(folder: Path, event: int) -> dict[str, Any]:
    lines = (folder / "events.jsonl").read_text().splitlines()
    return next(told for told in map(json.loads, lines) if told["event"] == event)


@pytest.mark.parametrize("event", [1, 2, 3])
def test_every_file_beside_a_clip_is_recorded_and_small(folder: Path, event: int) -> None:
    payload = evidence_of(folder, event)
    beside = {Path(path).name.partition("-")[2] for path in payload["attached"]}
    assert {"opened.jpg", "last.jpg", "trace.jsonl", "baseline.json.gz"} <= beside
    sizes = [(folder / path).stat().st_size for path in payload["attached"]]
    assert sum(sizes) < payload["bytes"] / 5
    assert verify(folder, key=KEY.public_key()).broken == []


def test_what_was_found_is_framed_in_the_stills(folder: Path) -> None:
    moments = trace.read((folder / "evidence" / "0002-trace.jsonl").read_bytes())[1]
    shown = [moment for moment in moments if moment.get("answers", {}).get("several_faces") == 1]
    picture = cv2.imread(str(folder / "evidence" / "0002-last.jpg")).astype(np.int16)
    assert len(shown[-1]["boxes"]) == 2
    for x, y, width, height, score in shown[-1]["boxes"]:
        assert score >= 600
        edge = picture[y + height // 4 : y + 3 * height // 4, max(0, x)]
        assert np.abs(edge - (0, 220, 255)).max(axis=1).min() < 60, "no frame stands there"
        assert width < 640


@pytest.mark.parametrize("event", [1, 2, 3])
def test_the_trace_runs_from_ten_seconds_before_to_five_after(folder: Path, event: int) -> None:
    told = event_of(folder, event)
    path = folder / "evidence" / f"{event:04}-trace.jsonl"
    header, moments = trace.read(path.read_bytes())
    assert (header["event"], header["kind"]) == (event, told["kind"])
    first, last = moments[0]["us"] / 1e6, moments[-1]["us"] / 1e6
    assert first <= max(0.0, told["start"] - 10) + 0.3
    assert abs(last - (told["end"] + 5)) < 0.6
    looks = [moment for moment in moments if moment.get("looked")]
    assert len(looks) >= 4.5 * (last - first)
    said = [m["us"] / 1e6 for m in looks if m["answers"].get(told["kind"]) == 1]
    assert abs(said[-1] - told["end"]) < 0.01


def numbers(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [number for held in value.values() for number in numbers(held)]
    return (
        [number for held in value for number in numbers(held)]
        if isinstance(value, list)
        else [value]
    )


def test_a_trace_holds_nothing_but_integers_and_unknown(folder: Path) -> None:
    for path in (folder / "evidence").glob("*-trace.jsonl"):
        for moment in trace.read(path.read_bytes())[1]:
            assert {type(number) for number in numbers(moment)} <= {int, type(None)}


def test_the_numbers_of_the_event_stand_in_its_trace(folder: Path) -> None:
    told = event_of(folder, 3)
    moments = trace.read((folder / "evidence" / "0003-trace.jsonl").read_bytes())[1]
    facts = [moment.get("facts", {}).get("camera_covered") for moment in moments]
    assert told["facts"] in facts


@pytest.mark.parametrize("name", ["0001-opened.jpg", "0002-trace.jsonl", "0003-baseline.json.gz"])
def test_an_altered_file_beside_a_clip_is_named(folder: Path, name: str) -> None:
    path = folder / "evidence" / name
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    assert verify(folder).broken == [
        f"evidence/{name}: altered: its SHA-256 is not the recorded one"
    ]


def test_an_altered_profile_is_named(folder: Path) -> None:
    (profile,) = (folder / "profiles").iterdir()
    profile.write_bytes(profile.read_bytes().replace(b"seat", b"room"))
    assert "no start line names" in verify(folder).broken[0]


def test_everything_beside_a_clip_goes_with_it(folder: Path) -> None:
    erase(folder, ["evidence/0002.mp4"], rule="term over", authorised="order-7", key=KEY)
    left = {path.name[:4] for path in (folder / "evidence").iterdir()}
    assert left == {"0001", "0003"}
    assert verify(folder, key=KEY.public_key()).broken == []


def test_one_still_can_go_alone(folder: Path) -> None:
    still = "evidence/0002-opened.jpg"
    erase(folder, [still], rule="a bystander asked", authorised="order-8", key=KEY)
    assert not (folder / still).exists()
    assert (folder / "evidence" / "0002.mp4").exists()
    assert verify(folder).broken == []


def test_a_trace_that_was_cut_in_mid_write_is_read_as_far_as_it_goes() -> None:
    data = b'{"format":"kaochang-trace/1","event":1,"kind":"phone"}\n{"us":5}\n{"us":'
    assert trace.read(data)[1] == [{"us": 5}]
    for other in (b"", b"[]\n", b'{"format":"x"}\n', data.replace(b'{"us":5}', b"{}")):
        with pytest.raises(ValueError, match=r"trace|time"):
            trace.read(other)
