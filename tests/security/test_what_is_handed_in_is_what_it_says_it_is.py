from __future__ import annotations

import io
import zipfile
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from PIL import Image

from exam.errors import InvalidInput
from exam.examday.pictures import keep_probe
from exam.registration import photos
from exam.registration.photos import PhotoRefused, PhotoZip, reencoded
from exam.registration.reading import delivery_of
from tests.registration.files import csv_file, xlsx

MEGABYTE = 1024 * 1024
TODAY = date(2026, 11, 2)
MARK = b"<script>alert(1)</script>"


def _picture(kind: str, size: tuple[int, int] = (300, 400), **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, "teal").save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("name", ["九月.pdf", "九月", "九月.xlsx.exe", "九月.html", ".xlsx", ""])
def test_a_table_has_the_name_of_a_table(app: Flask, name: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        delivery_of(name, xlsx([]), None)
    assert refused.value.field == "file"
    assert ".csv" in str(refused.value)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", xlsx([])),
        ("a.xlsx", csv_file([], "utf-8")),
        ("a.xlsx", b"<html>" + MARK),
        ("a.xlsx", b"%PDF-1.7"),
    ],
    ids=["workbook as csv", "csv as workbook", "page as workbook", "document as workbook"],
)
def test_a_tables_content_is_what_its_name_says(app: Flask, name: str, content: bytes) -> None:
    with pytest.raises(InvalidInput) as refused:
        delivery_of(name, content, None)
    assert refused.value.field == "file"


def _zip(entries: int, size: int) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(entries):
            archive.writestr(f"{number}.bmp", b"\0" * size)
    return buffer.getvalue()


def test_photos_that_unpack_to_too_much_are_refused_before_any_is_unpacked(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(photos, "UNPACKED_MAX", 5 * MEGABYTE)
    assert len(PhotoZip(_zip(5, MEGABYTE))) == 5
    with pytest.raises(InvalidInput) as refused:
        PhotoZip(_zip(6, MEGABYTE))
    assert refused.value.field == "photos"


def test_a_false_size_ends_the_reading_there(app: Flask) -> None:
    """A directory that says less than there is gets less, so the sum before is a true bound."""
    honest = _zip(1, 4 * MEGABYTE)
    size = (4 * MEGABYTE).to_bytes(4, "little")
    album = PhotoZip(honest.replace(size, (100).to_bytes(4, "little")))
    with pytest.raises(PhotoRefused):  # its checksum is that of the whole
        album["0.bmp"]


POSTSCRIPT = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 300 400\n%%EndComments\n"
VECTOR = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    "content",
    [POSTSCRIPT, VECTOR, b"GIF89a" + MARK, _picture("TIFF"), _picture("GIF"), b"", MARK],
    ids=["postscript", "svg", "half gif", "tiff", "gif", "nothing", "script"],
)
def test_only_the_four_kinds_that_cameras_make_are_pictures(
    app: Flask, tmp_path: Path, content: bytes
) -> None:
    """The library knows forty kinds, one of which is a programming language."""
    with pytest.raises(PhotoRefused):
        reencoded(content)
    with pytest.raises(InvalidInput):
        keep_probe(content, tmp_path, on=TODAY)
    assert not list(tmp_path.rglob("*.jpg"))


def _with_secrets() -> bytes:
    exif = Image.Exif()
    exif[0x010E] = MARK.decode()
    exif[0x8825] = {1: "N", 2: (39.0, 54.0, 0.0)}
    return _picture("JPEG", exif=exif) + MARK


def test_a_photo_keeps_its_pixels_and_nothing_else() -> None:
    """No place, no serial number, no second file hidden behind the first."""
    plain = reencoded(_with_secrets())
    assert MARK not in plain
    with Image.open(io.BytesIO(plain)) as image:
        assert (image.format, dict(image.getexif())) == ("JPEG", {})


@pytest.mark.parametrize("size", [(7_100, 7_100), (20_000, 20_000)])
def test_a_flood_of_pixels_is_refused_before_it_is_unpacked(
    app: Flask, tmp_path: Path, size: tuple[int, int]
) -> None:
    flat = io.BytesIO()
    Image.new("1", size).save(flat, "PNG")
    with pytest.raises(InvalidInput) as refused:
        keep_probe(flat.getvalue(), tmp_path, on=TODAY)
    assert refused.value.field == "picture"
    with pytest.raises(PhotoRefused) as photo:
        reencoded(flat.getvalue())
    assert photo.value.code == "photo.large"
