"""Every address and every live event against every role, with things of somebody else.

The list is the application's own. A new address with a variable needs a value for it here, and a
new one without needs nothing: it is asked for at once.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from flask import g

from exam import create_app
from exam.clock import FixedClock
from exam.db import db, new_id
from exam.live.sockets import NAMESPACE, WallNamespace, rooms_of
from exam.people.guards import Guard, actor_in
from exam.people.roles import Role
from exam.people.sign_in import manager
from tests.application import MONDAY, Browser
from tests.entering import put_in
from tests.people.the_rights_world import HERE, RightsWorld, make_world

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from flask import Flask
    from werkzeug.routing import Rule

    from tests.databases import Databases

OPEN = {"assets", "preferences", "static"}
"""The page kit's own: style, script, the reader's settings."""
SHARED = {"subject", "kind", "which", "step", "role", "what"}
"""Variables that name a kind and nobody's thing."""
FORMS: dict[str, dict[str, Any]] = {
    "examiner.deduct": {"code": "s2.garage.too_long"},
    "examiner.paper": {"right": "1"},
    "examiner.retake": {"taken": "yes"},
    "hall.doubt": {"words": "不像"},
    "hall.exception": {"kind": "redraw", "reason": "测试"},
    "examiner.exception": {"kind": "redraw", "reason": "测试"},
    "hall.refusal": {"reason": "不签"},
    "hall.release": {"reason": "power"},
    "hall.decide": {"granted": "yes"},
    "hall.check_in": {"number": "x"},
    "wall.decide": {"decision": "put_aside", "note": "测试"},
    "rights.decide": {"answer": "grant"},
    "rights.end_visit": {"reason": "测试"},
    "key_erasing.decide": {"answer": "grant"},
    "webcam.begin": {"agreed": "yes"},
    "signing.sign": {"sheet": "0" * 64},
    "signing.retake": {"taken": "yes"},
    "signing.words": {"words": "x"},
}
PASSING = re.compile(r'\b[0-9a-f]{12}\b|name="csrf_token" value="[^"]*"')
"""What differs between any two answers: the reference of the request, the form's token."""
EVENTS = {"connect", "disconnect", "newer"}


