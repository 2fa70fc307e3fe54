"""An application with a data folder of faces, cut from the clips that the project carries."""

from __future__ import annotations

from pathlib import Path

import av
import cv2
import pytest

from exam.clock import SystemClock
from proctor.detector import find_faces

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
def clock() -> SystemClock:
    return SystemClock()


@pytest.fixture
def data_folder(faces_folder: Path) -> Path:
    return faces_folder
