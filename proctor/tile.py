"""The small picture of a camera for the wall, replaced whole so that nobody reads half of it."""

from pathlib import Path

import av
import cv2
import numpy as np

NAME = "tile.jpg"
_WIDTH = 320
_QUALITY = 70


def render(frame: av.VideoFrame) -> bytes:
    """Return a frame as JPEG, 320 pixels wide."""
    height = max(2, round(frame.height * _WIDTH / frame.width))
    small = frame.reformat(width=_WIDTH, height=height, format="bgr24").to_ndarray()
    _, data = cv2.imencode(".jpg", np.asarray(small), [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    return data.tobytes()


def write(folder: Path, data: bytes) -> None:
    """Put the picture into the folder."""
    draft = folder / f".{NAME}.draft"
    draft.write_bytes(data)
    draft.replace(folder / NAME)
