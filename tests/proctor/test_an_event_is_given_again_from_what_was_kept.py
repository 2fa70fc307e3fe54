import base64
import gzip
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from proctor import recall
from proctor.cli import main
from proctor.errors import BadInputError, BrokenLedgerError
from proctor.kinds import View
from proctor.ledger.lines import FIRST_PREV, canonical, digest
from proctor.models import store
from proctor.observe import Observer
from proctor.replay import replay
from proctor.scenes import Part, Script
from proctor.settings import Settings, of_profile
from proctor.watch import watch
from tests.proctor.test_a_replaced_feed_is_told_at_once import as_transport_stream

NORMAL = Part.NORMAL


@pytest.fixture
def folder(watched: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(watched, tmp_path / "seat-1"))


def forged(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Change payloads and make the chain hold again, as somebody without the key could."""
    prev = FIRST_PREV
    made: list[bytes] = []
    for raw in (folder / "ledger.jsonl").read_bytes().splitlines():
        line = json.loads(raw)
        if line["type"] == "checkpoint":
            continue
        change(line)
        line |= {"seq": len(made) + 1, "prev": prev, "payload_sha256": digest(line["payload"])}
        line["hash"] = digest({name: line[name] for name in line if name != "hash"})
        prev = line["hash"]
        made.append(canonical(line) + b"\n")
    (folder / "ledger.jsonl").write_bytes(b"".join(made))


@pytest.mark.parametrize("event", [1, 2, 3])
def test_the_same_event_comes_again(watched: Path, event: int) -> None:
    result = replay(watched, event)
    assert result.agrees
    assert result.again is not None
    for name in ("kind", "start_ms", "end_ms", "severity", "confidence_pm", "facts"):
        assert result.again[name] == result.stored[name]


@pytest.mark.parametrize(
    ("script", "view", "people", "kinds"),
    [
        (
            Script(
                "D",
                (
                    (NORMAL, 9.0),
                    (Part.CAMERA_FROZEN, 8.0),
                    (NORMAL, 7.0),
                    (Part.CAMERA_MOVED, 6.0),
                    (NORMAL, 6.0),
                ),
                seed=5,
            ),
            View.SEAT,
            None,
            ["camera_frozen", "camera_moved"],
        ),
        (
            Script(
                "room", ((NORMAL, 6.0), (Part.PERSON_ENTERED, 10.0), (NORMAL, 6.0)), seed=41, fps=5
            ),
            View.ROOM,
            0,
            ["person_entered"],
        ),
        (
            Script("E", ((NORMAL, 10.0), (Part.LOOKING_AWAY, 7.0), (NORMAL, 5.0)), seed=42),
            View.SEAT,
            None,
            ["looking_away"],
        ),
    ],
)
def test_what_a_camera_was_used_to_is_remembered(
    script: Script,
    view: View,
    people: int | None,
    kinds: list[str],
    session_of: Callable[..., Path],
    tmp_path: Path,
) -> None:
    watch(session_of(script), Settings(view=view, people=people, tile_every=0), tmp_path)
    results = [replay(tmp_path, event) for event in range(1, len(kinds) + 1)]
    assert [result.stored["kind"] for result in results] == kinds
    for result in results:
        assert result.agrees
        assert result.again is not None
        assert result.again["start_ms"] == result.stored["start_ms"]
        assert result.again["end_ms"] == result.stored["end_ms"]


def test_a_registered_photo_is_given_again_and_held_against_its_hash(
    session_of: Callable[..., Path], tmp_path: Path, portrait: Callable[..., Path]
) -> None:
    parts = ((NORMAL, 9.0), (Part.WRONG_PERSON, 12.0), (NORMAL, 8.0))
    video = session_of(Script("A", parts, seed=6, other="C"))
    photo = portrait("A")
    watch(video, Settings(view=View.SEAT, tile_every=0, references=(photo,)), tmp_path)
    with pytest.raises(BadInputError, match="--reference: the photo with SHA-256"):
        replay(tmp_path, 1)
    with pytest.raises(BadInputError, match="--reference"):
        replay(tmp_path, 1, references=(portrait("A", at=5),))
    result = replay(tmp_path, 1, references=(photo,))
    assert result.stored["kind"] == "wrong_person"
    assert result.agrees


def test_no_embedding_is_part_of_what_is_remembered() -> None:
    vector = np.linspace(0, 1, 128, dtype=np.float32)
    packed = base64.b64encode(vector.tobytes()).decode()
    observer = Observer(Settings(view=View.SEAT), [vector])
    written = gzip.decompress(recall.dump({}, recall.pack(observer))).decode()
    assert "proctor.identity:IdentityTrack" in written
    assert packed not in written
    assert packed in gzip.decompress(recall.dump({}, recall.pack([vector]))).decode()


def test_what_is_measured_on_packets_comes_again_from_the_trace(
    session_of: Callable[..., Path], tmp_path: Path
) -> None:
    videos = [
        session_of(Script("B", ((NORMAL, 4.0),), seed=51)),
        session_of(Script("B", ((NORMAL, 4.0),), seed=51, width=320, height=240)),
    ]
    spliced = tmp_path / "spliced.ts"
    data = [as_transport_stream(video, tmp_path / f"{video.parent.name}.ts") for video in videos]
    spliced.write_bytes(b"".join(data))
    watch(spliced, Settings(view=View.SEAT, tile_every=0), tmp_path / "out")
    lines = (tmp_path / "out" / "events.jsonl").read_text().splitlines()
    kinds = {told["kind"]: told["event"] for told in map(json.loads, lines)}
    assert {"clock_jump", "feed_replaced"} <= kinds.keys()
    for event in kinds.values():
        assert replay(tmp_path / "out", event).differences == []


def test_other_weights_are_named(watched: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "weights_sha256", lambda: "0" * 64)
    result = replay(watched, 1)
    assert not result.agrees
    assert result.conditions[0].startswith("weights: then ")
    assert result.differences == []


def test_a_changed_clip_is_named(folder: Path) -> None:
    clip = folder / "evidence" / "0001.mp4"
    clip.write_bytes(clip.read_bytes() + b"\0")
    result = replay(folder, 1)
    assert not result.agrees
    assert result.conditions == ["evidence/0001.mp4: altered, its SHA-256 is not the recorded one"]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("start_ms", 6000, "start_ms: 6000, now 8000"),
        ("end_ms", 11_000, "end_ms: 11000, now 13800"),
        ("facts", {"faces": 0, "brightness": 40}, "facts.brightness: 40, now "),
        ("facts", {"faces": 0}, "facts.brightness: None, now "),
        ("kind", "phone", "no phone came again"),
        ("severity", "alert", "severity: alert, now notice"),
    ],
)
def test_a_ledger_that_tells_another_story_is_told_apart(
    folder: Path, name: str, value: Any, said: str
) -> None:
    def change(line: dict[str, Any]) -> None:
        if line["type"] in {"opened", "updated", "closed"} and line["payload"]["event"] == 1:
            line["payload"][name] = value

    forged(folder, change)
    result = replay(folder, 1)
    assert not result.agrees
    assert any(sentence.startswith(said) for sentence in result.differences)


def test_a_profile_that_was_altered_or_not_kept_is_refused(folder: Path) -> None:
    (profile,) = (folder / "profiles").iterdir()
    kept = profile.read_bytes()
    profile.write_bytes(kept.replace(b'"people":1', b'"people":2'))
    with pytest.raises(BadInputError, match="altered, the start line names"):
        replay(folder, 1)
    profile.unlink()
    with pytest.raises(BadInputError, match="was not kept"):
        replay(folder, 1)


def test_erased_missing_and_unknown_events_are_refused(
    folder: Path, make_writer: Callable[..., Any]
) -> None:
    with pytest.raises(BadInputError, match="EVENT 9: no line"):
        replay(folder, 9)
    (folder / "evidence" / "0002.mp4").unlink()
    with pytest.raises(BadInputError, match=r"0002\.mp4 is missing"):
        replay(folder, 2)
    writer = make_writer(folder)
    writer.append("erased", {"paths": ["evidence/0002.mp4"], "rule": "r", "authorised": "d"})
    writer.close()
    with pytest.raises(BadInputError, match=r"0002\.mp4 was erased"):
        replay(folder, 2)


def test_a_broken_chain_gives_nothing_again(folder: Path) -> None:
    ledger = folder / "ledger.jsonl"
    ledger.write_bytes(ledger.read_bytes().replace(b"face_absent", b"face_present", 1))
    with pytest.raises(BrokenLedgerError, match="line "):
        replay(folder, 1)


def test_the_command_tells_and_its_exit_code_says_so(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["replay", str(folder), "1"]) == 0
    assert "the same event came again" in capsys.readouterr().err
    assert main(["replay", str(folder), "1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["agrees"] is True
    clip = folder / "evidence" / "0001.mp4"
    clip.write_bytes(clip.read_bytes() + b"\0")
    assert main(["replay", str(folder), "1"]) == 1
    assert "altered" in capsys.readouterr().err
    assert main(["replay", str(folder), "7"]) == 2


@pytest.mark.parametrize("view", list(View))
@pytest.mark.parametrize("people", [None, 1, 3])
def test_a_stored_profile_gives_the_settings_back(view: View, people: int | None) -> None:
    settings = Settings(view=view, people=people, rate=7.5, clip_limit=60)
    again = of_profile(settings.profile(), ())
    assert again.sha256() == settings.sha256()
    assert (again.expected, again.rate) == (settings.expected, 7.5)


@pytest.mark.parametrize(
    "state",
    [
        {"object": "os:environ", "fields": {}},
        {"object": "proctor.ledger.writer:LedgerWriter", "fields": {}},
        {"object": "proctor.observe:av", "fields": {}},
        {"object": "proctor.identity:IdentityTrack", "fields": {"_references": None}},
        {"enum": "subprocess:Popen", "value": "x"},
        {"enum": "proctor.kinds:View", "value": "nowhere"},
        {"list": 3},
        {"unheard": []},
    ],
)
def test_a_baseline_made_by_somebody_else_runs_nothing(state: Any) -> None:
    header, frozen = recall.load(recall.dump({"us": 0}, json.dumps(state).encode()))
    assert header["us"] == 0
    with pytest.raises(ValueError, match=r"."):
        recall.thaw(frozen)


def test_a_class_that_does_more_than_remember_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="cannot be part of a baseline"):
        recall.freeze([tmp_path])
