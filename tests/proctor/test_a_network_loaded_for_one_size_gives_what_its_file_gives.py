"""Networks are loaded for the sizes they look at: what they say must not change by that."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import onnxruntime as ort
import pytest
from numpy.typing import NDArray

from proctor.detector import open_up
from proctor.models import store
from proctor.models.rectifiers import without_prelu
from proctor.objects import PERSON, SIDE, find_things, tensor_of
from proctor.scenes import portrait

PERSON_A = np.asarray(
    cv2.imdecode(np.frombuffer(portrait("A"), np.uint8), cv2.IMREAD_COLOR), np.uint8
)


def as_the_file_says(name: str, tensor: NDArray[np.float32]) -> list[NDArray[Any]]:
    """Return the outputs of the published file, nothing of it rewritten."""
    session = ort.InferenceSession(store.read(name), providers=["CPUExecutionProvider"])
    return list(session.run(None, {session.get_inputs()[0].name: tensor}))


def test_objects_at_the_size_of_the_file_are_the_same_to_the_last_bit() -> None:
    tensor = tensor_of(PERSON_A, (SIDE, SIDE))[None]
    both = zip(
        as_the_file_says(store.OBJECTS, tensor), store.run_sized(store.OBJECTS, tensor), strict=True
    )
    for told, sized in both:
        np.testing.assert_array_equal(told, sized)


def test_a_face_without_the_slow_rectifier_is_the_same_to_the_last_bit() -> None:
    face = cv2.resize(PERSON_A, (112, 112)).transpose(2, 0, 1)[None].astype(np.float32)
    noise = np.random.default_rng(0).uniform(0.0, 255.0, face.shape).astype(np.float32)
    edges = np.where(noise > 127.0, 255.0, 0.0).astype(np.float32)
    for tensor in (face, 255.0 - face, noise, edges):
        (told,) = as_the_file_says(store.IDENTITY, tensor)
        (plain,) = store.run(store.IDENTITY, tensor)
        np.testing.assert_array_equal(told, plain)
    kinds = without_prelu(store.read(store.IDENTITY))
    assert b"PRelu" in store.read(store.IDENTITY)
    assert b"PRelu" not in kinds


def test_the_table_of_faces_holds_what_the_file_tells_head_by_head() -> None:
    tensor = cv2.dnn.blobFromImage(cv2.resize(PERSON_A, (640, 640)))
    told = as_the_file_says(store.FACES, tensor)
    heads = [np.concatenate(told[stride::3], axis=2) for stride in range(3)]
    for table in (store.run(store.FACES, tensor), store.run_sized(store.FACES, tensor)):
        np.testing.assert_array_equal(table, [np.concatenate(heads, axis=1)])


@pytest.mark.parametrize("shape", [(480, 640), (640, 480), (500, 500)])
def test_a_person_is_found_in_the_same_place_whatever_size_is_loaded(
    shape: tuple[int, int],
) -> None:
    height, width = PERSON_A.shape[:2]
    rows, columns = max(0, shape[0] - height), max(0, shape[1] - width)
    picture = cv2.copyMakeBorder(PERSON_A, 0, rows, 0, columns, cv2.BORDER_REPLICATE)
    found = find_things(np.asarray(picture, np.uint8), kinds=(PERSON,), least_score=0.4)
    assert found
    x, y, wide, high = found[0].box
    assert x < width / 2 < x + wide
    assert y < height * 0.8 < y + high + 0.2 * height


def test_a_dark_picture_is_opened_up_in_the_order_of_its_levels_and_a_bright_one_left() -> None:
    dark = (PERSON_A // 4).astype(np.uint8)
    opened = open_up(dark)
    assert dark.mean() < 50.0
    assert 95.0 < opened.mean() < 130.0
    order = np.argsort(cv2.medianBlur(dark, 3), axis=None, kind="stable")
    assert (np.diff(opened.ravel()[order].astype(int)) >= 0).all()
    assert open_up(opened) is opened
    grain = np.random.default_rng(0).normal(40.0, 4.0, dark.shape).clip(0, 255).astype(np.uint8)
    opened = open_up(grain)
    assert opened.std() / opened.mean() < 0.7 * grain.std() / grain.mean()
    black = np.zeros((40, 40, 3), np.uint8)
    assert int(open_up(black).max()) == 0
