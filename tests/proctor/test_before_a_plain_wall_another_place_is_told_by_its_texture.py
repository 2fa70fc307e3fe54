"""Before a wall without texture nothing stands that could move: levels and new texture tell."""

from __future__ import annotations

import cv2
import numpy as np

from proctor.health import CameraHealth, Health

SIZE = (480, 640)
FACE = (265.0, 150.0, 110.0, 150.0)
Picture = np.ndarray


def wall(level: float = 140.0, *, seed: int = 0) -> Picture:
    """A plain wall with the noise of a sensor."""
    return np.clip(np.random.default_rng(seed).normal(level, 2.0, SIZE), 0, 255)


def seated(level: float = 140.0, *, seed: int = 0) -> Picture:
    """Somebody who fills the middle of the picture, with hair, eyes and a checked shirt."""
    picture = wall(level, seed=seed)
    cv2.ellipse(picture, (320, 240), (70, 100), 0, 0, 360, level * 1.25, -1)
    cv2.ellipse(picture, (320, 150), (75, 45), 0, 0, 360, level * 0.25, -1)
    for x in (295, 345):
        cv2.circle(picture, (x, 230), 14, level * 0.3, -1)
    picture[380:, 220:420] = level * 0.5
    picture[380::24, 220:420] = level * 1.2
    return picture


def shelves() -> Picture:
    """A place full of things."""
    chance = np.random.default_rng(5)
    coarse = chance.uniform(40, 220, (24, 32))
    return np.asarray(cv2.resize(coarse, SIZE[::-1], interpolation=cv2.INTER_NEAREST))


def after(known: int, *shown: Picture) -> list[Health]:
    """Look at somebody before the wall, then at other pictures, five a second."""
    health, looks = CameraHealth(), []
    for turn in range(known):
        looked = health.look(seated(seed=turn).astype(np.uint8), turn / 5)
        assert not any((looked.moved, looked.covered, looked.blurred))
        health.occupied([FACE], SIZE)
    for turn, picture in enumerate(shown, known):
        looks.append(health.look(picture.astype(np.uint8), turn / 5))
    return looks


def test_another_place_is_told_and_not_learnt() -> None:
    looks = after(60, *[shelves() + (turn % 3) for turn in range(40)])
    assert all(look.moved for look in looks)


def test_a_lamp_that_changes_is_no_other_place() -> None:
    looks = after(60, *[seated(100.0, seed=turn) for turn in range(10)])
    assert not any(look.moved for look in looks)


def test_a_blurred_lens_is_told_from_somebody_who_left() -> None:
    blurred = [cv2.blur(seated(seed=turn), (221, 221)) for turn in range(5)]
    assert all(look.blurred or look.covered for look in after(60, *blurred))
    left = [wall(seed=turn) for turn in range(5)]
    assert not any(look.blurred or look.covered for look in after(60, *left))
