"""Plain rows of the first model are sealed by the expanding migration, late ones by the second."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa

from exam import create_app
from exam.db import db
from exam.people.models import NeedKind, Person, SupportNeed
from tests.databases import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.databases import Databases

SECRET = "of the tests alone, and longer than it has to be"
OFFICE = UUID(int=1)


def upgrade(url: str, folder: Path, revision: str, *, way: str = "upgrade") -> None:
    environment = {
        "PATH": "/usr/bin:/bin",
        "DATABASE_URL": url,
        "KAOCHANG_SECRET_KEY": SECRET,
        "KAOCHANG_DATA_FOLDER": str(folder),
        "KAOCHANG_DEMO": "true",
    }
    words = ["-m", "flask", "--app", "exam", "db", way, revision]
    done = subprocess.run(
        [sys.executable, *words],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def add_person(
    connection: sa.Connection, key: int, number: str, *, until: str | None = None
) -> None:
    connection.execute(
        sa.text(
            "INSERT INTO person (id, office_id, name, document_type, document_number, birth_date, sex,"
            " phone, address, photo_simulated, provenance, simulated, created_at) VALUES"
            " (:id, :office, '王一', 'identity_card', :number, '1998-01-03', 'female', '13800000002',"
            " '示例路 1 号', false, 'school', false, now())"
        ),
        {"id": UUID(int=key), "office": OFFICE, "number": number},
    )
    connection.execute(
        sa.text(
            "INSERT INTO support_need (id, person_id, kind, until, declared_at)"
            " VALUES (:id, :person, 'pregnant', :until, now())"
        ),
        {"id": UUID(int=key + 100), "person": UUID(int=key), "until": until},
    )


def test_no_row_is_lost_between_two_releases(databases: Databases, tmp_path: Path) -> None:
    with databases.blank("sealing") as url:
        upgrade(url, tmp_path, "b1f2a7c4d903")
        engine = sa.create_engine(f"postgresql+psycopg://{url.partition('://')[2]}")
        with engine.begin() as connection:
            connection.execute(
                sa.text(
                    "INSERT INTO office (id, code, kind, name_zh, name_en, help_phone)"
                    " VALUES (:id, 'X', 'office', '某', 'X', '1')"
                ),
                {"id": OFFICE},
            )
            add_person(connection, 2, "33020319980103102x", until="2027-01-01")
        upgrade(url, tmp_path, "5a1ed0000001")
        with engine.begin() as connection:  # the release before still runs
            add_person(connection, 3, "330203199801031035")
        upgrade(url, tmp_path, "head")
        app = create_app(DATABASE_URL=url, secret_key=SECRET, data_folder=tmp_path, demo=True)
        with app.app_context():
            by_number = sa.select(Person.id).where(
                Person.document_number.matches("33020319980103102X")
            )
            assert db.session.scalars(by_number).all() == [UUID(int=2)]
            people = db.session.scalars(sa.select(Person).order_by(Person.id)).all()
            assert [x.document_number for x in people] == [
                "33020319980103102x",
                "330203199801031035",
            ]
            assert {x.address for x in people} == {"示例路 1 号"}
            needs = db.session.scalars(sa.select(SupportNeed).order_by(SupportNeed.id)).all()
            assert [x.until for x in needs] == [date(2027, 1, 1), None]
            assert {x.kind for x in needs} == {NeedKind.PREGNANT}
            assert needs[0].kind_key == SupportNeed.kind.key_of("pregnant", UUID(int=2))
            db.session.remove()
            db.engine.dispose()
        upgrade(url, tmp_path, "b1f2a7c4d903", way="downgrade")
        with engine.connect() as connection:
            rows = connection.execute(
                sa.text("SELECT document_number, phone FROM person ORDER BY id")
            )
            assert rows.all() == [
                ("33020319980103102x", "13800000002"),
                ("330203199801031035", "13800000002"),
            ]
        engine.dispose()
