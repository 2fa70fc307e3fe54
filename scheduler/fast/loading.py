"""Compiled code, loaded before there is anything to solve."""

from __future__ import annotations

import numpy as np

from scheduler.arrays import doing_without
from scheduler.config import config_source
from scheduler.rounds import build_round

#: Numba imports them if they are there, for nothing that is done here.
_NOT_NEEDED = ("cffi", "yaml")


def load() -> None:
    """Solve a round of one application, so that all that is compiled is loaded.

    It takes half a second of the interpreter, in which another thread can read and hash a round.
    """
    with doing_without(*_NOT_NEEDED):
        from scheduler.fast.engine import FastEngine  # noqa: PLC0415 (Numba is loaded here)

        FastEngine(build_round(config_source(), _smallest()), 1).solve(lambda _done, _all: None)


def _smallest() -> dict[str, dict[str, object]]:
    """Return the tables of a round with one seat and one wish."""
    one = np.ones(1, np.int32)
    texts = {name: [name] for name in ("session", "site", "pool", "application", "candidate")}
    return {
        "sessions": {
            **{name: texts[name] for name in ("session", "site")},
            "subject": ["S1"],
            "date": ["2027-03-01"],
            "start": ["08:00"],
            "end": ["09:00"],
            "seats": one,
        },
        "pools": {
            **{name: texts[name] for name in ("pool", "session")},
            "classes": ["*"],
            "seats": one,
            "vehicles": one,
        },
        "applications": {
            **{name: texts[name] for name in ("application", "candidate")},
            "subject": ["S1"],
            "licence_class": ["C1"],
            **dict.fromkeys(("tier", "key", "lot", "any_session"), one),
            "earliest": ["2027-03-01"],
            "latest": ["2027-03-01"],
            "partner": [""],
            "prior": [""],
            "pinned": 0 * one,
        },
        "choices": {"application": ["application"], "order": one, "session": ["session"]},
    }
