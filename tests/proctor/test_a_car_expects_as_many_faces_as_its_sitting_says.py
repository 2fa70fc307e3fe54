import json
from collections.abc import Callable
from pathlib import Path

import pytest

from proctor.kinds import View
from proctor.scenes import Part, Script
from proctor.settings import Settings
from proctor.watch import watch


@pytest.mark.parametrize(
    ("subject", "people", "found", "may_be"),
    [("S2", 1, {"several_faces"}, {"several_faces", "person_entered"}), ("S3R", 2, set(), set())],
)
def test_a_second_face_in_the_car(
    subject: str,
    people: int,
    found: set[str],
    may_be: set[str],
    session_of: Callable[..., Path],
    tmp_path: Path,
) -> None:
    parts = ((Part.NORMAL, 6.0), (Part.SEVERAL_FACES, 8.0), (Part.NORMAL, 5.0))
    video = session_of(Script("B", parts, seed=21))
    settings = Settings(view=View.CABIN, people=people, tile_every=0)
    watch(video, settings, tmp_path)
    events = [json.loads(line) for line in (tmp_path / "events.jsonl").read_text().splitlines()]
    alerts = {event["kind"] for event in events if event["severity"] == "alert"}
    assert found <= alerts <= may_be, subject
