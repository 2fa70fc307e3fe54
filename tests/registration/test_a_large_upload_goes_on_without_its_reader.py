"""An upload with many photos is kept, worked off in slices, and told while it goes on."""

from __future__ import annotations

import io
import os
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from exam import clock
from exam.db import db
from exam.registration import intake
from exam.registration.intake import File
from exam.registration.models import Upload, UploadRow
from tests.registration.factories import NOW, PACK, House, row
from tests.registration.files import photos, xlsx
from tests.web.page_check import page_problems

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flask.testing import FlaskClient

    from exam.people.roles import Actor

MANY = 2 * intake.SLICE + 3


@cache
def file_with(count: int) -> File:
    """The same bytes whenever it is asked for: a workbook holds the second in which it was made."""
    rows = [row(n, photo=f"{n}.jpg") for n in range(2, count + 2)]
    return File("class.xlsx", xlsx(rows), photos([f"{n}.jpg" for n in range(2, count + 1)]))


def work_to_the_end() -> int:
    slices = 0
    while intake.work_off(NOW, PACK)["worked"]:
        slices += 1
    return slices


def outcome(upload: Upload) -> dict[int, list[str]]:
    rows = db.session.scalars(sa.select(UploadRow).where(UploadRow.upload_id == upload.id))
    return {x.row_number: [f["code"] for f in x.findings] for x in rows}


def test_a_small_one_is_answered_at_once(house: House, data_folder: Path) -> None:
    key = intake.hand_in(house.clerk, file_with(3), now=NOW, pack=PACK)
    assert db.session.get_one(Upload, key).taken == 2
    assert not (data_folder / "incoming").exists()


def test_a_large_one_is_worked_off_in_slices(house: House, data_folder: Path) -> None:
    key = intake.hand_in(house.clerk, file_with(MANY), now=NOW, pack=PACK)
    assert db.session.get(Upload, key) is None
    intake.work_off(NOW, PACK)
    told = intake.order_of(house.clerk, key)
    assert told is not None
    assert (told.done, told.total) == (intake.SLICE, MANY - 1)
    assert work_to_the_end() == 2
    upload = db.session.get_one(Upload, key)
    assert (upload.taken, upload.refused) == (MANY - 1, 1)
    assert outcome(upload)[MANY + 1] == ["photo.missing"]
    assert not list((data_folder / "incoming").iterdir()), "nothing is left of what was kept"


def test_nothing_kept_can_be_read_without_the_key(house: House, data_folder: Path) -> None:
    given = file_with(MANY)
    intake.hand_in(house.clerk, given, now=NOW, pack=PACK)
    intake.work_off(NOW, PACK)
    kept = [x.read_bytes() for x in (data_folder / "incoming").rglob("*") if x.is_file()]
    assert len(kept) > intake.SLICE
    assert all(x.startswith(b"KCSEALED") for x in kept)


def test_the_same_file_twice_is_one_piece_of_work(house: House) -> None:
    given = file_with(MANY)
    first, second = (intake.hand_in(house.clerk, given, now=NOW, pack=PACK) for _ in range(2))
    assert first == second
    work_to_the_end()
    assert intake.hand_in(house.clerk, given, now=NOW, pack=PACK) == first
    assert intake.order_of(house.clerk, first) is None


def test_another_school_sees_nothing_of_it(house: House) -> None:
    key = intake.hand_in(house.clerk, file_with(MANY), now=NOW, pack=PACK)
    assert intake.order_of(house.other_clerk, key) is None


def test_what_cannot_be_worked_off_is_told_and_not_tried_for_ever(
    house: House, data_folder: Path
) -> None:
    key = intake.hand_in(house.clerk, file_with(MANY), now=NOW, pack=PACK)
    (data_folder / "incoming" / str(key) / "table").unlink()
    assert intake.work_off(NOW, PACK) == {"worked": 1}
    told = intake.order_of(house.clerk, key)
    assert told is not None
    assert told.failed
    assert intake.work_off(NOW, PACK) == {"worked": 0}
    assert intake.hand_in(house.clerk, file_with(MANY), now=NOW, pack=PACK)
    work_to_the_end()


