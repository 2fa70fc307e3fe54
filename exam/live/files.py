"""Files of a stream for people's eyes: the small picture, stills, clips that may still grow.

What a worker sealed is opened here, for one answer and in memory only.
"""

from io import BufferedReader
from pathlib import Path
from typing import IO

from flask import Response, request, send_file
from werkzeug.wsgi import wrap_file

from exam.errors import NotFound
from exam.live.evidence_keys import ring_of
from exam.live.reading import SeenEvent
from exam.live.streams import EVIDENCE, TILE, folder_of
from proctor.seal import CHUNK, SUFFIX, SealedReader, SealError, key_id_of, opened

TYPES = {".mp4": "video/mp4", ".webm": "video/webm", ".mkv": "video/x-matroska"}
OPENED, PEAK, LAST = "opened", "peak", "last"
STILLS = (OPENED, PEAK, LAST)
LONG_BOX = 1
"""A box of an mp4 whose length this is has its true length, of 64 bits, behind its name."""


def tile(data_folder: Path, stream: str) -> Response:
    """The newest small picture; never kept by a browser.

    Raises:
        NotFound: the camera has not sent a picture yet.
    """
    try:
        return _picture((folder_of(data_folder, stream) / TILE).read_bytes())
    except OSError:
        raise NotFound from None


def still(data_folder: Path, seen: SeenEvent, which: str) -> Response:
    """A still picture of an event; never kept by a browser.

    Raises:
        NotFound: none was kept, it was erased, or the key that seals it was.
    """
    path = still_path(data_folder, seen, which)
    if path is None:
        raise NotFound
    with _opened(data_folder, path) as file:
        return _picture(file.read())


def still_path(data_folder: Path, seen: SeenEvent, which: str) -> Path | None:
    """Where a still of an event lies, None where none was kept."""
    return _beside(data_folder, seen, f"{which}.jpg") if which in STILLS else None


def trace(data_folder: Path, seen: SeenEvent) -> Response:
    """The signal trace of an event, to keep.

    Raises:
        NotFound: none was kept, it was erased, or the key that seals it was.
    """
    path = _beside(data_folder, seen, "trace.jsonl")
    if path is None:
        raise NotFound
    with _opened(data_folder, path) as file:
        response = Response(file.read(), mimetype="application/jsonl")
    response.headers["Cache-Control"] = "no-store"
    name = f"{seen.event.stream}-{seen.event.event:04}.jsonl"
    response.headers["Content-Disposition"] = f"attachment; filename={name}"
    return response


def clip(data_folder: Path, path: Path) -> Response:
    """A clip, in whole or the range that was asked for; never kept by a browser.

    One that is still being written is served as far as it has come: its container needs nothing
    from the end to play.

    Raises:
        NotFound: the key that seals it was erased.
    """
    kind = TYPES[_plain(path).suffix]
    if path.suffix != SUFFIX:
        response = send_file(path, mimetype=kind, conditional=True, etag=False)
    else:
        file, size = _sealed_clip(data_folder, path)
        response = Response(
            wrap_file(request.environ, file), mimetype=kind, direct_passthrough=True
        )
        response.content_length = size
        response.call_on_close(file.close)
        response.make_conditional(request.environ, accept_ranges=True, complete_length=size)
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
        inside = path.resolve().is_relative_to(folder)
        if inside and _plain(path).suffix in TYPES and path.is_file():
            return path
    return None


def _beside(data_folder: Path, seen: SeenEvent, name: str) -> Path | None:
    """A file beside an event's clip, sealed or plain."""
    plain = f"{seen.event.event:04}-{name}"
    folder = folder_of(data_folder, seen.event.stream) / EVIDENCE
    return next((x for x in (folder / plain, folder / (plain + SUFFIX)) if x.is_file()), None)


def _plain(path: Path) -> Path:
    """The name that a file had if it were not sealed."""
    return path.with_suffix("") if path.suffix == SUFFIX else path


def _opened(data_folder: Path, path: Path) -> IO[bytes]:
    try:
        key = ring_of(data_folder).get(key_id_of(path)) if path.suffix == SUFFIX else None
        return opened(path, key)
    except (OSError, SealError):
        raise NotFound from None


def _sealed_clip(data_folder: Path, path: Path) -> tuple[IO[bytes], int]:
    """A sealed clip and how many bytes of it can be played.

    One that still grows ends behind its last whole fragment: a player that has heard of a picture
    waits for it for ever.
    """
    try:
        reader = SealedReader(path, ring_of(data_folder).get(key_id_of(path)))
    except (OSError, SealError):
        raise NotFound from None
    if not reader.finished and _plain(path).suffix == ".mp4":
        reader.size = _whole_boxes(reader) or reader.size
        reader.seek(0)
    return BufferedReader(reader, CHUNK), reader.size


def _whole_boxes(reader: SealedReader) -> int:
    """Where the last fragment ends of which everything is there."""
    at = end = 0
    while at + 16 <= reader.size:
        reader.seek(at)
        head = reader.read(16)
        length = int.from_bytes(head[:4], "big")
        if length == LONG_BOX:
            length = int.from_bytes(head[8:], "big")
        at += max(length, 8)
        if at <= reader.size and head[4:8] != b"moof":
            end = at
    return end


def _picture(data: bytes) -> Response:
    response = Response(data, mimetype="image/jpeg")
    response.headers["Cache-Control"] = "no-store"
    return response
