"""The engine's smallest conflict, from its words to codes and facts. Pure.

The engine knows no person and no language: it names workers by key and duties by number. Codes are
kept, and the page says them in the reader's words with what to change.
"""

import re
from collections.abc import Iterable
from typing import Any

PATTERNS = {
    "needs": r"duty (?P<duty>\d+) at .+ needs \d+ of role .+",
    "hours": r"(?P<person>\S+) works at most (?P<minutes>\d+) minutes a week",
    "week": r"(?P<person>\S+) works on at most (?P<days>\d+) days a week",
    "once": r"nobody has two duties at once",
    "rest": r"between two days there are (?P<minutes>\d+) minutes of rest",
    "days": r"nobody is at one site on more than (?P<days>\d+) days",
    "sites": r"nobody works at two sites on one day",
    "class": r"(?P<person>\S+) is not qualified for class (?P<token>.+)",
    "avoids": r"(?P<person>\S+) must not be sent to (?P<site>.+)",
    "away": r"(?P<person>\S+) is away on (?P<day>\d{4}-\d\d-\d\d)",
}
NUMBERS = ("duty", "minutes", "days")


def read(texts: Iterable[str]) -> list[dict[str, Any]]:
    """Each rule as {"rule": code, facts}, what is needed first.

    A rule that a newer engine says in other words keeps its own, under ``other``.
    """
    order = [*PATTERNS, "other"]
    return sorted((_one(x) for x in texts), key=lambda x: (order.index(x["rule"]), str(x)))


def _one(text: str) -> dict[str, Any]:
    for rule, pattern in PATTERNS.items():
        found = re.fullmatch(pattern, text)
        if found:
            facts = {k: int(v) if k in NUMBERS else v for k, v in found.groupdict().items()}
            return {"rule": rule, **facts}
    return {"rule": "other", "text": text}
