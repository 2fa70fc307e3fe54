"""Whoever records an act of somebody says in which role it was done, or that it was in none."""

import ast
from pathlib import Path

from exam.audit import services

ROOT = Path(services.__file__).parents[1]
OWN_ACCOUNT = {
    "account.signed_in",
    "account.password_changed",
    "account.activated",
    "code.used",
    "factor.codes_renewed",
    "factor.enrolled",
    "factor.recovery_used",
    "visit.ended",
    "visit.proven",
}
"""Acts of an account on itself: the same whatever role it has."""


def _records() -> list[tuple[str, dict[str, ast.expr], bool]]:
    """(place, words, whether more words come from a mapping) of each record of an act."""
    return [
        (
            f"{path.relative_to(ROOT)}: {ast.literal_eval(node.args[0])}"
            if isinstance(node.args[0], ast.Constant)
            else f"{path.relative_to(ROOT)}: {ast.unparse(node.args[0])}",
            {x.arg: x.value for x in node.keywords if x.arg},
            any(x.arg is None for x in node.keywords),
        )
        for path in ROOT.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "audit.record"
    ]


def _of_the_system(words: dict[str, ast.expr]) -> bool:
    who = words.get("account_id")
    return isinstance(who, ast.Constant) and who.value is None


def test_no_act_of_a_person_is_without_a_role() -> None:
    without = [
        place
        for place, words, more in _records()
        if "role" not in words
        and not more
        and not _of_the_system(words)
        and place.split(": ")[1] not in OWN_ACCOUNT
    ]
    assert without == []


def test_the_list_of_acts_on_ones_own_account_is_in_use() -> None:
    assert {place.split(": ")[1] for place, _words, _more in _records()} >= OWN_ACCOUNT
