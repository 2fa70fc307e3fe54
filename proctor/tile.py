"""The small picture of a camera for the wall, replaced whole so that nobody reads half of it."""

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


def write(folder: Path, data: bytes) -> None:
    """Put the picture into the folder."""
    draft = folder / f".{NAME}.draft"
    draft.write_bytes(data)
    draft.replace(folder / NAME)
