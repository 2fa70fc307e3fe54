import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from proctor.errors import BadInputError
from proctor.fleet.orders import CameraOrder
from proctor.fleet.rooms import Rooms
from proctor.fusion import Change
from proctor.kinds import View
from proctor.link import Alone, RoomTurn
from proctor.room import RoomWatch
from proctor.scenes import Part, Script
from proctor.settings import Settings
from proctor.watch import watch

COVERED = "camera_covered"


def room_of(cameras: int) -> RoomWatch:
    room = RoomWatch()
    room.cameras = {f"seat-{number}" for number in range(cameras)}
    return room


def test_most_cameras_within_two_seconds_are_one_change_that_ends_when_most_see_again() -> None:
    room = room_of(5)
    for number in range(3):
        room.tell(f"seat-{number}", COVERED, 10.0 + number)
    assert room.look(11.0) is None
    assert room.changing
    opened = room.look(13.0)
    assert opened == RoomTurn(Change.OPENED, 0.0, 3.0, 3, 5)
    assert room.look(14.0) is None
    room.tell("seat-0", COVERED, None)
    closed = room.look(20.0)
    assert closed is not None
    assert closed.change is Change.CLOSED
    assert not room.changing


def test_what_is_over_within_two_seconds_is_no_change() -> None:
    room = room_of(4)
    for number in range(4):
        room.tell(f"seat-{number}", COVERED, 10.0)
    assert room.look(11.0) is None
    for number in range(4):
        room.tell(f"seat-{number}", COVERED, None)
    assert room.look(11.5) is None
    assert room.look(20.0) is None


@pytest.mark.parametrize("cameras", [2, 6])
def test_half_of_a_room_or_a_room_of_two_is_no_room(cameras: int) -> None:
    room = room_of(cameras)
    for number in range(3):
        room.tell(f"seat-{number}", COVERED, 10.0)
    assert room.look(15.0) is None
    assert not room.changing


def test_cameras_that_fail_one_after_the_other_speak_for_themselves() -> None:
    room = room_of(4)
    for number in range(4):
        room.tell(f"seat-{number}", COVERED, 10.0 + 3 * number)
    assert room.look(25.0) is None


def order(stream: str, view: str = "seat", room: str = "r1") -> CameraOrder:
    return CameraOrder(stream=stream, source="x", out="x", view=view, room=room)


class Heard:
    """Stands where the workers are: keeps what each camera is told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, dict[str, Any]]] = []
        self.gone: set[str] = set()

    def __call__(self, stream: str, message: dict[str, Any]) -> bool:
        if stream in self.gone:
            return False
        self.told.append((stream, message))
        return True

    def said(self) -> list[tuple[str, str]]:
        return [(stream, x["change"]) for stream, x in self.told if x["do"] == "say"]


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def rooms(heard: Heard) -> Rooms:
    made = Rooms(heard)
    made.of([order("a"), order("b"), order("c"), order("hall", "room"), order("d", room="r2")])
    return made


def dark(rooms: Rooms, since: float | None) -> None:
    for stream in ("a", "b", "c", "hall"):
        rooms.fault(stream, COVERED, since, 100.0)


def test_all_are_told_to_be_silent_and_the_room_s_own_camera_writes(
    rooms: Rooms, heard: Heard
) -> None:
    dark(rooms, 1.0)
    rooms.look(100.0)
    silent = {stream for stream, x in heard.told if x["do"] == "room" and x["changing"]}
    assert silent == {"a", "b", "c", "hall"}
    rooms.look(101.5)
    rooms.look(102.0)
    assert heard.said() == [("hall", "opened")]
    dark(rooms, None)
    rooms.look(110.0)
    assert heard.said() == [("hall", "opened"), ("hall", "closed")]
    assert {x["changing"] for _, x in heard.told[-5:] if x["do"] == "room"} == {False}


def test_another_camera_writes_where_the_room_s_own_is_gone(rooms: Rooms, heard: Heard) -> None:
    heard.gone = {"hall"}
    dark(rooms, 3.0)
    rooms.look(100.0)
    assert heard.said() == [("a", "opened")]
    rooms.left("a")
    heard.gone = {"hall", "a"}
    rooms.look(101.0)
    assert heard.said()[-1] == ("b", "opened")


def test_a_camera_that_comes_back_into_a_dark_room_is_told(rooms: Rooms, heard: Heard) -> None:
    dark(rooms, 3.0)
    rooms.look(100.0)
    heard.told.clear()
    rooms.arrived("b")
    rooms.arrived("d")
    assert [(stream, x["changing"]) for stream, x in heard.told] == [("b", True)]


class InARoom(Alone):
    """A camera whose room has been changing all the time, and which writes that down."""

    def __init__(self, *, changing: bool) -> None:
        self._changing = changing
        self.turns = [RoomTurn(Change.OPENED, 0.0, 2.0, 3, 4)] if changing else []
        self.faults: list[tuple[str, bool]] = []

    def room_changing(self) -> bool:
        return self._changing

    def room_turns(self) -> list[RoomTurn]:
        turns, self.turns = self.turns, []
        return turns

    def told(self, kind: Any, since: float | None) -> None:
        self.faults.append((str(kind), since is not None))


@pytest.mark.parametrize("changing", [True, False])
def test_a_covered_seat_of_a_changing_room_claims_nothing_of_its_own(
    *, changing: bool, session_of: Callable[..., Path], tmp_path: Path
) -> None:
    parts = ((Part.NORMAL, 6.0), (Part.CAMERA_COVERED, 6.0), (Part.NORMAL, 5.0))
    video = session_of(Script("B", parts, seed=3, cover="dark", fps=5))
    link = InARoom(changing=changing)
    watch(video, Settings(view=View.SEAT, tile_every=0), tmp_path, link=link)
    events = [json.loads(line) for line in (tmp_path / "events.jsonl").read_text().splitlines()]
    kinds = [(event["kind"], event["severity"]) for event in events]
    assert kinds == ([("room_change", "notice")] if changing else [(COVERED, "alert")])
    # A room that is changing hears of each camera's fault only where evidence counts.
    assert (COVERED, True) in link.faults or changing


def test_seats_are_for_a_room_s_camera() -> None:
    with pytest.raises(BadInputError, match="seats: areas are for a room's camera"):
        Settings(view=View.SEAT, seats=(object(),))
