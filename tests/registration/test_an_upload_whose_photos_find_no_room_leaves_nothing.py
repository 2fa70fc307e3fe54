"""With a limit on files instead of a full disk, so that it runs on every machine."""

from __future__ import annotations

import contextlib
import io
import resource
from typing import TYPE_CHECKING

import sqlalchemy as sa

from exam.db import db
from exam.people.models import Person
from exam.registration.models import Upload
from tests.registration.factories import House, row
from tests.registration.files import photos, xlsx
from tests.web.page_check import page_problems

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

ROOM = 400
"""Bytes that a file may hold: no sealed photo is as small."""


@contextlib.contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    before, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (before, most))


def test_an_upload_whose_photos_find_no_room_leaves_nothing(
    house: House, sign_in: Callable[..., FlaskClient], data_folder: Path
) -> None:
    client = sign_in(house.clerk)
    rows = [row(n) for n in (2, 3, 4)]
    table, album = xlsx(rows), photos([f"{x.number}.jpg" for x in rows])

    def hand_in() -> TestResponse:
        files = {"file": (io.BytesIO(table), "r.xlsx"), "photos": (io.BytesIO(album), "p.zip")}
        return client.post("/school/uploads/new", data=files)

    with files_of_at_most(ROOM):
        answer = hand_in()
    assert answer.status_code == 507
    assert page_problems(answer.text) == []
    for model in (Upload, Person):
        assert db.session.scalar(sa.select(sa.func.count()).select_from(model)) == 0
    assert list(data_folder.rglob("photos/*")) == []
    assert hand_in().status_code == 303
    assert len(list(data_folder.rglob("photos/*.jpg"))) == 3
