"""The rules of a conflict as codes and facts to be kept. Pure.

The engine knows no person and no language: it names workers by key and duties by number. The page
says them in the reader's words with what to change.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from scheduler.roster_rules import Code, RosterRule

FACTS: Mapping[Code, Mapping[str, str]] = {
    Code.NEEDS: {"duty": "duty"},
    Code.SENIORS: {"count": "number"},
    Code.HOURS: {"person": "worker", "minutes": "number"},
    Code.WEEK: {"person": "worker", "days": "number"},
    Code.ONCE: {},
    Code.REST: {"minutes": "number"},
    Code.DAYS: {"days": "number"},
    Code.SITES: {},
    Code.CLASS: {"person": "worker", "token": "licence_class"},
    Code.AVOIDS: {"person": "worker", "site": "site"},
    Code.AWAY: {"person": "worker", "day": "day"},
}
"""What is kept of each kind of rule: our word for a fact, and the engine's."""


def kept(rules: Iterable[RosterRule]) -> list[dict[str, Any]]:
    """Each rule as {"rule": code, facts}, in the engine's order: what is needed comes first.

    Raises:
        ValueError: a duty that has no number.
    """
    return [_one(rule) for rule in sorted(rules, key=_order)]


def _order(rule: RosterRule) -> tuple[int, int, RosterRule]:
    return rule.code, int(rule.duty or 0), rule


def _one(rule: RosterRule) -> dict[str, Any]:
    facts = {ours: getattr(rule, theirs) for ours, theirs in FACTS[rule.code].items()}
    if "duty" in facts:
        facts["duty"] = int(facts["duty"])
    return {"rule": rule.code.name.lower(), **facts}
