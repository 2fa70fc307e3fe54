import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from proctor import trace
from proctor.errors import BadInputError
from proctor.fusion import Change, Turn
from proctor.kinds import Kind, Severity, View
from proctor.recorder import Recorder
from proctor.replay import replay
from proctor.scenes import Part, Script
from proctor.seats import SeatArea
from proctor.settings import Settings
from proctor.watch import watch
from tests.proctor.conftest import SteppingClock, made_once
from tests.proctor.test_an_event_is_given_again_from_what_was_kept import forged

AREAS = tuple(
    SeatArea(seat, ((left, 0.0), (left + 0.5, 0.0), (left + 0.5, 1.0), (left, 1.0)), people=0)
    for seat, left in (("17", 0.0), ("18", 0.5))
)
ROOM = Settings(view=View.ROOM, seats=AREAS, tile_every=0)
FRAMED = (255, 160, 0)


@pytest.fixture(scope="module")
def room(session_of: Callable[..., Path], shared: Path) -> Path:
    """The folder of a room's camera at whose seats a visitor sat for twelve seconds."""
    parts = ((Part.NORMAL, 6.0), (Part.PERSON_ENTERED, 12.0), (Part.NORMAL, 6.0))
    video = session_of(Script("room", parts, seed=41, fps=5))

    def make(draft: Path) -> None:
        watch(video, ROOM, draft)

    return made_once(shared / "room-with-seats", make)


@pytest.fixture(scope="module")
def events(room: Path) -> list[dict[str, Any]]:
    told = [json.loads(line) for line in (room / "events.jsonl").read_text().splitlines()]
    assert told, "nobody was seen at any seat"
    return told


def moments_of(room: Path, event: int) -> tuple[dict[str, Any], list[trace.Moment]]:
    return trace.read((room / "evidence" / f"{event:04}-trace.jsonl").read_bytes())


def test_its_answers_numbers_and_boxes_stand_in_the_trace(
    room: Path, events: list[dict[str, Any]]
) -> None:
    for event in events:
        name = f"person_entered@{event['seat']}"
        header, moments = moments_of(room, event["event"])
        assert (header["kind"], header["seat"]) == ("person_entered", event["seat"])
        said = [moment["us"] / 1e6 for moment in moments if moment.get("answers", {}).get(name)]
        assert abs(said[-1] - event["end"]) < 0.01
        numbers = [moment["facts"][name] for moment in moments if name in moment.get("facts", {})]
        assert event["facts"] in numbers
        found = [box for moment in moments for box in moment.get("things", {}).get(name, ())]
        assert found
        left = 320 if event["seat"] == "18" else 0
        assert all(left <= x + width / 2 <= left + 320 for x, _, width, _ in found)


def test_what_was_seen_at_the_seat_is_framed_in_its_stills(
    room: Path, events: list[dict[str, Any]]
) -> None:
    for event in events:
        name = f"person_entered@{event['seat']}"
        _, moments = moments_of(room, event["event"])
        boxes = [m["things"][name] for m in moments if name in m.get("things", {})][-1]
        picture = cv2.imread(str(room / "evidence" / f"{event['event']:04}-last.jpg"))
        assert picture is not None
        for x, y, width, height in boxes:
            left, top = max(1, x), y + height // 4
            edge = picture[top : top + height // 2, left - 1 : left + 2].astype(np.int16)
            assert width < 640
            assert np.abs(edge - FRAMED).max(axis=2).min() < 60, "no frame stands there"


def test_it_is_given_again(room: Path, events: list[dict[str, Any]]) -> None:
    for event in events:
        result = replay(room, event["event"])
        assert result.agrees, (result.conditions, result.differences)
        assert result.again is not None
        for name in ("kind", "start_ms", "end_ms", "severity", "confidence_pm", "facts"):
            assert result.again[name] == result.stored[name]


def test_a_ledger_that_names_another_seat_is_told_apart(
    room: Path, events: list[dict[str, Any]], tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(room, tmp_path / "room"))

    def change(line: dict[str, Any]) -> None:
        if line["type"] in {"opened", "updated", "closed"} and line["payload"]["event"] == 1:
            line["payload"]["kind"] = "phone"

    forged(folder, change)
    assert not replay(folder, 1).agrees


def test_a_room_s_change_is_not_given_again_from_one_camera(
    clock: SteppingClock, tmp_path: Path
) -> None:
    recorder = Recorder(tmp_path, ROOM, clock=clock, key=None, on_event=None)
    for change in (Change.OPENED, Change.CLOSED):
        turn = Turn(change, Kind.ROOM_CHANGE, 1.0, 4.0, 1.0, Severity.NOTICE)
        recorder.turn(turn, {"cameras": 3, "of": 4})
    recorder.end(0, 0, 0)
    recorder.close()
    with pytest.raises(BadInputError, match="EVENT 1: room_change was told by several cameras"):
        replay(tmp_path, 1)


def test_a_seat_s_name_is_no_camera_s_own_as_well() -> None:
    with pytest.raises(BadInputError, match="seat: 17 is one of seats as well"):
        Settings(view=View.ROOM, seats=AREAS, seat="17")
