"""Files of a stream for people's eyes: the small picture, and clips that may still be growing."""

from pathlib import Path

from flask import Response, send_file

from exam.errors import NotFound
from exam.live.reading import SeenEvent
from exam.live.streams import EVIDENCE, STILLS, TILE, folder_of

TYPES = {".mp4": "video/mp4", ".webm": "video/webm", ".mkv": "video/x-matroska"}


def tile(data_folder: Path, stream: str) -> Response:
    """The newest small picture; never kept by a browser.

    Raises:
        NotFound: the camera has not sent a picture yet.
    """
    return _picture(folder_of(data_folder, stream) / TILE)


def still(path: Path) -> Response:
    """The picture that was newest when an event opened; never kept by a browser.

    Raises:
        NotFound: none was kept.
    """
    return _picture(path)


def still_path(data_folder: Path, seen: SeenEvent) -> Path:
    """Where the still of an event lies, if one was kept."""
    return folder_of(data_folder, seen.event.stream) / STILLS / f"{seen.event.event:04}.jpg"


def _picture(path: Path) -> Response:
    try:
        data = path.read_bytes()
    except OSError:
        raise NotFound from None
    response = Response(data, mimetype="image/jpeg")
    response.headers["Cache-Control"] = "no-store"
    return response


def clip(path: Path) -> Response:
    """A clip, in whole or the range that was asked for; never kept by a browser.

    One that is still being written is served as far as it has come: its container needs nothing
    from the end to play.
    """
    kind = TYPES.get(path.suffix, "application/octet-stream")
    response = send_file(path, mimetype=kind, conditional=True, etag=False)
    response.headers["Cache-Control"] = "no-store"
    return response


def clip_path(data_folder: Path, seen: SeenEvent) -> Path | None:
    """Where an event's clip lies, recorded or still growing; None where there is none.

    What a ledger says is not trusted to stay inside its folder.
    """
    folder = folder_of(data_folder, seen.event.stream).resolve()
    if seen.evidence is not None:
        found = [folder / seen.evidence.path]
    else:
        found = sorted((folder / EVIDENCE).glob(f"{seen.event.event:04}.*"))
    for path in found:
        if path.resolve().is_relative_to(folder) and path.is_file():
            return path
    return None
