"""A visitor's score falls when he stands still in the dark: where he was, less is enough."""

from __future__ import annotations

from collections.abc import Callable

import av
import numpy as np
import pytest

from proctor import things as module
from proctor.attention import Change
from proctor.kinds import Kind
from proctor.objects import PERSON, Thing
from proctor.planes import Planes
from proctor.things import ThingSeeker

VISITOR = (300.0, 10.0, 190.0, 450.0)
ELSEWHERE = (20.0, 10.0, 190.0, 450.0)
PLANES = Planes(av.VideoFrame.from_ndarray(np.full((480, 640, 3), 80, np.uint8), format="bgr24"))
Asked = Callable[[float, float, tuple[float, float, float, float]], bool | None]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """Look at an empty room's picture in which a person of such a score stands somewhere."""
    seeker = ThingSeeker(frozenset({Kind.PERSON_ENTERED}), 0)
    time = [0.0]

    def look(
        score: float, apart: float, box: tuple[float, float, float, float] = VISITOR
    ) -> bool | None:
        monkeypatch.setattr(module, "find_things", lambda *_, **__: [Thing(PERSON, score, box)])
        levels = np.full((9, 16), time[0] * 10, np.float32)
        still = np.zeros_like(levels)
        change = Change(levels, None, cut=False, apart=still + apart, stepped=still)
        time[0] += 2.0
        answers = seeker.look(PLANES, [], change, time[0], alone=False, patience=1.0)
        return answers[Kind.PERSON_ENTERED].yes

    return look


def test_a_faint_one_is_nobody_where_nobody_was(asked: Asked) -> None:
    assert asked(0.22, 30.0, VISITOR) is False


def test_a_faint_one_is_still_there_where_somebody_was(asked: Asked) -> None:
    assert asked(0.5, 30.0, VISITOR)
    assert all(asked(0.22, 30.0, VISITOR) for _ in range(5))


def test_a_faint_one_elsewhere_is_nobody(asked: Asked) -> None:
    assert asked(0.5, 30.0, VISITOR)
    assert asked(0.22, 30.0, ELSEWHERE) is False


def test_a_chair_that_is_always_there_does_not_keep_a_visitor_who_left(asked: Asked) -> None:
    assert asked(0.5, 30.0, VISITOR)
    assert asked(0.22, 2.0, VISITOR) is False
