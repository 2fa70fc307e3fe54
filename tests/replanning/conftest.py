"""A published round of twelve people in four sessions, and what happens to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from exam.clock import FixedClock
from tests.booking.conftest import city, enter
from tests.booking.factories import NOW
from tests.replanning.factories import Town, make_town

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask

    from tests.booking.factories import City

__all__ = ["city", "enter"]


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def town(city: City, data_folder: Path, app: Flask) -> Town:
    del app
    return make_town(city, data_folder)
