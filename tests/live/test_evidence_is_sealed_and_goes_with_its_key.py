from __future__ import annotations

import json
import shutil
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from exam.db import db
from exam.live.evidence_keys import erase_key, ring_of
from exam.live.models import CameraEvent, ReviewItem
from exam.people.roles import Actor, Role
from proctor.erasure import HOLD
from proctor.errors import BadInputError
from proctor.keyring import KeyGoneError, KeyRing
from proctor.ledger import keys
from proctor.ledger.lines import LineType
from proctor.ledger.verify import verify
from proctor.ledger.writer import LedgerWriter
from proctor.seal import CHUNK, EvidenceKey, SealedReader, SealedWriter, SealError
from proctor.shelf import Shelf, file_facts
from tests.application import MONDAY
from tests.live.conftest import Worker, forward_all

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from flask.testing import FlaskClient

CLIP = bytes(range(256)) * 250
ORDER = {"rule": "appeal term over", "authorised": "order-7"}


@pytest.fixture
def house_folder(app: Flask) -> Path:
    folder: Path = app.config["KAOCHANG"].data_folder
    return folder


@pytest.fixture
def ring(house_folder: Path) -> KeyRing:
    return ring_of(house_folder)


@pytest.fixture
def key(ring: KeyRing, worker: Worker) -> EvidenceKey:
    return ring.of_day(worker.folder.name, MONDAY)


@pytest.fixture
def sealed(worker: Worker, key: EvidenceKey) -> Path:
    """A finished event whose clip is sealed with the key of the day."""
    number = worker.seen()
    shelf = Shelf(worker.folder, key)
    shelf.put(f"{number:04}.mp4", CLIP)
    path = shelf.path(f"{number:04}.mp4")
    size, sha256 = file_facts(path)
    worker.line(
        LineType.EVIDENCE,
        event=number,
        path=shelf.relative(path),
        bytes=size,
        sha256=sha256,
        key_id=key.key_id,
    )
    forward_all(worker)
    return path


def address() -> str:
    number, event_id = db.session.execute(
        sa.select(ReviewItem.number, CameraEvent.id).join(CameraEvent).limit(1)
    ).one()
    return f"/wall/items/{number}/clips/{event_id}"


@pytest.mark.parametrize(
    ("start", "end"),
    [(0, 99), (CHUNK - 10, CHUNK + 9), (5, 3 * CHUNK), (len(CLIP) - 5, len(CLIP) - 1)],
)
def test_any_range_of_a_sealed_clip_is_answered(
    sealed: Path,
    start: int,
    end: int,
    actor_with: Callable[..., Actor],
    client_of: Callable[[Actor], FlaskClient],
) -> None:
    assert CLIP[:64] not in sealed.read_bytes()
    client = client_of(actor_with(Role.EXAMINER))
    answer = client.get(address(), buffered=True, headers={"Range": f"bytes={start}-{end}"})
    assert answer.status_code == 206
    assert answer.headers["Content-Range"] == f"bytes {start}-{end}/{len(CLIP)}"
    assert answer.data == CLIP[start : end + 1]
    assert answer.mimetype == "video/mp4"
    whole = client.get(address(), buffered=True)
    assert (whole.data, whole.content_length) == (CLIP, len(CLIP))


def test_a_sealed_clip_that_grows_is_served_as_far_as_it_has_come(
    worker: Worker,
    key: EvidenceKey,
    actor_with: Callable[..., Actor],
    client_of: Callable[[Actor], FlaskClient],
) -> None:
    number = worker.open()
    (worker.folder / "evidence").mkdir()
    path = worker.folder / "evidence" / f"{number:04}.mp4.sealed"
    writer = SealedWriter(path, key)
    writer.write(CLIP[: 2 * CHUNK + 100])
    forward_all(worker)
    client = client_of(actor_with(Role.EXAMINER))
    assert client.get(address(), buffered=True).data == CLIP[: 2 * CHUNK]
    writer.write(CLIP[2 * CHUNK + 100 :])
    writer.close()
    rest = client.get(address(), buffered=True, headers={"Range": f"bytes={2 * CHUNK}-"})
    assert (rest.status_code, rest.data) == (206, CLIP[2 * CHUNK :])


def test_one_key_for_each_stream_and_day(ring: KeyRing, house_folder: Path) -> None:
    key = ring.of_day("seat-05", MONDAY)
    assert ring.of_day("seat-05", MONDAY + timedelta(hours=3)) == key
    assert ring_of(house_folder).of_day("seat-05", MONDAY) == key
    assert ring_of(house_folder).get(key.key_id) == key
    others = [ring.of_day("seat-06", MONDAY), ring.of_day("seat-05", MONDAY + timedelta(days=1))]
    assert len({key.key_id, *(other.key_id for other in others)}) == 3
    for path in (house_folder / "keys").rglob("*.*"):
        if path.is_file():
            assert path.stat().st_mode & 0o077 == 0


