"""What a camera's watch shares with the other cameras of its process and of its room."""

from dataclasses import dataclass
from typing import Protocol

from proctor.effort import FULL, Effort
from proctor.fusion import Change
from proctor.kinds import Kind

_UNKNOWN_RATE = 25.0


@dataclass(frozen=True)
class Shape:
    """A stream: width and height in pixels, pictures a second (0: it does not say)."""

    width: int
    height: int
    rate: float

    def __str__(self) -> str:
        """Return it as people write it: 640x480 at 10 a second."""
        return f"{self.width}x{self.height} at {self.assumed_rate:g} a second"

    @property
    def assumed_rate(self) -> float:
        """Pictures a second, or a guess on the safe side."""
        return self.rate if 0 < self.rate <= 60 else _UNKNOWN_RATE


@dataclass(frozen=True)
class RoomTurn:
    """A change of the whole room, for one of its cameras to write down.

    age, start_age: seconds ago that it ends (or was last seen) and began. cameras: how many are
    concerned, of: how many the room has.
    """

    change: Change
    age: float
    start_age: float
    cameras: int
    of: int


class Link(Protocol):
    """The process and the room around one camera."""

    def admit(self, shape: Shape) -> None:
        """Ask for a place before anything is written; raises ProctorError where there is none."""

    def effort(self) -> Effort:
        """Return how hard to look at this moment."""

    def note(self, *, late: bool) -> None:
        """Tell of a picture that was due, whether it came too late to be looked at."""

    def told(self, kind: Kind, since: float | None) -> None:
        """Tell how many seconds ago a fault of the camera began; None: there is none (any more)."""

    def room_changing(self) -> bool:
        """Tell whether most cameras of the room have a fault, so that none speaks for itself."""

    def room_turns(self) -> list[RoomTurn]:
        """Take what this camera is to write down about its room."""


class Alone:
    """A camera with a process to itself and no room."""

    def admit(self, shape: Shape) -> None:
        """Let every camera in."""

    def effort(self) -> Effort:
        """Look at everything."""
        return FULL

    def note(self, *, late: bool) -> None:
        """Keep no count."""

    def told(self, kind: Kind, since: float | None) -> None:
        """Tell nobody."""

    def room_changing(self) -> bool:
        """Know of no room."""
        return False

    def room_turns(self) -> list[RoomTurn]:
        """Write down nothing."""
        return []
