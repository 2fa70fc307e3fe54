"""For each event that opens, the camera's newest small picture: a clip's cover."""

from pathlib import Path
from typing import Any

from proctor.ledger.lines import LineType

FOLDER = "stills"


class Stills:
    """Remembers a camera's newest small picture and puts it beside events that open."""

    def __init__(self, folder: Path) -> None:
        """Take the camera's folder."""
        self._folder, self._newest = folder / FOLDER, b""

    def tile(self, picture: bytes) -> None:
        """Remember the newest picture."""
        self._newest = picture

    def event(self, line: dict[str, Any]) -> None:
        """Put a picture beside an event that has just opened, whole or not at all."""
        if line["type"] != LineType.OPENED or not self._newest:
            return
        self._folder.mkdir(exist_ok=True)
        path = self._folder / f"{line['payload']['event']:04}.jpg"
        draft = path.with_suffix(".draft")
        draft.write_bytes(self._newest)
        draft.replace(path)
