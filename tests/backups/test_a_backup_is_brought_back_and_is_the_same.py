"""A backup taken while people work, brought back elsewhere, is the same to the last row and file."""

from __future__ import annotations

import shutil
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import psycopg
import pytest
import sqlalchemy as sa

from exam import create_app
from exam.backups import database, manifest
from exam.backups.manifest import NAME, PARTIAL, Manifest
from exam.backups.services import Place, back_up, bring_back, copy_keys
from exam.db import db
from exam.errors import Conflict, InvalidInput
from exam.live.evidence_keys import ring_of
from exam.people.models import Person
from exam.sealing import files, keyring
from exam.sealing.holder import ring
from proctor.keyring import KeyGoneError
from proctor.seal import SealedReader
from proctor.shelf import Shelf
from tests.application import MONDAY
from tests.live.conftest import Worker, camera, forward_all, place, worker
from tests.registration.factories import accepted, make_house

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask import Flask

    from tests.databases import Databases

__all__ = ["camera", "place", "worker"]


@pytest.fixture
def data_folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def here(app: Flask, worker: Worker) -> Place:
    """An installation with people, photos, a ledger with a clip, and keys."""
    accepted(make_house(), 3)
    worker.clip(worker.seen())
    forward_all(worker)
    db.session.commit()
    db.session.remove()
    return Place(app.config["KAOCHANG"], ring())


@pytest.fixture
def elsewhere(here: Place, databases: Databases, tmp_path: Path) -> Iterator[Place]:
    with databases.blank("restored") as url:
        changes = {"database_url": url, "data_folder": tmp_path / "new"}
        yield replace(here, settings=here.settings.model_copy(update=changes))


def contents(url: str) -> dict[str, tuple[int, str]]:
    with database.connect(url) as connection:
        return database.tables(connection)


def test_every_table_file_and_ledger_comes_back(
    here: Place, elsewhere: Place, tmp_path: Path
) -> None:
    made = back_up(here, tmp_path / "b", now=MONDAY)
    bring_back(elsewhere, tmp_path / "b")
    new = elsewhere.settings
    assert contents(new.database_url) == contents(here.settings.database_url) == dict(made.tables)
    assert made.tables["person"][0] == 3
    assert set(made.heads) == {"seat-05"}
    clip = "streams/seat-05/evidence/0001.mp4"
    assert (new.data_folder / clip).read_bytes() == b"a clip"
    again = create_app(
        database_url=new.database_url,
        secret_key=new.secret_key.get_secret_value(),
        data_folder=new.data_folder,
        key_file=here.settings.keys_at,
    )
    with again.app_context():
        person = db.session.scalars(sa.select(Person).limit(1)).one()
        assert len(person.document_number) == 18
        assert files.read(str(person.photo), new.data_folder)[6:10] == b"JFIF"
        db.session.remove()
        db.engine.dispose()


def test_a_backup_of_a_running_house_is_of_one_moment(
    here: Place, elsewhere: Place, worker: Worker, tmp_path: Path
) -> None:
    stop = threading.Event()

    def work() -> None:
        url = f"postgresql://{here.settings.database_url.partition('://')[2]}"
        with psycopg.connect(url, autocommit=True) as connection:
            while not stop.is_set():
                connection.execute(
                    "INSERT INTO job_run (id, job, due_at, started_at, state, detail)"
                    " VALUES (gen_random_uuid(), 'busy', clock_timestamp(), now(), 'done', '{}')"
                )
                worker.open(at_ms=1000)

    busy = threading.Thread(target=work)
    busy.start()
    try:
        made = back_up(here, tmp_path / "b", now=MONDAY)
    finally:
        stop.set()
        busy.join()
    bring_back(elsewhere, tmp_path / "b")
    assert contents(elsewhere.settings.database_url) == dict(made.tables)
    assert contents(here.settings.database_url)["job_run"][0] >= made.tables["job_run"][0]


