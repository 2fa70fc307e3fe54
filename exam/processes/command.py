"""What the supervisor is told: which program, and how patient to be with it."""

from __future__ import annotations

import signal
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One program to keep running.

    Attributes:
        name: short, unique; stands before each line that the program prints.
        argv: program and arguments.
        env: added to the supervisor's own environment.
        mandatory: whether the installation is worth nothing without it.
        first: started before the others and ended after them, as a database is.
        stop_signal: what asks it to end by itself.
        grace: seconds it has for that before it is killed.
        user: system user it runs as; empty for the supervisor's own.
    """

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    mandatory: bool = True
    first: bool = False
    stop_signal: signal.Signals = signal.SIGTERM
    grace: float = 10.0
    user: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How often and how fast a program that ended is started again.

    Attributes:
        shortest: seconds before the first new start; doubles with each failure in a row.
        longest: seconds that it never exceeds.
        healthy: seconds of running after which earlier failures are forgotten.
        attempts: failures in a row after which a mandatory program is given up.
    """

    shortest: float = 0.5
    longest: float = 30.0
    healthy: float = 60.0
    attempts: int = 6

    def pause(self, failures: int) -> float:
        """Seconds to wait after so many failures in a row, of which this is the last."""
        return min(self.longest, self.shortest * 2.0 ** (failures - 1))
