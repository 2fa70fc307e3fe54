import itertools
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from proctor.errors import BadInputError
from proctor.faces import FaceState, check_photo, compare
from proctor.models import store
from proctor.scenes import CLIPS, PEOPLE


@pytest.mark.parametrize("person", PEOPLE)
def test_the_same_person_is_the_same(person: str, portrait: Callable[..., Path]) -> None:
    found = compare(portrait(person), portrait(person, at=60).read_bytes())
    assert found.state is FaceState.SAME
    assert found.score is not None
    assert found.score > 0.52


@pytest.mark.parametrize(("one", "other"), list(itertools.combinations(PEOPLE, 2)))
def test_two_people_are_never_the_same(one: str, other: str, portrait: Callable[..., Path]) -> None:
    assert compare(portrait(one), portrait(other)).state is not FaceState.SAME


def test_without_a_face_there_is_no_score(portrait: Callable[..., Path]) -> None:
    found = compare(portrait("A"), (CLIPS / "empty_room.png").read_bytes())
    assert (found.state, found.score, found.probe.faces) == (FaceState.NO_FACE, None, 0)


def test_two_faces_are_said_to_be_several(portrait: Callable[..., Path]) -> None:
    pair = np.hstack([cv2.imread(str(portrait(person))) for person in "CD"])
    data = cv2.imencode(".png", pair)[1].tobytes()
    found = compare(portrait("A"), data)
    assert (found.state, found.score, found.probe.faces) == (FaceState.SEVERAL_FACES, None, 2)


def test_a_photo_is_described_in_numbers(portrait: Callable[..., Path]) -> None:
    facts = check_photo(portrait("C"))
    assert (facts.width, facts.height, facts.faces) == (640, 480, 1)
    assert facts.face_height is not None
    assert 50 < facts.face_height < 120


def test_blur_and_dark_show_in_the_numbers(portrait: Callable[..., Path]) -> None:
    picture = cv2.imread(str(portrait("A")))
    sharp = check_photo(portrait("A"))
    soft = check_photo(cv2.imencode(".png", cv2.GaussianBlur(picture, (0, 0), 3))[1].tobytes())
    dark = check_photo(cv2.imencode(".png", picture // 3)[1].tobytes())
    assert soft.sharpness is not None
    assert sharp.sharpness is not None
    assert soft.sharpness < sharp.sharpness / 3
    assert dark.brightness is not None
    assert sharp.brightness is not None
    assert dark.brightness < sharp.brightness / 2


@pytest.mark.parametrize("data", [b"", b"text", b"\xff\xd8\xff\xe0" + bytes(50)])
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(BadInputError, match="not a picture"):
        check_photo(data)


def test_weights_that_were_altered_are_refused(tmp_path: Path) -> None:
    data = bytearray((store.FOLDER / store.FACES).read_bytes())
    data[5000] ^= 1
    (tmp_path / store.FACES).write_bytes(data)
    with pytest.raises(BadInputError, match="not the published"):
        store.read(store.FACES, tmp_path)


def test_every_model_has_a_card() -> None:
    files = {path.name for path in store.FOLDER.iterdir() if path.suffix in {".onnx", ".tflite"}}
    assert files == set(store.cards())
