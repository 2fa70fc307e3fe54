from __future__ import annotations

import io
import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from PIL import Image

from exam.db import db
from exam.errors import InvalidInput
from exam.people.models import Person, SupportNeed
from exam.registration import photos
from exam.registration.models import Case, Upload, UploadRow
from exam.registration.photos import PhotoRefused, PhotoZip, reencoded
from exam.registration.uploads import register_rows
from exam.vision.models import VisionQuestion
from tests.registration.factories import NOW, PACK, House, delivery, picture, row
from tests.registration.files import photos as zip_of

if TYPE_CHECKING:
    from flask import Flask

    from exam.registration.uploads import Delivery


def count(model: type) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def codes(upload: Upload) -> dict[int, list[str]]:
    rows = db.session.scalars(sa.select(UploadRow).where(UploadRow.upload_id == upload.id))
    return {x.row_number: [f["code"] for f in x.findings] for x in rows}


def upload(house: House, given: Delivery, *, other: bool = False) -> Upload:
    actor = house.other_clerk if other else house.clerk
    return register_rows(actor, given, now=NOW, pack=PACK)


def stored(app: Flask) -> list[Path]:
    return list((app.config["KAOCHANG"].data_folder / photos.FOLDER).glob("*"))


def test_sound_rows_do_not_wait_for_spoilt_ones(app: Flask, house: House) -> None:
    done = upload(house, delivery([row(2), row(3, phone="x"), row(4)]))
    assert (done.taken, done.refused) == (2, 1)
    assert codes(done) == {2: [], 3: ["phone.wrong"], 4: []}
    assert (count(Person), count(Case), len(stored(app))) == (2, 2, 2)
    assert count(VisionQuestion) == 2


def test_the_same_file_twice_does_nothing_twice(app: Flask, house: House) -> None:
    given = delivery([row(2), row(3)])
    first = upload(house, given)
    again = upload(house, given)
    assert again.id == first.id
    assert (count(Person), count(Case), count(Upload), len(stored(app))) == (2, 2, 1, 2)


