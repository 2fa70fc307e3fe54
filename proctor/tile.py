"""The small picture of a camera for the wall, replaced whole so that nobody reads half of it."""

import os
from pathlib import Path

import cv2

from proctor.planes import Planes

NAME = "tile.jpg"
_WIDTH = 320
_QUALITY = 70


def render(planes: Planes) -> bytes:
    """Return a frame as JPEG, 320 pixels wide."""
    height, width = planes.size
    small = planes.cut(longest=round(max(_WIDTH, height * _WIDTH / width))).picture
    _, data = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    return data.tobytes()


class TileFile:
    """Where one camera's small picture stands."""

    def __init__(self, folder: Path) -> None:
        """Take the camera's folder."""
        # Plain calls on text: every camera does this each second, and a path that is put together
        # anew, opened and buffered costs as much as making the picture.
        self._path, self._draft = str(folder / NAME), str(folder / f".{NAME}.draft")

    def write(self, data: bytes) -> None:
        """Put the picture there; raises OSError where it cannot be written."""
        draft = os.open(self._draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
        try:
            while data:
                data = data[os.write(draft, data) :]
        finally:
            os.close(draft)
        os.replace(self._draft, self._path)  # noqa: PTH105 - plain on purpose, see above
