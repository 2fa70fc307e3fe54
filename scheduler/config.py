"""`round.toml`: what the choices, the fall-backs and the moves of a round cost."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import Any

from scheduler.errors import RoundError

FORMAT = "kaochang-round/1"
LARGEST_COST = 1000


@dataclass(frozen=True, slots=True)
class Config:
    """Costs of a round, integers from 0 to 1000.

    Attributes:
        choice_cost: Cost of the 1st, 2nd … choice; the last one repeats.
        any_session_cost: Cost of a seat given through `any_session`.
        reserve_cost: Added where a pool offers something and the application needs nothing.
        move_cost: Cost of another session by tier from 0; the last one repeats.
        source: The bytes of `round.toml`; they are part of the round's digest.
    """

    choice_cost: tuple[int, ...]
    any_session_cost: int
    reserve_cost: int
    move_cost: tuple[int, ...]
    source: bytes


def parse_config(source: bytes) -> Config:
    """Read `round.toml`; keys other than `format` may be missing and have the usual values.

    Raises:
        RoundError: Not TOML, another format, or a cost outside 0 … 1000.
    """
    try:
        found = tomllib.loads(source.decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RoundError("round.toml", f"is not TOML: {error}") from error
    if found.get("format") != FORMAT:
        raise RoundError("round.toml", f'must be "{FORMAT}"', column="format")
    return Config(
        choice_cost=_costs(found, "choice_cost", [0, 1, 2, 4, 6]),
        any_session_cost=_cost("any_session_cost", found.get("any_session_cost", 10)),
        reserve_cost=_cost("reserve_cost", found.get("reserve_cost", 0)),
        move_cost=_costs(found, "move_cost", [1000, 300, 100, 30]),
        source=source,
    )


def config_source(
    *,
    choice_cost: tuple[int, ...] = (0, 1, 2, 4, 6),
    any_session_cost: int = 10,
    reserve_cost: int = 0,
    move_cost: tuple[int, ...] = (1000, 300, 100, 30),
) -> bytes:
    """Write the bytes of a `round.toml` with these costs, always the same for the same costs."""
    lines = (
        f'format = "{FORMAT}"',
        f"choice_cost = {list(choice_cost)}",
        f"any_session_cost = {any_session_cost}",
        f"reserve_cost = {reserve_cost}",
        f"move_cost = {list(move_cost)}",
    )
    return "".join(f"{line}\n" for line in lines).encode()


def _cost(key: str, value: Any) -> int:
    if type(value) is not int or not 0 <= value <= LARGEST_COST:
        message = f"must be a whole number from 0 to {LARGEST_COST}, not {value!r}"
        raise RoundError("round.toml", message, column=key)
    return value


def _costs(found: dict[str, Any], key: str, usual: list[int]) -> tuple[int, ...]:
    values = found.get(key, usual)
    if not isinstance(values, list) or not values:
        raise RoundError("round.toml", "must be a list of at least one cost", column=key)
    return tuple(_cost(key, value) for value in values)
