"""Pictures taken at the desk: made small and plain, sealed, kept below the data folder."""

import io
import warnings
from datetime import date
from pathlib import Path

from flask_babel import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from exam.db import new_id
from exam.errors import InvalidInput
from exam.registration.photos import FORMATS
from exam.sealing import files

LONGEST = 1280
MOST_PIXELS = 50_000_000


def keep_probe(content: bytes, folder: Path, *, on: date) -> str:
    """Keep a picture as JPEG, upright and without what a camera wrote into it.

    Returns:
        Its path below the data folder.

    Raises:
        InvalidInput: not a picture, or a much too large one.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=FORMATS) as opened:
                if opened.width * opened.height > MOST_PIXELS:
                    raise _too_large()
                picture = ImageOps.exif_transpose(opened).convert("RGB")
    except Image.DecompressionBombError:
        raise _too_large() from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        raise InvalidInput(
            _("This is not a picture. Take one, or let a person check."), field="picture"
        ) from None
    picture.thumbnail((LONGEST, LONGEST))
    name = f"identity/{on.isoformat()}/{new_id()}.jpg"
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=90)
    files.write(name, buffer.getvalue(), folder)
    return name


def _too_large() -> InvalidInput:
    return InvalidInput(_("This picture is too large. Take it again."), field="picture")
