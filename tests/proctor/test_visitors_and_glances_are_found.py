import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from unittest.mock import patch

import av
import pytest

from proctor.errors import BadInputError
from proctor.kinds import Kind, View
from proctor.observe import Observer
from proctor.planes import Planes
from proctor.pose import Pose
from proctor.scenes import Part, Script
from proctor.seek import FaceSeeker
from proctor.settings import Settings
from proctor.watch import watch

NORMAL = Part.NORMAL


def found(video: Path, out: Path, settings: Settings) -> list[tuple[str, float, float]]:
    watch(video, settings, out)
    events = [json.loads(line) for line in (out / "events.jsonl").read_text().splitlines()]
    return [(event["kind"], event["start"], event["end"]) for event in events]


def test_a_visitor_in_an_empty_room(session_of: Callable[..., Path], tmp_path: Path) -> None:
    parts = ((NORMAL, 6.0), (Part.PERSON_ENTERED, 10.0), (NORMAL, 6.0))
    video = session_of(Script("room", parts, seed=41, fps=5))
    settings = Settings(view=View.ROOM, people=0, tile_every=0)
    ((kind, start, end),) = found(video, tmp_path, settings)
    assert kind == "person_entered"
    assert abs(start - 6) <= 1.5
    assert abs(end - 16) <= 1.5


def test_a_room_of_which_nobody_said_how_many_claims_nothing(
    session_of: Callable[..., Path], tmp_path: Path
) -> None:
    parts = ((NORMAL, 6.0), (Part.PERSON_ENTERED, 10.0), (NORMAL, 6.0))
    video = session_of(Script("room", parts, seed=41, fps=5))
    assert found(video, tmp_path, Settings(view=View.ROOM, tile_every=0)) == []


def test_a_head_turned_away_for_long(session_of: Callable[..., Path], tmp_path: Path) -> None:
    parts = ((NORMAL, 10.0), (Part.LOOKING_AWAY, 7.0), (NORMAL, 5.0))
    video = session_of(Script("E", parts, seed=42))
    ((kind, start, end),) = found(video, tmp_path, Settings(view=View.SEAT, tile_every=0))
    assert kind == "looking_away"
    assert abs(start - 10) <= 1.5
    assert abs(end - 17) <= 1.5


@pytest.mark.parametrize(
    ("yaw", "down", "away"),
    [
        (36.0, 0.0, True),
        (-36.0, 0.0, True),
        (32.0, 0.0, None),
        (29.0, 0.0, False),
        (0.0, 31.0, True),
        (0.0, 27.0, None),
        (0.0, 24.0, False),
        (32.0, 31.0, True),
    ],
)
def test_a_head_that_wavers_about_the_limit_is_neither_turned_nor_not(
    yaw: float, down: float, *, away: bool | None
) -> None:
    observer = Observer(Settings(view=View.SEAT), [])
    for look in range(60):
        observer._turned(Pose(0.0, 0.0, 0.0), look / 5)
    assert observer._turned(Pose(yaw, down, 0.0), 12.2).yes is away


def test_a_head_that_may_be_turned_is_looked_at_again_at_once(
    session_of: Callable[..., Path],
) -> None:
    parts = ((NORMAL, 8.0), (Part.LOOKING_AWAY, 4.0))
    observer = Observer(Settings(view=View.SEAT), [])
    doubted = []
    with (
        patch.object(FaceSeeker, "look", autospec=True, side_effect=FaceSeeker.look) as asked,
        av.open(str(session_of(Script("E", parts, seed=42)))) as source,
    ):
        for frame in list(source.decode(video=0))[::2]:
            said = observer.look(Planes(frame), frame.time or 0.0).says(Kind.LOOKING_AWAY)
            doubted.append((said, asked.call_args.kwargs["doubted"]))
    again = [after for (said, _), (_, after) in pairwise(doubted) if said.yes]
    calm = [after for (said, _), (_, after) in pairwise(doubted) if said.yes is False]
    assert again
    assert all(again)
    assert calm
    assert not any(calm)


def test_of_two_faces_nobody_says_which_one_is_turned(session_of: Callable[..., Path]) -> None:
    parts = ((NORMAL, 8.0), (Part.SEVERAL_FACES, 6.0), (NORMAL, 3.0))
    observer = Observer(Settings(view=View.SEAT), [])
    with av.open(str(session_of(Script("C", parts, seed=43, fps=5, other="D")))) as source:
        looks = [
            observer.look(Planes(frame), frame.time or 0.0) for frame in source.decode(video=0)
        ]
    both = [look for look in looks if len(look.faces) == 2]
    assert len(both) > 20
    assert {look.says(Kind.LOOKING_AWAY).yes for look in both} == {None}
    assert any(look.says(Kind.LOOKING_AWAY).yes is False for look in looks)


def test_a_part_that_no_clip_shows_is_refused() -> None:
    with pytest.raises(BadInputError, match="looking_away cannot be composed for A"):
        Script("A", ((Part.LOOKING_AWAY, 3.0),))
