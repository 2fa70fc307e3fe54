"""A site on the morning of its exam day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from exam.clock import FixedClock
from tests.examday.factories import OPENING, Hall, make_hall

if TYPE_CHECKING:
    from flask import Flask


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(OPENING)


@pytest.fixture
def hall(app: Flask) -> Hall:
    return make_hall()
