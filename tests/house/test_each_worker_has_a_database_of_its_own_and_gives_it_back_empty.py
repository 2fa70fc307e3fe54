import socket

import pytest
from pytest_socket import SocketConnectBlockedError

from exam.processes.postgres import connect
from tests.databases import Databases, at, empty


def tables(url: str) -> set[str]:
    with connect(url) as connection:
        rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return {str(name) for (name,) in rows}


def test_a_migrated_database_holds_the_schema_and_is_dropped_after_use(
    databases: Databases,
) -> None:
    with databases.migrated("once") as url:
        assert "alembic_version" in tables(url)
        assert len(tables(url)) > 1
    with connect(databases.admin_url) as connection:
        left = connection.execute(
            "SELECT count(*) FROM pg_database WHERE datname LIKE %s", ["%\\_once"]
        ).fetchone()
    assert left == (0,)


def test_emptying_takes_every_row_and_begins_numbering_anew(databases: Databases) -> None:
    with databases.blank("rows") as url, connect(url) as connection:
        connection.execute("CREATE TABLE alembic_version (number text)")
        connection.execute("INSERT INTO alembic_version VALUES ('head')")
        connection.execute("CREATE TABLE parent (id serial PRIMARY KEY)")
        connection.execute("CREATE TABLE child (parent int REFERENCES parent)")
        connection.execute("CREATE TABLE untouched (id int)")
        for _ in range(2):
            connection.execute("INSERT INTO parent DEFAULT VALUES")
            connection.execute("INSERT INTO child VALUES (1)")
            empty(url)
        assert connection.execute("SELECT count(*) FROM child").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM alembic_version").fetchone() == (1,)
        number = connection.execute("INSERT INTO parent DEFAULT VALUES RETURNING id").fetchone()
        assert number == (1,)


def test_the_address_of_another_database_keeps_the_server() -> None:
    assert at("postgresql://u@/one?host=%2Frun", "two") == "postgresql://u@/two?host=%2Frun"
    assert (
        at("postgresql+psycopg://u:p@db:5432/one", "two") == "postgresql+psycopg://u:p@db:5432/two"
    )


def test_no_test_reaches_another_machine() -> None:
    # An address set aside for documentation (RFC 5737): nobody answers there in any case.
    with (
        pytest.warns(UserWarning, match="socket"),
        pytest.raises(SocketConnectBlockedError),
        socket.socket() as outside,
    ):
        outside.connect(("192.0.2.1", 9))
