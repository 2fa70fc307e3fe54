"""State machines: an enum of states and a table of the moves that exist."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from exam.errors import WrongState

S = TypeVar("S", bound=StrEnum)


def move(current: S, to: S, table: Mapping[S, frozenset[S]]) -> S:
    """Return ``to`` if the table has that move.

    Raises:
        WrongState: with both states, if it has not.
    """
    if to not in table.get(current, frozenset()):
        raise WrongState(current=current.value, wanted=to.value)
    return to
