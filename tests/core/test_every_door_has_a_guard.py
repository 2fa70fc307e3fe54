"""Every blueprint declares who may enter, and nobody enters without a sign-in.

That a role enters only the doors that name it, and finds nothing of others behind them, is proven
in tests/people/test_no_right_reaches_beyond_ones_own_scope.py.
"""

import re

from flask import Flask

from exam.db import new_id
from exam.people.guards import Guard

WITHOUT_GUARD = {"assets", "preferences"}
"""Style, script and the reader's own settings: the page kit's, for everybody."""


def _guards(app: Flask) -> dict[str, Guard]:
    guards: dict[str, Guard] = app.extensions["kaochang.guards"]
    return guards


def _doors(app: Flask) -> list[tuple[str, str]]:
    """(blueprint, address) of every page that can be asked for with GET."""
    return [
        (rule.endpoint.split(".")[0], re.sub(r"<[^>]+>", _sample, rule.rule))
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or set()) and rule.endpoint != "static"
    ]


def _sample(part: re.Match[str]) -> str:
    return str(new_id()) if "uuid" in part.group() else "1"


def test_no_blueprint_is_registered_without_a_guard(app: Flask) -> None:
    assert set(app.blueprints) - WITHOUT_GUARD == set(_guards(app))


def test_nobody_enters_a_guarded_door_without_a_sign_in(app: Flask) -> None:
    client = app.test_client()
    guards = _guards(app)
    open_by_mistake = []
    for blueprint, address in _doors(app):
        guard = guards.get(blueprint)
        if guard is None or guard.public:
            continue
        with client.get(address) as answer:
            if answer.status_code != 303 or "/sign-in" not in answer.headers["Location"]:
                open_by_mistake.append((address, answer.status_code))
    assert open_by_mistake == []
