"""A rotation loses nothing, wherever it is ended, and old keys go only when nothing needs them."""

import pytest
import sqlalchemy as sa
from flask import Flask

from exam.db import db
from exam.errors import ConfigurationError
from exam.people.models import Person
from exam.privacy import rotation
from exam.sealing import files, holder, keyring
from exam.sealing.keyring import CannotOpen
from tests.registration.factories import House, accepted, make_house, registered, row


@pytest.fixture
def house(app: Flask) -> House:
    made = make_house()
    accepted(made, 3)
    return made


def numbers() -> list[str]:
    db.session.expire_all()
    people = db.session.scalars(sa.select(Person).order_by(Person.id))
    return [x.document_number for x in people]


def run(app: Flask, *words: str) -> str:
    done = app.test_cli_runner().invoke(args=["keys", *words])
    return done.output if done.exit_code == 0 else f"refused: {done.output}"


def test_everything_stands_under_the_new_key_afterwards(app: Flask, house: House) -> None:
    before, folder = numbers(), app.config["KAOCHANG"].data_folder
    assert "files sealed anew: 3" in run(app, "rotate")
    holder.forget()
    assert holder.ring().current == 2
    assert rotation.standing(folder).under_other_keys() == 0
    assert numbers() == before
    assert files.read(files.all_names(folder)[0], folder)[6:10] == b"JFIF"


def test_a_rotation_that_was_broken_off_goes_on(
    app: Flask, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = numbers()
    monkeypatch.setattr(rotation, "BATCH", 1)
    keyring.write(holder.ring().with_new_key(), app.config["KAOCHANG"].keys_at, replace_it=True)
    holder.forget()
    assert rotation._batch(Person, Person.phone) == 1  # one of three, then the machine went off
    assert numbers() == before
    assert "refused" in run(app, "forget-old")
    run(app, "rotate", "--go-on")
    assert "under other keys: 0" in run(app, "status")
    assert "only the current" in run(app, "forget-old")
    holder.forget()
    assert list(holder.ring().sealing) == [2]
    assert numbers() == before


def test_without_the_key_nothing_opens(app: Flask, house: House) -> None:
    path = app.config["KAOCHANG"].keys_at
    path.unlink()
    keyring.write(keyring.new_ring(), path)
    holder.forget()
    with pytest.raises(CannotOpen):
        numbers()


def test_look_ups_follow_a_new_index_key_and_stay_unique(app: Flask, house: House) -> None:
    number = numbers()[0]
    run(app, "rotate", "--index")
    holder.forget()
    assert holder.ring().index_current == 2
    found = db.session.scalars(sa.select(Person).where(Person.document_number.matches(number)))
    assert [x.document_number for x in found] == [number]
    again = registered(
        house, 1, first=900, **{k: v for k, v in row(2).cells.items() if k != "photo"}
    )
    assert (again.taken, again.refused) == (0, 1)


def test_a_first_key_file_is_never_written_over(app: Flask) -> None:
    run(app, "new")
    path = app.config["KAOCHANG"].keys_at
    before = path.read_bytes()
    assert "refused" in run(app, "new")
    assert path.read_bytes() == before
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "text",
    [
        "",
        "format = 1",
        'format = "kaochang-keys/1"',
        "\0",
        'format = "kaochang-keys/1"\n[sealing]\ncurrent = 1\nkeys = {1 = "AAAA"}\n',
    ],
)
def test_a_damaged_key_file_is_told_in_one_line(app: Flask, text: str) -> None:
    path = app.config["KAOCHANG"].keys_at
    path.parent.mkdir(parents=True)
    path.write_text(text)
    with pytest.raises(ConfigurationError, match="KAOCHANG_KEY_FILE"):
        keyring.read(path)
