from __future__ import annotations

from typing import TYPE_CHECKING

from exam.registration.models import CaseState
from tests.registration.factories import House, accepted

if TYPE_CHECKING:
    from collections.abc import Callable


def test_a_thousand_cases_cost_few_statements_more_than_ten(
    house: House, statements: Callable[[Callable[[], object]], list[str]]
) -> None:
    cases = []
    few = statements(lambda: accepted(house, 10))
    many = statements(lambda: cases.extend(accepted(house, 1000, first=100)))
    assert len(cases) == 1000
    assert {x.state for x in cases} == {CaseState.ACCEPTED}
    assert len({x.serial_number for x in cases}) == 1000
    assert len(many) < len(few) + 50
