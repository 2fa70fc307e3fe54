"""An application with a data folder of faces, cut from the clips that the project carries."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import av
import cv2
import pytest

from exam.app import create_app
from exam.clock import SystemClock
from exam.db import db
from proctor.detector import find_faces
from tests import databases

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask

CLIPS = Path(__file__).resolve().parents[2] / "proctor" / "clips"


def frames_with_a_face(clip: str, target: Path, wanted: int) -> None:
    """Save frames of a clip, far from each other, in which exactly one face is found."""
    found = []
    with av.open(str(CLIPS / clip)) as source:
        for frame in source.decode(video=0):
            picture = frame.to_ndarray(format="bgr24")
            if len(find_faces(picture, longest=640)) == 1:
                found.append(picture)
    step = max(1, len(found) // wanted)
    for number, picture in enumerate(found[::step][:wanted]):
        cv2.imwrite(str(target / f"{Path(clip).stem}{number}.jpg"), picture)


@pytest.fixture(scope="session")
def faces_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    for clip in ("book.mkv", "bird.mkv"):
        frames_with_a_face(clip, folder, 2)
    cv2.imwrite(str(folder / "empty.jpg"), cv2.imread(str(CLIPS / "empty_room.png")))
    (folder / "broken.jpg").write_bytes(b"not a picture")
    return folder


@pytest.fixture
def app(database_url: str, faces_folder: Path) -> Iterator[Flask]:
    made = create_app(
        time=SystemClock(),
        database_url=database_url,
        secret_key="of the tests alone, and longer than it has to be",
        data_folder=faces_folder,
        secure_cookies=False,
    )
    with made.app_context():
        yield made
        db.session.remove()
        db.engine.dispose()
    databases.empty(database_url)