def test_a_wrapped_key_is_nothing_without_its_wrapping_key(
    ring: KeyRing, house_folder: Path
) -> None:
    key = ring.of_day("seat-05", MONDAY)
    (file,) = (house_folder / "keys" / "evidence").iterdir()
    assert key.secret.hex() not in file.read_text()
    (house_folder / "keys" / "evidence-wrapping.key").unlink()
    with pytest.raises(SealError):
        ring_of(house_folder).get(key.key_id)
    EvidenceKey.generate().save(house_folder / "keys" / "evidence-wrapping.key")
    with pytest.raises(SealError, match="was wrapped by"):
        ring_of(house_folder).get(key.key_id)


def test_a_wrapped_key_cannot_be_passed_off_as_another_streams(
    ring: KeyRing, house_folder: Path
) -> None:
    key = ring.of_day("seat-05", MONDAY)
    (file,) = (house_folder / "keys" / "evidence").iterdir()
    told = json.loads(file.read_text()) | {"stream": "seat-06"}
    file.with_name(f"seat-06.{MONDAY.date()}.{key.key_id}.json").write_text(json.dumps(told))
    with pytest.raises(SealError):
        ring_of(house_folder).of_day("seat-06", MONDAY)


def test_after_its_key_nothing_can_be_read_and_the_ledger_says_erased(
    sealed: Path,
    key: EvidenceKey,
    worker: Worker,
    ring: KeyRing,
    house_folder: Path,
    tmp_path: Path,
    actor_with: Callable[..., Actor],
    client_of: Callable[[Actor], FlaskClient],
) -> None:
    backup = Path(shutil.copy(sealed, tmp_path / sealed.name))
    worker.ledger.close()
    assert erase_key(house_folder, key.key_id, **ORDER) == [f"evidence/{sealed.name}"]
    assert not sealed.exists()
    report = verify(worker.folder)
    assert report.broken == []
    erased = [line["payload"] for line in report.lines if line["type"] == LineType.ERASED]
    assert erased == [{"paths": [f"evidence/{sealed.name}"], **ORDER}]
    for key_id in (key.key_id, "*", "../evidence", ""):
        with pytest.raises(KeyGoneError):
            ring.get(key_id)
    with pytest.raises(KeyGoneError):
        erase_key(house_folder, key.key_id, **ORDER)
    with pytest.raises(SealError):
        SealedReader(backup, EvidenceKey.generate())
    guessed = SealedReader(backup, EvidenceKey(key.key_id, bytes(32)))
    with pytest.raises(SealError):
        guessed.read()
    guessed.close()
    # A copy put back where it was is no evidence any more, and cannot be looked at.
    shutil.copy(backup, sealed)
    client = client_of(actor_with(Role.EXAMINER))
    assert client.get(address(), buffered=True).status_code == 404


def test_a_key_under_which_something_is_held_stays(
    sealed: Path, key: EvidenceKey, worker: Worker, ring: KeyRing, house_folder: Path
) -> None:
    (worker.folder.parent / HOLD).write_text(f"{worker.folder.name}/evidence/{sealed.name}\n")
    with pytest.raises(BadInputError, match="end its watch first"):
        erase_key(house_folder, key.key_id, **ORDER)
    worker.ledger.close()
    before = worker.path.read_bytes()
    with pytest.raises(BadInputError, match="is held"):
        erase_key(house_folder, key.key_id, **ORDER)
    assert sealed.exists()
    assert worker.path.read_bytes() == before
    assert ring.get(key.key_id) == key


def test_a_key_whose_event_is_still_open_stays(
    key: EvidenceKey, worker: Worker, ring: KeyRing, house_folder: Path
) -> None:
    number = worker.open()
    shelf = Shelf(worker.folder, key)
    shelf.put(f"{number:04}.mp4", CLIP)
    worker.ledger.close()
    with pytest.raises(BadInputError, match="still being written"):
        erase_key(house_folder, key.key_id, **ORDER)
    assert ring.get(key.key_id) == key


def test_a_signed_ledger_keeps_its_signature_when_a_key_goes(
    house_folder: Path, ring: KeyRing, tmp_path: Path
) -> None:
    signing = keys.load_or_create(house_folder / "keys" / "cameras.key")
    folder = house_folder / "streams" / "seat-09"
    key = ring.of_day("seat-09", MONDAY)
    writer = LedgerWriter(folder, clock=lambda: MONDAY, key=signing)
    writer.append(LineType.START, {"stream": "seat-09"})
    writer.append(LineType.OPENED, Worker.event(1, "phone", 0, 3000))
    writer.append(LineType.CLOSED, Worker.event(1, "phone", 0, 3000))
    shelf = Shelf(folder, key)
    shelf.put("0001.mp4", CLIP)
    size, sha256 = file_facts(shelf.path("0001.mp4"))
    path = "evidence/0001.mp4.sealed"
    payload = {"event": 1, "path": path, "bytes": size, "sha256": sha256, "key_id": key.key_id}
    writer.append(LineType.EVIDENCE, payload)
    writer.checkpoint()
    writer.close()
    erase_key(house_folder, key.key_id, **ORDER)
    report = verify(folder, key=signing.public_key())
    assert report.broken == []
    assert report.lines[-1]["type"] == LineType.CHECKPOINT
