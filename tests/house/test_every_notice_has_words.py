"""A notice whose kind has no words would only say that there is news."""

from __future__ import annotations

import ast
from pathlib import Path

from exam.notify.kinds import KINDS

EXAM = Path(__file__).parents[2] / "exam"
SENDERS = {"Message", "tell"}


def kinds_sent() -> set[str]:
    """The kinds that stand, as literals, where notices are made."""
    calls = [
        node
        for path in EXAM.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in SENDERS
        and node.args
    ]
    return {
        leaf.value
        for call in calls
        for leaf in ast.walk(call.args[0])
        if isinstance(leaf, ast.Constant) and isinstance(leaf.value, str)
    }


def test_every_notice_has_words() -> None:
    assert "booking.seated" in kinds_sent()
    assert kinds_sent() <= KINDS.keys()
