from __future__ import annotations

import time

from exam.registration.models import CaseState
from tests.registration.factories import House, accepted


def test_a_thousand_cases_take_seconds(house: House) -> None:
    started = time.perf_counter()
    cases = accepted(house, 1000)
    seconds = time.perf_counter() - started
    assert len(cases) == 1000
    assert {x.state for x in cases} == {CaseState.ACCEPTED}
    assert len({x.serial_number for x in cases}) == 1000
    assert seconds < 30
