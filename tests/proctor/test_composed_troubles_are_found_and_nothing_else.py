import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from proctor.kinds import View
from proctor.scenes import COVERS, Part, Script
from proctor.settings import Settings
from proctor.watch import watch

NORMAL = Part.NORMAL


def events_of(video: Path, out: Path, **settings: Any) -> list[dict[str, Any]]:
    watch(video, Settings(view=View.SEAT, tile_every=0, **settings), out)
    return [json.loads(line) for line in (out / "events.jsonl").read_text().splitlines()]


def stretches_of(video: Path) -> list[tuple[str, float, float]]:
    labels = json.loads(video.with_suffix(".labels.json").read_text())
    return [(x["kind"], x["start"], x["end"]) for x in labels["stretches"]]


def assert_same(events: list[dict[str, Any]], stretches: list[tuple[str, float, float]]) -> None:
    assert [event["kind"] for event in events] == [kind for kind, _, _ in stretches]
    for event, (_, start, end) in zip(events, stretches, strict=True):
        assert abs(event["start"] - start) <= 1.5
        assert abs(event["end"] - end) <= 1.5
        assert not event["open"]


@pytest.mark.parametrize("cover", COVERS)
def test_empty_seat_second_face_and_every_cover_are_found(
    cover: str, session_of: Callable[..., Path], tmp_path: Path
) -> None:
    parts = (
        (NORMAL, 7.0),
        (Part.CAMERA_COVERED, 5.0),
        (NORMAL, 6.0),
        (Part.FACE_ABSENT, 5.0),
        (NORMAL, 6.0),
        (Part.SEVERAL_FACES, 4.0),
        (NORMAL, 5.0),
    )
    person = "ABCD"[COVERS.index(cover)]
    video = session_of(Script(person, parts, seed=3, cover=cover, gain=0.8, zoom=1.1))
    assert_same(events_of(video, tmp_path), stretches_of(video))


def test_freeze_and_push_are_found_and_claim_nothing_about_people(
    session_of: Callable[..., Path], tmp_path: Path
) -> None:
    parts = (
        (NORMAL, 9.0),
        (Part.CAMERA_FROZEN, 8.0),
        (NORMAL, 7.0),
        (Part.CAMERA_MOVED, 6.0),
        (NORMAL, 6.0),
    )
    video = session_of(Script("D", parts, seed=5))
    assert_same(events_of(video, tmp_path), stretches_of(video))


def test_another_person_is_found_with_a_reference(
    session_of: Callable[..., Path], tmp_path: Path, portrait: Callable[[str], Path]
) -> None:
    parts = ((NORMAL, 9.0), (Part.WRONG_PERSON, 12.0), (NORMAL, 8.0))
    video = session_of(Script("A", parts, seed=6, other="C"))
    events = events_of(video, tmp_path, references=(portrait("A"),))
    assert_same(events, stretches_of(video))


def test_without_a_reference_nobody_is_called_another_person(
    session_of: Callable[..., Path], tmp_path: Path
) -> None:
    parts = ((NORMAL, 9.0), (Part.WRONG_PERSON, 12.0), (NORMAL, 8.0))
    video = session_of(Script("A", parts, seed=6, other="C"))
    assert events_of(video, tmp_path) == []


def test_an_empty_seat_becomes_an_alert_after_fifteen_seconds(
    session_of: Callable[..., Path], tmp_path: Path
) -> None:
    parts = ((NORMAL, 5.0), (Part.FACE_ABSENT, 18.0), (NORMAL, 3.0))
    video = session_of(Script("C", parts, seed=8, fps=5))
    (event,) = events_of(video, tmp_path)
    assert (event["kind"], event["severity"]) == ("face_absent", "alert")


def test_a_quiet_session_has_no_events(quiet: Path, tmp_path: Path) -> None:
    assert events_of(quiet, tmp_path) == []


def test_the_same_file_gives_the_same_events_every_time(troubled: Path, tmp_path: Path) -> None:
    first, second = (events_of(troubled, tmp_path / name) for name in ("one", "two"))
    for event in (*first, *second):
        del event["wall"]
    assert first == second
    assert len(first) == 3


def test_a_second_expected_person_is_not_called(troubled: Path, tmp_path: Path) -> None:
    kinds = {event["kind"] for event in events_of(troubled, tmp_path, people=2)}
    assert kinds == {"face_absent", "camera_covered"}
