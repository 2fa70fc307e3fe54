"""What manager and worker tell each other: JSON, one message a line, over pipes."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from proctor.addresses import is_file
from proctor.kinds import View
from proctor.settings import Settings, with_profile


@dataclass(frozen=True)
class CameraOrder:
    """One camera to watch, all of it opaque names and paths.

    stream: its name in the ledger. source: see proctor/addresses.py. out: its folder. people: how
    many are expected, None for the view's default. room: cameras with the same one change
    together; empty for none. profile: TOML with what its view needs. keep_bytes: see Settings.
    keys: the folder of the keys that seal evidence, empty to leave it plain.
    """

    stream: str
    source: str
    out: str
    view: str
    people: int | None = None
    seat: str = ""
    room: str = ""
    references: tuple[str, ...] = ()
    profile: str = ""
    keep_bytes: int | None = None
    keys: str = ""

    def settings(self) -> Settings:
        """Return how it is to be watched; raises BadInputError. Files are played in a loop."""
        settings = Settings(
            view=View(self.view),
            people=self.people,
            seat=self.seat,
            stream=self.stream,
            references=tuple(Path(path) for path in self.references),
            realtime=True,
            loop=is_file(self.source),
            keep_bytes=self.keep_bytes,
        )
        return with_profile(settings, Path(self.profile)) if self.profile else settings

    def message(self) -> dict[str, Any]:
        """Return it as a message to a worker."""
        return {"do": "watch", "camera": asdict(self)}

    @classmethod
    def read(cls, camera: dict[str, Any]) -> "CameraOrder":
        """Return the order of a message."""
        return cls(**camera | {"references": tuple(camera["references"])})


def line(message: dict[str, Any]) -> bytes:
    """Return a message as it goes through a pipe."""
    return json.dumps(message, separators=(",", ":")).encode() + b"\n"
