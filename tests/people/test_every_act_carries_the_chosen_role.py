from __future__ import annotations

import re
from typing import TYPE_CHECKING

import sqlalchemy as sa

from exam.audit.models import AuditRecord
from exam.db import db, transaction
from exam.people import guards, visits
from exam.people.access_models import Visit
from exam.people.models import RoleGrant
from exam.people.roles import Role
from tests.people.conftest import sign_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from exam.clock import FixedClock
    from tests.people.conftest import Made


def grant_of(made: Made, role: Role) -> str:
    return next(str(x.id) for x in made.row().grants if x.role is role)


def visit_of(made: Made) -> Visit:
    db.session.expire_all()
    return db.session.scalars(sa.select(Visit).where(Visit.account_id == made.id)).one()


def test_somebody_with_two_roles_is_asked_and_somebody_with_one_is_not(
    browser: Callable[..., FlaskClient], account: Callable[..., Made]
) -> None:
    one, both = browser(), browser()
    sign_in(one, account(Role.REVIEWER, name="one"))
    assert one.get("/inside").headers["Location"] == "/review/"
    made = account(Role.REVIEWER, Role.PLANNER, name="both")
    sign_in(both, made)
    assert both.get("/inside").headers["Location"] == "/role"
    page = both.get("/role").text
    assert set(re.findall(r'name="role" value="([^"]+)"', page)) == {
        grant_of(made, Role.REVIEWER),
        grant_of(made, Role.PLANNER),
    }


def test_the_chosen_role_opens_its_own_doors_only_and_is_recorded(
    browser: Callable[..., FlaskClient], account: Callable[..., Made]
) -> None:
    made, here = account(Role.REVIEWER, Role.PLANNER), browser()
    sign_in(here, made)
    for role, opened, closed in (
        (Role.PLANNER, "/planning/", "/review/"),
        (Role.REVIEWER, "/review/", "/planning/"),
    ):
        here.post("/role", data={"role": grant_of(made, role)})
        assert here.get("/inside").headers["Location"] == opened
        assert (here.get(opened).status_code, here.get(closed).status_code) == (200, 403)
        actor = guards.actor_in(visit_of(made))
        assert actor is not None
        assert actor.role is role
    chosen = sa.select(AuditRecord.role).where(AuditRecord.act == "visit.role_chosen")
    assert list(db.session.scalars(chosen.order_by(AuditRecord.arrival))) == ["planner", "reviewer"]


def test_another_browser_keeps_its_own_role(
    browser: Callable[..., FlaskClient], account: Callable[..., Made]
) -> None:
    made, here, there = account(Role.REVIEWER, Role.PLANNER), browser(), browser()
    for one, role in ((here, Role.REVIEWER), (there, Role.PLANNER)):
        sign_in(one, made)
        one.post("/role", data={"role": grant_of(made, role)})
    assert here.get("/review/").status_code == 200
    assert there.get("/planning/").status_code == 200


def test_nobody_takes_a_role_of_somebody_else_or_one_that_has_ended(
    browser: Callable[..., FlaskClient], account: Callable[..., Made], clock: FixedClock
) -> None:
    made, other, here = account(Role.REVIEWER, Role.PLANNER), account(Role.ADMINISTRATOR), browser()
    sign_in(here, made)
    assert here.post("/role", data={"role": grant_of(other, Role.ADMINISTRATOR)}).status_code == 404
    here.post("/role", data={"role": grant_of(made, Role.PLANNER)})
    with transaction():
        ended = db.session.get_one(RoleGrant, visit_of(made).grant_id)
        ended.until = clock.now()
    assert here.get("/planning/").status_code == 403
    assert visits.find(visit_of(made).id) is not None
