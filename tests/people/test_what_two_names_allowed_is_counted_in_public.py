from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from exam.db import db, transaction
from exam.people import factor_resets, second_factor
from exam.people.access_models import SecondFactor
from exam.people.roles import Role
from exam.supervision.counts import COUNTED, FACTOR_RESET, SPAN, exception_counts
from tests.people.conftest import make_office
from tests.web.page_check import page_problems

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from flask.testing import FlaskClient

    from exam.clock import FixedClock
    from tests.people.conftest import Made


def counted(now: datetime) -> dict[str, tuple[int, int, int]]:
    lines = exception_counts(now)
    return {
        x.office.code: (x.granted, x.refused, x.waiting) for x in lines if x.kind == FACTOR_RESET
    }


def test_resets_of_second_factors_are_counted_by_office_for_anybody_to_read(
    account: Callable[..., Made], client: FlaskClient, clock: FixedClock
) -> None:
    make_office("other")
    asking, deciding = account(Role.ADMINISTRATOR), account(Role.SUPERVISOR)
    for number, granted in enumerate((True, True, False, None)):
        owner = account(Role.PLANNER, name=f"owner-{number}")
        second_factor.begin(owner.id, now=clock.now())
        with transaction() as session:
            session.execute(sa.update(SecondFactor).values(confirmed_at=clock.now()))
        asked = factor_resets.ask(
            asking.actor(), owner.username, "phone lost in the lake", now=clock.now()
        )
        if granted is not None:
            factor_resets.decide(deciding.actor(), asked.id, granted=granted, now=clock.now())
    assert counted(clock.now()) == {"o": (2, 1, 1), "other": (0, 0, 0)}
    assert counted(clock.now() + SPAN * 2)["o"] == (0, 0, 0)
    db.session.rollback()
    client.set_cookie("lang", "en")
    page = client.get("/public/counts").text
    assert page_problems(page) == []
    assert str(COUNTED[FACTOR_RESET]) in page
    assert "lake" not in page
    assert "owner" not in page
