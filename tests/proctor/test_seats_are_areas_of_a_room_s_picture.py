import json
from collections.abc import Callable
from pathlib import Path

import pytest

from proctor.errors import BadInputError
from proctor.kinds import View
from proctor.scenes import Part, Script
from proctor.seats import SeatArea, seat_areas
from proctor.settings import Settings, with_profile
from proctor.watch import watch

LEFT = [[0.0, 0.0], [0.5, 0.0], [0.5, 1.0], [0.0, 1.0]]
RIGHT = [[0.5, 0.0], [1.0, 0.0], [1.0, 1.0], [0.5, 1.0]]
PROFILE = f"""
[[seats]]
seat = "17"
corners = {LEFT}
people = 0

[[seats]]
seat = "18"
corners = {RIGHT}
people = 0
"""


def test_a_visitor_at_a_seat_is_an_event_of_that_seat(
    session_of: Callable[..., Path], tmp_path: Path
) -> None:
    parts = ((Part.NORMAL, 6.0), (Part.PERSON_ENTERED, 12.0), (Part.NORMAL, 6.0))
    video = session_of(Script("room", parts, seed=41, fps=5))
    profile = tmp_path / "room.toml"
    profile.write_text(PROFILE)
    settings = with_profile(Settings(view=View.ROOM, tile_every=0), profile)
    watch(video, settings, tmp_path / "out")
    text = (tmp_path / "out" / "events.jsonl").read_text()
    events = [json.loads(line) for line in text.splitlines()]
    assert {event["kind"] for event in events} == {"person_entered"}
    assert {event["seat"] for event in events} <= {"17", "18"}
    assert all(5 <= event["start"] <= 19 and event["facts"]["expected"] == 0 for event in events)


def test_where_as_many_people_are_as_seats_expect_nothing_is_said(
    session_of: Callable[..., Path], tmp_path: Path
) -> None:
    parts = ((Part.NORMAL, 6.0), (Part.PERSON_ENTERED, 12.0), (Part.NORMAL, 6.0))
    video = session_of(Script("room", parts, seed=41, fps=5))
    areas = tuple(
        SeatArea(name, tuple((x, y) for x, y in corners), people=6)
        for name, corners in (("17", LEFT), ("18", RIGHT))
    )
    watch(video, Settings(view=View.ROOM, seats=areas, tile_every=0), tmp_path)
    assert (tmp_path / "events.jsonl").read_text() == ""


def test_a_point_lies_in_the_area_that_its_corners_bound() -> None:
    area = SeatArea("1", ((0.2, 0.2), (0.8, 0.2), (0.5, 0.8)))
    assert area.holds(0.5, 0.3)
    assert not area.holds(0.25, 0.7)
    assert not area.holds(0.9, 0.3)


def test_other_seats_give_another_profile_hash() -> None:
    one, two = (
        Settings(view=View.ROOM, seats=seat_areas([{"seat": name, "corners": LEFT}]))
        for name in ("1", "2")
    )
    assert one.sha256() != two.sha256()
    assert one.sha256() != Settings(view=View.ROOM).sha256()


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ({"seat": "1", "corners": LEFT[:2]}, "seats, entry 1 \\(1\\): corners are at least three"),
        ({"seat": "1", "corners": [[0, 0], [2, 0], [1, 1]]}, "each from 0 to 1"),
        ({"seat": "", "corners": LEFT}, "seat is a name"),
        ({"seat": "1", "corners": LEFT, "people": -1}, "people is a number"),
        ({"seat": "1", "corners": LEFT, "row": 2}, "give seat, corners"),
        ("17", "give seat, corners"),
        ({"seat": "1", "corners": 7}, "corners are at least three"),
    ],
)
def test_a_seat_that_cannot_be_read_is_named(told: object, says: str) -> None:
    with pytest.raises(BadInputError, match=says):
        seat_areas([told])


def test_a_seat_that_stands_there_twice_is_named() -> None:
    with pytest.raises(BadInputError, match="17 stands there twice"):
        seat_areas([{"seat": "17", "corners": LEFT}, {"seat": "17", "corners": RIGHT}])
