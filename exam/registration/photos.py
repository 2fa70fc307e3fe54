"""Portraits: found in a zip by file name, made small and plain, kept under names of our own."""

import io
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from uuid import UUID

from flask_babel import lazy_gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from exam.errors import InvalidInput
from exam.registration.cells import Finding
from exam.registration.columns import Key
from exam.sealing import files

FOLDER = "photos"
PHOTO_MAX_BYTES = 5 * 1024 * 1024
PIXELS_MAX = 40_000_000
SIDE_MIN = 120
SIDE_MAX = 800
ENTRIES_MAX = 12_000
UNPACKED_MAX = 400 * 1024 * 1024
"""Pictures hardly shrink when packed: beyond this it is no album but a bomb."""
QUALITY = 88
FORMATS = ("JPEG", "PNG", "WEBP", "BMP")


class PhotoRefused(Exception):
    """A picture cannot be used; ``code`` is that of a finding."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


class PhotoZip(Mapping[str, bytes]):
    """Pictures of a zip by their plain file name; folders inside it do not count.

    Nothing is ever unpacked under a name that the zip gives, so that such names lead nowhere.

    Raises:
        InvalidInput: it is no zip, holds too many files, or unpacks to too much.
    """

    def __init__(self, content: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(content))
        except zipfile.BadZipFile:
            raise InvalidInput(_("The photos must come in one zip file."), field="photos") from None
        entries = [x for x in self._zip.infolist() if not x.is_dir()]
        if len(entries) > ENTRIES_MAX:
            message = _("The zip holds too many files. Split the upload.")
            raise InvalidInput(message, field="photos")
        # What an entry says of its size is also where reading it ends, so the sum is no lie.
        if sum(x.file_size for x in entries) > UNPACKED_MAX:
            message = _("The photos in this zip are too large together. Split the upload.")
            raise InvalidInput(message, field="photos")
        self._entries: dict[str, zipfile.ZipInfo | None] = {}
        for entry in entries:
            key = plain_name(_name_of(entry))
            self._entries[key] = None if key in self._entries else entry

    def __getitem__(self, name: str) -> bytes:
        """The bytes of a picture, at most one more than allowed.

        Raises:
            KeyError: the zip has no such file.
            PhotoRefused: two files have this name, or it cannot be read.
        """
        entry = self._entries[plain_name(name)]
        if entry is None:
            raise PhotoRefused("photo.twice")
        try:
            with self._zip.open(entry) as file:
                return file.read(PHOTO_MAX_BYTES + 1)
        except (zipfile.BadZipFile, RuntimeError, EOFError, OSError):
            raise PhotoRefused("photo.unreadable") from None

    def __contains__(self, name: object) -> bool:
        """Whether exactly one file has this name; nothing is unpacked to know it."""
        return isinstance(name, str) and self._entries.get(plain_name(name)) is not None

    def __iter__(self) -> Iterator[str]:
        """File names, folded."""
        return iter(self._entries)

    def __len__(self) -> int:
        """How many different names there are."""
        return len(self._entries)


def _name_of(entry: zipfile.ZipInfo) -> str:
    """Names without the UTF-8 mark are in the code page of Chinese systems, not in IBM's."""
    if entry.flag_bits & 0x800:
        return entry.filename
    try:
        return entry.filename.encode("cp437").decode("gb18030")
    except UnicodeError:
        return entry.filename


def plain_name(name: str) -> str:
    """The last part of a path, folded: neither folders nor upper case matter."""
    return PurePosixPath(name.replace("\\", "/")).name.strip().casefold()


def picture_for(name: str | None, pictures: Mapping[str, bytes]) -> bytes | Finding | None:
    """The re-encoded picture that a row names, what is wrong with it, or None if it names none."""
    if name is None:
        return None
    try:
        return reencoded(pictures[name])
    except KeyError:
        return Finding(Key.PHOTO, "photo.missing", {"name": name})
    except PhotoRefused as error:
        facts: dict[str, str | int] = {"name": name, "megabytes": PHOTO_MAX_BYTES // 1024**2}
        return Finding(Key.PHOTO, error.code, {**facts, "pixels": SIDE_MIN})


def reencoded(content: bytes) -> bytes:
    """A plain JPEG of at most 800 pixels a side, without anything a camera wrote beside it.

    Raises:
        PhotoRefused: too large, not a picture, or too small to show a face.
    """
    if len(content) > PHOTO_MAX_BYTES:
        raise PhotoRefused("photo.large")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=FORMATS) as image:
                if image.width * image.height > PIXELS_MAX:
                    raise PhotoRefused("photo.large")
                if min(image.size) < SIDE_MIN:
                    raise PhotoRefused("photo.small")
                return _jpeg(image)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError):
        raise PhotoRefused("photo.no_picture") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise PhotoRefused("photo.large") from None


def _jpeg(image: Image.Image) -> bytes:
    image.draft("RGB", (SIDE_MAX, SIDE_MAX))
    upright = ImageOps.exif_transpose(image).convert("RGB")
    upright.thumbnail((SIDE_MAX, SIDE_MAX))
    plain = Image.new("RGB", upright.size)
    plain.paste(upright)
    buffer = io.BytesIO()
    plain.save(buffer, "JPEG", quality=QUALITY)
    return buffer.getvalue()


def store(key: UUID, picture: bytes, data_folder: Path) -> str:
    """Keep a re-encoded picture, sealed; returns its path below the data folder."""
    path = f"{FOLDER}/{key}.jpg"
    files.write(path, picture, data_folder)
    return path


def drop(path: str, data_folder: Path) -> None:
    """Take a stored picture away, because what it belonged to was not saved."""
    (data_folder / path).unlink(missing_ok=True)
