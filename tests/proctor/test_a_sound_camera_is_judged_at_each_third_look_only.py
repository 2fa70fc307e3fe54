"""What goes on as it was is not measured again at once; what turns, is, at that very look."""

from __future__ import annotations

from unittest.mock import patch

import numpy as np

from proctor import health as module
from proctor.health import HEIGHT, WIDTH, CameraHealth, Health

SCENE = np.random.default_rng(3).uniform(40, 200, (HEIGHT, WIDTH))


def noisy(turn: int, level: float = 1.0) -> np.ndarray:
    noise = np.random.default_rng(turn).normal(0.0, 2.0, SCENE.shape)
    return np.clip(SCENE * level + noise, 0, 255).astype(np.uint8)


def known(looks: int = 30) -> CameraHealth:
    """A camera whose background was learnt, five pictures a second."""
    health = CameraHealth()
    for turn in range(looks):
        health.look(noisy(turn), turn / 5)
    return health


def test_edges_of_a_sound_camera_are_measured_at_each_third_look() -> None:
    health = known()
    with patch.object(module, "_edges", wraps=module._edges) as measured:
        looks = [health.look(noisy(turn), turn / 5) for turn in range(30, 51)]
    assert measured.call_count == 7
    assert all(look.match == 1.0 and look.moved is False for look in looks)


def test_levels_and_tiles_are_those_of_each_picture() -> None:
    health = known()
    looks = [health.look(noisy(turn, 1.0 + turn / 1000), turn / 5) for turn in range(30, 34)]
    assert len({look.mean for look in looks}) == 4
    assert not np.array_equal(looks[0].tiles, looks[1].tiles)


def test_a_hand_before_the_lens_is_told_at_its_first_picture() -> None:
    for extra in (0, 1, 2):
        health = known(30 + extra)
        look: Health = health.look(np.full(SCENE.shape, 6, np.uint8), (30 + extra) / 5)
        assert look.covered


def test_a_pushed_camera_is_told_at_its_first_picture() -> None:
    for extra in (0, 1, 2):
        health = known(30 + extra)
        pushed = np.roll(noisy(40), (30, 45), axis=(0, 1))
        assert health.look(pushed, (30 + extra) / 5).moved


def test_as_long_as_something_is_wrong_each_picture_is_measured() -> None:
    health = known()
    with patch.object(module, "_edges", wraps=module._edges) as measured:
        for turn in range(30, 40):
            health.look(np.roll(noisy(turn), (30, 45), axis=(0, 1)), turn / 5)
    assert measured.call_count == 10
