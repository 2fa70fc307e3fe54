"""What is kept beside an event's clip: still pictures, the signal trace, the baseline.

Each is written as early as it can be, so that a killed worker leaves what it had.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from proctor import recall, trace
from proctor.kinds import Place
from proctor.shelf import Shelf, Writer
from proctor.stills import OPENED, Album, Seen


class Exhibits:
    """The files beside one event's clip; after a failure to write, nothing more is tried."""

    def __init__(self, shelf: Shelf, event: int, place: Place, first: Seen | None) -> None:
        """Write the opening picture; `first` is what was seen last when the event opened."""
        self._shelf, self._event = shelf, event
        self._album = Album(place, first)
        self._names: list[str] = []
        self._trace: Writer | None = None
        self.has_baseline = False
        self.failure: str | None = None
        kind, seat = place
        self._header = {"format": trace.FORMAT, "event": event, "kind": str(kind), "seat": seat}
        picture = self._album.opened()
        if picture is not None:
            self._put(f"{OPENED}.jpg", picture)

    def moments(self, lines: Iterable[bytes]) -> None:
        """Add moments, as the lines they are, to the trace."""
        if self.failure is not None:
            return
        try:
            if self._trace is None:
                name = self._name("trace.jsonl")
                self._trace = self._shelf.open(name)
                self._names.append(name)
                self._trace.write(trace.line(self._header))
            self._trace.write(b"".join(lines))
        except OSError as error:
            self.failure = type(error).__name__

    def look(self, seen: Seen) -> None:
        """Take the next analysed picture."""
        self._album.look(seen)

    def baseline(self, header: dict[str, Any], packed: recall.Packed) -> None:
        """Write what the watch remembered of the camera when the clip began."""
        self.has_baseline = True
        self._put("baseline.json.gz", recall.dump(header | {"event": self._event}, packed))

    def finish(self) -> list[Path]:
        """Write the rest; returns every file that is there."""
        for name, picture in self._album.rest().items():
            self._put(f"{name}.jpg", picture)
        try:
            if self._trace is not None:
                self._trace.close()
        except OSError as error:
            self.failure = type(error).__name__
        paths = (self._shelf.path(name) for name in self._names)
        return [path for path in paths if path.is_file()]

    def _put(self, name: str, data: bytes) -> None:
        if self.failure is not None:
            return
        self._names.append(self._name(name))
        try:
            self._shelf.put(self._name(name), data)
        except OSError as error:
            self.failure = type(error).__name__

    def _name(self, name: str) -> str:
        return f"{self._event:04}-{name}"