def test_one_file_sent_twice_at_once_is_taken_once(app: Flask, house: House) -> None:
    given = delivery([row(n) for n in range(2, 30)])
    found = []

    def send() -> None:
        with app.app_context():
            found.append(upload(house, given).id)
            db.session.remove()

    threads = [threading.Thread(target=send) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 3
    assert len(set(found)) == 1
    assert (count(Case), len(stored(app))) == (28, 28)


def test_two_schools_naming_one_person_at_once_get_one_case(app: Flask, house: House) -> None:
    outcomes = []

    def send(*, other: bool) -> None:
        with app.app_context():
            done = upload(house, delivery([row(2)], sha256="ab"[other] * 64), other=other)
            outcomes.append((done.taken, codes(done)[2]))
            db.session.remove()

    threads = [threading.Thread(target=send, kwargs={"other": x}) for x in (False, True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [(0, ["case.exists"]), (1, [])]
    assert (count(Person), count(Case), len(stored(app))) == (1, 1, 1)


def test_a_person_who_exists_is_reused_and_keeps_her_own_data(app: Flask, house: House) -> None:
    upload(house, delivery([row(2, support="孕妇")]))
    mine = db.session.scalars(sa.select(Person)).one()
    given = delivery(
        [row(2, licence_class="D", phone="13900000000", support="残疾")], sha256="b" * 64
    )
    done = upload(house, given, other=True)
    assert done.taken == 1
    db.session.refresh(mine)
    assert mine.phone == row(2).cells["phone"]
    assert [x.kind for x in db.session.scalars(sa.select(SupportNeed))] == ["pregnant"]
    assert (count(Person), count(Case), len(stored(app))) == (1, 2, 1)


def test_another_school_learns_no_more_than_that_somebody_is_registered(house: House) -> None:
    upload(house, delivery([row(2)]))
    same = upload(house, delivery([row(2)], sha256="b" * 64), other=True)
    assert codes(same) == {2: ["case.exists"]}
    renamed = upload(house, delivery([row(2, name="别的人")], sha256="c" * 64), other=True)
    assert codes(renamed) == {2: ["person.differs"]}
    kept = db.session.scalars(sa.select(UploadRow.findings)).all()
    assert all(x["facts"] == {} for findings in kept for x in findings)


def test_twins_inside_a_file_name_the_first_row(house: House) -> None:
    rows = [row(2), replace(row(2), number=3), replace(row(2, licence_class="D"), number=4)]
    pictures = {"2.jpg": picture()}
    done = upload(house, delivery(rows, pictures=pictures))
    assert codes(done) == {2: [], 3: ["row.twice"], 4: []}


def test_what_is_kept_of_a_row_tells_no_number_and_nothing_of_health(house: House) -> None:
    upload(house, delivery([row(2, support="孕妇", phone="x")]))
    kept = db.session.scalars(sa.select(UploadRow)).one().given
    assert row(2).cells["document_number"] not in str(kept)
    assert "address" not in kept
    assert "孕妇" not in str(kept)


def test_a_photo_that_cannot_be_used_refuses_its_row_alone(app: Flask, house: House) -> None:
    rows = [row(n) for n in range(2, 7)]
    pictures = {
        "2.jpg": picture(),
        "3.jpg": b"no picture",
        "4.jpg": b"\xff" * (photos.PHOTO_MAX_BYTES + 1),
        "5.jpg": picture((60, 60)),
    }
    done = upload(house, delivery(rows, pictures=pictures))
    assert codes(done) == {
        2: [],
        3: ["photo.no_picture"],
        4: ["photo.large"],
        5: ["photo.small"],
        6: ["photo.missing"],
    }
    assert (count(Person), len(stored(app))) == (1, 1)


def test_a_refused_row_may_come_without_a_photo_or_with_one_named_twice(
    app: Flask, house: House
) -> None:
    rows = [row(2), row(3, phone="x", photo=None), row(4, phone="x")]
    pictures = PhotoZip(zip_of(["2.jpg", "a/4.jpg", "b/4.jpg"]))
    done = upload(house, delivery(rows, pictures=pictures))
    assert codes(done) == {2: [], 3: ["phone.wrong"], 4: ["phone.wrong", "photo.twice"]}


def test_nothing_is_left_when_saving_fails(
    app: Flask, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object, **_named: object) -> None:
        raise RuntimeError("the power is gone")

    monkeypatch.setattr("exam.registration.uploads._record", fail)
    with pytest.raises(RuntimeError):
        upload(house, delivery([row(2), row(3)]))
    assert (count(Person), count(Case), len(stored(app))) == (0, 0, 0)


def test_a_stored_photo_carries_nothing_but_the_picture(app: Flask, house: House) -> None:
    image = Image.new("RGB", (1600, 1200), "#334455")
    exif = Image.Exif()
    exif[0x010F] = "secret maker"
    exif[0x0112] = 6
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", exif=exif)
    plain = reencoded(buffer.getvalue())
    assert b"secret" not in plain
    with Image.open(io.BytesIO(plain)) as shown:
        assert shown.size == (600, 800)
        assert not shown.getexif()


def test_a_picture_of_endless_pixels_is_refused_unread() -> None:
    buffer = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(buffer, "PNG")
    assert len(buffer.getvalue()) < photos.PHOTO_MAX_BYTES
    with pytest.raises(PhotoRefused) as caught:
        reencoded(buffer.getvalue())
    assert caught.value.code == "photo.large"


def test_folders_and_paths_in_a_zip_lead_nowhere() -> None:
    found = PhotoZip(zip_of(["../../etc/2.jpg", "C:\\x\\3.JPG"]))
    assert sorted(found) == ["2.jpg", "3.jpg"]
    assert found["2.JPG"] == picture()


def test_two_files_of_one_name_are_not_guessed_between() -> None:
    found = PhotoZip(zip_of(["a/2.jpg", "b/2.jpg"]))
    with pytest.raises(PhotoRefused):
        found["2.jpg"]


def test_names_in_the_code_page_of_chinese_systems_are_read(tmp_path: Path) -> None:
    content = zip_of(["XXXX.jpg"]).replace(b"XXXX", "张三".encode("gb18030"))
    assert list(PhotoZip(content)) == ["张三.jpg"]


def test_photos_that_are_no_zip_are_refused_whole(app: Flask) -> None:
    with pytest.raises(InvalidInput) as caught:
        PhotoZip(b"no zip")
    assert caught.value.field == "photos"
