"""Answering with a picture of a person."""

from pathlib import Path

from flask import Response, current_app

from exam.errors import NotFound
from exam.sealing import files


def picture(name: str | None) -> Response:
    """A sealed JPEG below the data folder; no browser and no proxy keeps it.

    Raises:
        NotFound: there is none.
    """
    if name is None:
        raise NotFound
    try:
        content = files.read(name, Path(current_app.config["KAOCHANG"].data_folder))
    except OSError:
        raise NotFound from None
    answer = Response(content, mimetype="image/jpeg")
    answer.headers["Cache-Control"] = "no-store"
    return answer