def test_keys_lie_apart_and_are_asked_for(here: Place, elsewhere: Place, tmp_path: Path) -> None:
    back_up(here, tmp_path / "b", now=MONDAY)
    secrets = [*here.ring.sealing.values(), *here.ring.index.values()]
    stored = b"".join(x.read_bytes() for x in (tmp_path / "b").rglob("*") if x.is_file())
    assert not any(x in stored for x in secrets)
    assert not (tmp_path / "b" / "data" / "keys").exists()
    with pytest.raises(InvalidInput, match="sealing/1"):
        bring_back(replace(elsewhere, ring=keyring.new_ring()), tmp_path / "b")
    with pytest.raises(InvalidInput, match="apart"):
        copy_keys(here, tmp_path / "b" / "keys", tmp_path / "b")
    copy_keys(here, tmp_path / "k", tmp_path / "b")
    bring_back(replace(elsewhere, ring=keyring.read(tmp_path / "k" / "keys.toml")), tmp_path / "b")


def test_sealed_evidence_opens_again_with_the_keys_that_lay_apart(
    here: Place, elsewhere: Place, worker: Worker, tmp_path: Path
) -> None:
    key = ring_of(here.settings.data_folder).of_day(worker.folder.name, MONDAY)
    Shelf(worker.folder, key).put("0002.mp4", b"what the camera saw" * 9)
    (sealed,) = worker.folder.rglob("0002.mp4*")
    assert b"camera" not in sealed.read_bytes()
    back_up(here, tmp_path / "b", now=MONDAY)
    copy_keys(here, tmp_path / "k", tmp_path / "b")
    bring_back(elsewhere, tmp_path / "b")
    folder = elsewhere.settings.data_folder
    copied = folder / sealed.relative_to(here.settings.data_folder)
    with pytest.raises(KeyGoneError):
        ring_of(folder).get(key.key_id)
    shutil.copytree(tmp_path / "k" / "cameras", folder / "keys")
    with SealedReader(copied, ring_of(folder).get(key.key_id)) as reader:
        assert reader.read() == b"what the camera saw" * 9


def test_nothing_is_overwritten_unless_it_is_said(here: Place, tmp_path: Path) -> None:
    back_up(here, tmp_path / "b", now=MONDAY)
    with pytest.raises(Conflict, match="--force"):
        back_up(here, tmp_path / "b", now=MONDAY)
    with pytest.raises(Conflict, match="--force"):
        bring_back(here, tmp_path / "b")
    before = contents(here.settings.database_url)
    bring_back(here, tmp_path / "b", force=True)
    assert contents(here.settings.database_url) == before


def test_a_half_written_backup_is_recognised(here: Place, elsewhere: Place, tmp_path: Path) -> None:
    back_up(here, tmp_path / "b", now=MONDAY)
    shutil.copytree(tmp_path / "b", tmp_path / f"b{PARTIAL}")
    with pytest.raises(InvalidInput, match="no whole backup"):
        manifest.read(tmp_path / f"b{PARTIAL}")
    (tmp_path / "b" / NAME).unlink()
    with pytest.raises(InvalidInput, match="no whole backup"):
        bring_back(elsewhere, tmp_path / "b")


@pytest.mark.parametrize("name", ["database.dump", "data/streams/seat-05/evidence/0001.mp4"])
def test_an_altered_backup_changes_nothing(
    here: Place, elsewhere: Place, tmp_path: Path, name: str
) -> None:
    back_up(here, tmp_path / "b", now=MONDAY)
    path = tmp_path / "b" / name
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    with pytest.raises(InvalidInput, match="altered"):
        bring_back(elsewhere, tmp_path / "b")
    assert contents(elsewhere.settings.database_url) == {}


def test_the_manifest_keeps_no_key_and_no_name(here: Place, tmp_path: Path) -> None:
    made = back_up(here, tmp_path / "b", now=MONDAY)
    assert Manifest.model_validate_json((tmp_path / "b" / NAME).read_bytes()) == made
    assert {len(x) for x in made.keys.values()} == {16}
    assert made.revision


def test_the_commands_say_what_they_did(app: Flask, here: Place, tmp_path: Path) -> None:
    runner = app.test_cli_runner()
    first = runner.invoke(args=["backup", str(tmp_path / "b"), "--keys", str(tmp_path / "k")])
    assert first.exit_code == 0, first.output
    assert "keys are not in it: sealing/1, index/1" in first.output
    again = runner.invoke(args=["backup", str(tmp_path / "b")])
    assert again.exit_code == 1
    assert "--force" in again.output
    refused = runner.invoke(args=["restore", str(tmp_path / "b")])
    assert "the database holds rows" in refused.output
    db.session.remove()
    done = runner.invoke(args=["restore", str(tmp_path / "b"), "--force"])
    assert "restored and compared" in done.output, done.output
