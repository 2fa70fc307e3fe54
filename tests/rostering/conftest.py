"""The town whose roster is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from exam.clock import FixedClock
from tests.booking.conftest import enter
from tests.booking.factories import NOW
from tests.rostering.factories import Crew, make_crew

if TYPE_CHECKING:
    from flask import Flask

__all__ = ["enter"]


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def crew(app: Flask) -> Crew:
    del app
    return make_crew()