def test_a_damaged_one_waits_for_a_person_and_stops_no_other(
    house: House, data_folder: Path
) -> None:
    damaged = intake.hand_in(house.clerk, file_with(MANY), now=NOW, pack=PACK)
    order = data_folder / "incoming" / str(damaged) / "order.json"
    order.write_bytes(order.read_bytes()[:-1])
    other = intake.hand_in(house.other_clerk, file_with(MANY), now=NOW, pack=PACK)
    work_to_the_end()
    assert db.session.get_one(Upload, other).taken == MANY - 1
    intake.forget_failed(NOW + timedelta(days=365))
    assert order.exists()


def test_what_is_left_of_a_failed_one_goes_after_its_term(house: House, data_folder: Path) -> None:
    keys = [intake.hand_in(house.clerk, file_with(n), now=NOW, pack=PACK) for n in (MANY, MANY + 1)]
    incoming = data_folder / "incoming"
    (incoming / str(keys[0]) / "table").unlink()
    intake.work_off(NOW, PACK)
    assert intake.forget_failed(NOW) == 0
    assert intake.forget_failed(NOW + timedelta(seconds=1)) == 1
    assert intake.order_of(house.clerk, keys[0]) is None
    assert [x.name for x in incoming.iterdir()] == [str(keys[1])], "who still waits, stays"
    work_to_the_end()
    assert db.session.get_one(Upload, keys[1]).taken == MANY


def test_a_failed_one_that_arrives_anew_is_not_torn_away(house: House, data_folder: Path) -> None:
    key = intake.hand_in(house.clerk, file_with(MANY), now=NOW, pack=PACK)
    (data_folder / "incoming" / str(key) / "table").unlink()
    intake.work_off(NOW, PACK)
    intake.hand_in(house.clerk, file_with(MANY), now=NOW, pack=PACK)
    assert intake.forget_failed(NOW + timedelta(days=900)) == 0
    work_to_the_end()
    assert db.session.get_one(Upload, key).taken == MANY - 1


def test_what_never_arrived_whole_goes_after_a_day(house: House, data_folder: Path) -> None:
    key = intake.hand_in(house.clerk, file_with(MANY), now=NOW, pack=PACK)
    folder = data_folder / "incoming" / str(key)
    (folder / "order.json").unlink()
    assert intake.forget_failed(NOW) == 0
    yesterday = clock.real_now().timestamp() - intake.NEVER_WHOLE.total_seconds() - 1
    os.utime(folder, (yesterday, yesterday))
    assert intake.forget_failed(NOW) == 1
    assert not folder.exists()


def test_the_page_tells_how_far_it_is_with_and_without_script(
    house: House, sign_in: Callable[[Actor], FlaskClient]
) -> None:
    client, given = sign_in(house.clerk), file_with(MANY)
    assert given.photos
    data = {
        "file": (io.BytesIO(given.content), given.name),
        "photos": (io.BytesIO(given.photos), "p.zip"),
    }
    answer = client.post("/school/uploads/new", data=data)
    assert answer.status_code == 303
    where = answer.headers["Location"]
    page = client.get(where).get_data(as_text=True)
    assert page_problems(page) == []
    assert '<noscript><meta http-equiv="refresh"' in page
    assert 'role="status"' in page
    assert f'max="{MANY - 1}"' in page
    intake.work_off(NOW, PACK)
    part = client.get(f"{where}/progress").get_data(as_text=True)
    assert f'value="{intake.SLICE}"' in part
    work_to_the_end()
    assert where in client.get(f"{where}/progress").get_data(as_text=True)
    done = client.get(where).get_data(as_text=True)
    assert "refresh" not in done.split("</head>")[0]


@pytest.mark.parametrize("key", ["00000000-0000-7000-8000-000000000000"])
def test_there_is_no_page_of_what_was_never_handed_in(
    house: House, sign_in: Callable[[Actor], FlaskClient], key: str
) -> None:
    client = sign_in(house.clerk)
    assert client.get(f"/school/uploads/{key}/progress").status_code == 404
    assert client.get(f"/school/uploads/{key}").status_code == 404
