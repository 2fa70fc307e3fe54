import hashlib
import json
from pathlib import Path

import av
import numpy as np
import pytest

from proctor.cli import main
from proctor.detector import Face, find_faces
from proctor.errors import BadInputError
from proctor.export import Show, export
from proctor.ledger.verify import verify


def faces_in(video: Path, *, every: int = 5) -> list[list[Face]]:
    with av.open(str(video)) as opened:
        return [
            find_faces(np.asarray(frame.to_ndarray(format="bgr24"), np.uint8), longest=640)
            for index, frame in enumerate(opened.decode(video=0))
            if index % every == 0
        ]


def count(video: Path) -> int:
    with av.open(str(video)) as opened:
        return sum(1 for _ in opened.decode(video=0))


def test_the_second_face_is_gone_and_the_candidates_stays(watched: Path, tmp_path: Path) -> None:
    original = watched / "evidence" / "0002.mp4"
    before = hashlib.sha256(original.read_bytes()).hexdigest()
    copy = tmp_path / "copy.mp4"
    note = export(watched, 2, copy)
    assert max(len(faces) for faces in faces_in(original)) == 2
    left = faces_in(copy)
    assert max(len(faces) for faces in left) == 1
    assert sum(len(faces) for faces in left) > len(left) / 2
    assert (note.shown, note.original_sha256) == ("seat", before)
    assert note.pictures == count(original) == count(copy)
    assert 0 < note.hidden < note.pictures
    assert hashlib.sha256(original.read_bytes()).hexdigest() == before
    told = json.loads((tmp_path / "copy.json").read_text())
    assert told["sha256"] == hashlib.sha256(copy.read_bytes()).hexdigest()
    assert told["head"] == verify(watched).head
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy.json", "copy.mp4"]


def test_where_nobody_is_to_be_seen_no_face_is_left(watched: Path, tmp_path: Path) -> None:
    export(watched, 2, tmp_path / "copy.mp4", show=Show.NOBODY)
    before = faces_in(watched / "evidence" / "0002.mp4")
    left = faces_in(tmp_path / "copy.mp4")
    assert sum(map(len, before)) > len(before)
    # The skull printed on her shirt is taken for a face once her own is gone; it may stay.
    shown = [
        face
        for own, now in zip(before, left, strict=True)
        for face in now
        if any(covered(face, one) > 0.2 for one in own)
    ]
    assert shown == []


def covered(face: Face, one: Face) -> float:
    """The share of one face's box that lies inside another's."""
    wide = min(face.x + face.width, one.x + one.width) - max(face.x, one.x)
    tall = min(face.y + face.height, one.y + one.height) - max(face.y, one.y)
    return max(0.0, wide) * max(0.0, tall) / (one.width * one.height)


def test_an_existing_file_an_altered_clip_and_no_clip_are_refused(
    watched: Path, tmp_path: Path
) -> None:
    there = tmp_path / "there.mp4"
    there.write_bytes(b"x")
    with pytest.raises(BadInputError, match="new file"):
        export(watched, 2, there)
    with pytest.raises(BadInputError, match="no line"):
        export(watched, 9, tmp_path / "copy.mp4")
    assert main(["export", str(watched), "2", "--out", str(tmp_path / "copy.avi")]) == 2
    assert there.read_bytes() == b"x"
