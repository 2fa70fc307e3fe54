"""A question about the coming weeks as one JSON file, and its answer.

    {"format": "kaochang-lookahead/1", "today": "2027-03-01", "horizon": "2027-08-31",
     "intervals": [{"before": "S2", "subject": "S3R", "days": 10}],
     "permits": [{"case": "a", "group": "north:C1", "last_day": "2027-04-01",
                  "remaining": ["S2", "S3R"], "passed": {"S1": "2027-02-01"}}],
     "capacity": [{"group": "north:C1", "subject": "S2", "day": "2027-03-08", "seats": 20}],
     "queues": [{"site": "north", "subject": "S2", "arrivals": 120, "vehicles": 6, "turns": 5}],
     "changes": [{"site": "north", "subject": "S2", "vehicles": 1}]}

Fields are those of `lookahead` and `simulation`; every list may be missing.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from pydantic import ConfigDict, TypeAdapter, ValidationError

from scheduler.errors import RoundError
from scheduler.lookahead import Capacity, Interval, Permit, outlook, shortages
from scheduler.simulation import Queue, WhatIf, simulate, what_if

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked; see the top of this file."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    format: Literal["kaochang-lookahead/1"]
    today: date
    horizon: date
    intervals: list[Interval] = field(default_factory=list)
    permits: list[Permit] = field(default_factory=list)
    capacity: list[Capacity] = field(default_factory=list)
    queues: list[Queue] = field(default_factory=list)
    changes: list[WhatIf] = field(default_factory=list)


def read_question(path: Path) -> Question:
    """Read a question.

    Raises:
        RoundError: The file cannot be read or a field is off; one line that names it.
    """
    try:
        return TypeAdapter(Question).validate_json(path.read_bytes())
    except OSError as error:
        raise RoundError(path.name, f"cannot be read: {error.strerror}") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or None
        raise RoundError(path.name, first["msg"], column=where) from error


def answer(question: Question, *, seed: int, runs: int = 200, weeks: int = 26) -> dict[str, Any]:
    """Answer a question with plain values, dates as ISO text.

    Args:
        question: What is asked.
        seed: Seed of the simulation.
        runs: Runs of the simulation.
        weeks: Weeks to simulate.

    Raises:
        SolveError: As `outlook`, `shortages`, `simulate` and `what_if`.
    """
    asked = question
    chains = outlook(asked.permits, asked.intervals, asked.today, asked.horizon)
    missing = shortages(asked.permits, asked.intervals, asked.capacity, asked.today, asked.horizon)
    found: dict[str, Any] = {
        "format": "kaochang-outlook/1",
        "seed": seed,
        "outlook": [asdict(one) for one in chains],
        "shortages": [asdict(one) for one in missing],
        "forecast": [],
        "effect": [],
    }
    if asked.queues:
        forecast = simulate(asked.queues, weeks=weeks, runs=runs, seed=seed)
        found["forecast"] = [asdict(one) for one in forecast]
    if asked.changes:
        effect = what_if(asked.queues, asked.changes, weeks=weeks, runs=runs, seed=seed)
        found["effect"] = [asdict(one) for one in effect]
    return dict(_plain(found))


def _plain(value: Any) -> Any:
    """Write dates as text, also where they are keys."""
    if isinstance(value, dict):
        return {_plain(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value
