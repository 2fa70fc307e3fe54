"""Several cameras of one room together: what changes for most of them at once is one event.

When the light goes out or the switch fails, sixty cameras are covered or lost in the same second.
That is one thing to look after, and says nothing about any seat.
"""

from proctor.fusion import Change
from proctor.link import RoomTurn

KIND = "room_change"
_TOGETHER = 2.0
_LEAST_CAMERAS = 3


class RoomWatch:
    """One room while it is watched: takes what its cameras tell, says when most have a fault.

    Times are seconds on any clock that only grows, the same for all calls.
    """

    def __init__(self) -> None:
        """Start with no camera and nothing wrong."""
        self.cameras: set[str] = set()
        self._faults: dict[tuple[str, str], float] = {}
        self._start: float | None = None
        self._said = False

    @property
    def changing(self) -> bool:
        """Whether most cameras have had a fault since the same two seconds."""
        return self._start is not None

    def tell(self, stream: str, kind: str, began: float | None) -> None:
        """Take that a fault of a camera began, or (None) that it is over."""
        if began is None:
            self._faults.pop((stream, kind), None)
        else:
            self._faults[stream, kind] = began

    def leave(self, stream: str) -> None:
        """Forget a camera that is not of the room any more."""
        self.cameras.discard(stream)
        for place in [place for place in self._faults if place[0] == stream]:
            del self._faults[place]

    def look(self, now: float) -> RoomTurn | None:
        """Return what is to be written now: that the change opened, or that it is over."""
        concerned = {stream for stream, _ in self._faults} & self.cameras
        most = len(self.cameras) >= _LEAST_CAMERAS and 2 * len(concerned) > len(self.cameras)
        if self._start is None:
            self._start = self._began_together() if most else None
        if self._start is None:
            return None
        told = (0.0, now - self._start, len(concerned), len(self.cameras))
        if not most:
            said, self._said, self._start = self._said, False, None
            return RoomTurn(Change.CLOSED, *told) if said else None
        if not self._said and now - self._start >= _TOGETHER:
            self._said = True
            return RoomTurn(Change.OPENED, *told)
        return None

    def forget(self) -> None:
        """Let whoever writes for the room next write an opening of its own."""
        self._said = False

    def _began_together(self) -> float | None:
        """Return when more than half of the cameras began within two seconds."""
        began = sorted((at, stream) for (stream, _), at in self._faults.items())
        for first, _ in began:
            last = first + _TOGETHER
            group = {stream for at, stream in began if first <= at <= last} & self.cameras
            if 2 * len(group) > len(self.cameras):
                return first
        return None