@pytest.fixture(scope="module")
def module_app(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    clock = FixedClock(MONDAY)
    with databases.migrated("rights") as url:
        app = create_app(
            time=clock,
            database_url=url,
            secret_key="of the tests alone, and longer than it has to be",
            data_folder=tmp_path_factory.mktemp("rights"),
            demo=True,
            secure_cookies=False,
        )
        app.config.update(TESTING=True, WTF_CSRF_ENABLED=False, RATELIMIT_ENABLED=False)
        before, manager.session_protection = manager.session_protection, None
        with app.app_context():
            yield app
            db.session.remove()
            db.engine.dispose()
        manager.session_protection = before


@pytest.fixture(scope="module")
def world(module_app: Flask) -> RightsWorld:
    return make_world(module_app, module_app.extensions["kaochang.clock"])


INSIDE: dict[str, tuple[str, str, dict[str, str]]] = {
    "examiner.absent": ("sitting", "sitting_id", {}),
    "planning.release": ("reference", "reference", {"cause": "site"}),
    "rights.resets": ("username", "owner", {"reason": "电话丢失"}),
    "rights.colleague": ("username", "owner", {}),
    "holding.listed": ("item", "number", {"reason": "测试"}),
    "rostering.new": ("sites", "north", {"first_day": "2030-02-01", "last_day": "2030-02-01"}),
    "duties.avoided": ("site", "replanning.site_id", {}),
    "key_erasing.listed": (
        "camera",
        "camera_id",
        {"day": "2026-10-01", "ground": "no_exam", "reason": "测试"},
    ),
}
"""What names somebody's thing in the form and not in the address: field, thing, other fields."""
OWN = {
    "account.sign_out",
    "account.end_others",
    "account.change_password",
    "account.prove",
    "account.add_factor",
    "account.renew_codes",
    "account.choose_role",
    "school.upload",
    "planning.new_plan",
    "demo.clock_page",
    "duties.away",
}
"""Forms that reach only what belongs to the reader, or make something new in her own scope."""


class Stranger:
    """Somebody's browser, with the statements that each request costs."""

    def __init__(self, app: Flask, account_id: UUID) -> None:
        self.client = Browser(app, app.response_class, use_cookies=True)
        with self.client.session_transaction() as session:
            put_in(session, account_id)

    def ask(self, method: str, path: str, data: dict[str, Any], *, hide: list[str]) -> Answer:
        for name in list(g):
            g.pop(name)
        sent: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            sent.append(statement)

        sa.event.listen(db.engine, "before_cursor_execute", note)
        with self.client.open(path, method=method, data=data) as answer:
            body = answer.get_data(
                as_text=answer.mimetype.startswith(("text/html", "application/json"))
            )
        sa.event.remove(db.engine, "before_cursor_execute", note)
        db.session.rollback()
        text = body if isinstance(body, str) else f"{len(body)} bytes"
        for word in hide:
            text = text.replace(word, "ID")
        return Answer(answer.status_code, PASSING.sub("", text), sent)


class Answer:
    """What a stranger learns."""

    def __init__(self, status: int, body: str, sent: list[str]) -> None:
        self.status, self.body, self.sent = status, body, sent

    def differs(self, other: Answer) -> str | None:
        """In which way two answers can be told apart."""
        if self.status != other.status:
            return f"answers {self.status}, and {other.status} where there is nothing"
        if self.body != other.body:
            return f"another page with {self.status}"
        if len(self.sent) != len(other.sent):
            return f"asks {len(self.sent)} questions of the database, and {len(other.sent)}"
        return None


def doors(app: Flask) -> Iterator[tuple[Rule, str, Guard]]:
    """Every address that is not for everybody, by every method."""
    guards: dict[str, Guard] = app.extensions["kaochang.guards"]
    for rule in app.url_map.iter_rules():
        blueprint = rule.endpoint.split(".")[0]
        if blueprint in OPEN or guards[blueprint].public:
            continue
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            yield rule, method, guards[blueprint]


def thing(world: RightsWorld, rule: Rule, name: str) -> Any:
    blueprint = rule.endpoint.split(".")[0]
    return world.things.get(f"{blueprint}.{name}", world.things.get(name))


def nothing(value: Any) -> Any:
    """A value of the same kind that names nothing."""
    if isinstance(value, int):
        return 987654
    return "R00000000" if isinstance(value, str) else new_id()


def paths(app: Flask, world: RightsWorld, rule: Rule) -> tuple[str, str, list[str]]:
    """The address with real values, the same with values of nothing, and the words that differ."""
    real = {x: thing(world, rule, x) for x in rule.arguments}
    none = {x: v if x in SHARED else nothing(v) for x, v in real.items()}
    urls = app.url_map.bind("localhost")
    hide = [str(x) for k in rule.arguments if k not in SHARED for x in _words(real[k], none[k])]
    return urls.build(rule.endpoint, real), urls.build(rule.endpoint, none), hide


def _words(*values: Any) -> list[str]:
    # A small number would be found in every page: it is hidden where it stands in an address.
    return [f"/{x}" if isinstance(x, int) else str(x) for x in values]


def test_every_variable_of_every_address_has_a_value_here(
    module_app: Flask, world: RightsWorld
) -> None:
    without = {
        f"{rule.endpoint}: {name}"
        for rule, _method, _guard in doors(module_app)
        for name in rule.arguments
        if thing(world, rule, name) is None
    }
    assert without == set()


def test_every_form_without_a_variable_is_known_here(module_app: Flask) -> None:
    posts = {
        rule.endpoint
        for rule, method, _guard in doors(module_app)
        if method == "POST" and not rule.arguments
    }
    assert posts == OWN | set(INSIDE)


@pytest.mark.parametrize("role", list(Role), ids=str)
def test_a_stranger_cannot_tell_somebodys_thing_from_nothing(
    module_app: Flask, world: RightsWorld, role: Role
) -> None:
    browsers = {
        where: Stranger(module_app, key)
        for (where, own), key in world.strangers.items()
        if own is role
    }
    problems = [
        f"{method} {rule.endpoint} ({where}): {problem}"
        for rule, method, guard in doors(module_app)
        for where in _wheres(rule, guard, role)
        if (problem := _problem(module_app, world, (rule, method), guard, role, browsers[where]))
    ]
    assert not problems, "\n".join(problems)


def _wheres(rule: Rule, guard: Guard, role: Role) -> list[str]:
    """As whom to ask: from another office, and as a neighbour in the same one."""
    may = guard.roles is None or role in guard.roles
    near = HERE.get(rule.endpoint.split(".")[0])
    return ["foreign", near] if may and near else ["foreign"]


def _problem(
    app: Flask,
    world: RightsWorld,
    door: tuple[Rule, str],
    guard: Guard,
    role: Role,
    who: Stranger,
) -> str | None:
    rule, method = door
    real, none, hide = paths(app, world, rule)
    data = FORMS.get(rule.endpoint, {}) if method == "POST" else {}
    if guard.roles is not None and role not in guard.roles:
        status = who.ask(method, real, data, hide=hide).status
        return None if status == 403 else f"answers {status} to {role}"
    if set(rule.arguments) - SHARED:
        return _told_apart(who, method, (real, data), (none, data), hide)
    if method == "POST" and rule.endpoint in INSIDE:
        return _inside(world, rule.endpoint, real, who)
    if method == "POST":
        return None
    page = who.ask("GET", real, {}, hide=[])
    found = [x for x in world.secrets if x in page.body]
    return f"shows {found[:3]}" if found else None


def _inside(world: RightsWorld, endpoint: str, path: str, who: Stranger) -> str | None:
    field, name, more = INSIDE[endpoint]
    value = world.things.get(name, name)
    real, none = str(value), str(nothing(value))
    ours, theirs = {field: none} | more, {field: real} | more
    # What was typed stays in its field; a small number would be found all over the page.
    hide = [f'value="{x}"' if isinstance(value, int) else x for x in (real, none)]
    first = who.ask("POST", path, theirs, hide=hide)
    return first.differs(who.ask("POST", path, ours, hide=hide))


def _told_apart(
    who: Stranger,
    method: str,
    real: tuple[str, dict[str, Any]],
    none: tuple[str, dict[str, Any]],
    hide: list[str],
) -> str | None:
    first, second = (who.ask(method, *x, hide=hide) for x in (real, none))
    if first.status not in {403, 404}:
        return f"answers {first.status}"
    return first.differs(second)


def test_every_live_event_is_known_here() -> None:
    assert {x.removeprefix("on_") for x in vars(WallNamespace) if x.startswith("on_")} == EVENTS


@pytest.mark.parametrize("role", list(Role), ids=str)
def test_a_stranger_hears_nothing_of_a_wall(
    module_app: Flask, world: RightsWorld, role: Role
) -> None:
    for where in ("foreign", "cameras"):
        who = Stranger(module_app, world.strangers[where, role])
        for name in list(g):
            g.pop(name)
        page = module_app.extensions["socketio"].test_client(
            module_app, namespace=NAMESPACE, flask_test_client=who.client
        )
        if not page.is_connected(NAMESPACE):
            continue
        for name in list(g):
            g.pop(name)
        answer = page.emit("newer", 0, namespace=NAMESPACE, callback=True)
        page.disconnect(NAMESPACE)
        assert answer == {"items": []}
        rooms = rooms_of(_actor(world.strangers[where, role]))
        theirs = (f"office:{world.offices['cameras']}", f"site:{thing_site(world)}")
        assert not any(x.startswith(theirs) for x in rooms)
    module_app.extensions["kaochang.wall"].close()


def thing_site(world: RightsWorld) -> UUID:
    from exam.live.models import Camera

    return db.session.scalars(
        sa.select(Camera.site_id).where(Camera.id == world.things["camera_id"])
    ).one()


def _actor(account_id: UUID) -> Any:
    from exam.people.access_models import Visit

    visit = db.session.scalars(sa.select(Visit).where(Visit.account_id == account_id)).first()
    assert visit is not None
    return actor_in(visit)
