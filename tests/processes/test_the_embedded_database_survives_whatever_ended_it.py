import os
import signal
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

import psutil
import pytest

from exam.processes.postgres import (
    LONGEST_SOCKET_PATH,
    EmbeddedPostgres,
    PostgresError,
    connect,
    ensure_database,
)

ROOT = Path(__file__).parents[2]


def write_a_row(postgres: EmbeddedPostgres) -> None:
    with connect(postgres.url()) as connection:
        connection.execute("CREATE TABLE kept (word text)")
        connection.execute("INSERT INTO kept VALUES ('考场')")


def read_the_row(postgres: EmbeddedPostgres) -> str:
    with connect(postgres.url()) as connection:
        row = connection.execute("SELECT word FROM kept").fetchone()
    assert row is not None
    return str(row[0])


def postmaster(folder: Path) -> int:
    return int((folder / "postmaster.pid").read_text().split()[0])


def test_a_second_start_finds_everything_again_and_the_first_left_nothing_running(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "data"
    with EmbeddedPostgres(folder).running() as postgres:
        write_a_row(postgres)
        pid = postmaster(folder)
    assert not psutil.pid_exists(pid)
    with EmbeddedPostgres(folder).running() as postgres:
        assert read_the_row(postgres) == "考场"


def test_a_checkout_in_a_very_deep_folder_works(tmp_path: Path) -> None:
    folder = tmp_path.joinpath(*["a folder, rather 深"] * 5, "data")
    assert len(os.fsencode(folder)) > LONGEST_SOCKET_PATH
    with EmbeddedPostgres(folder, durable=False).running() as postgres:
        write_a_row(postgres)
        assert read_the_row(postgres) == "考场"


def test_a_folder_with_a_comma_and_a_quote_works() -> None:
    with tempfile.TemporaryDirectory(suffix=""",a "b" %c&'d""") as short:
        folder = Path(short, "data")
        assert len(os.fsencode(folder)) < LONGEST_SOCKET_PATH
        with EmbeddedPostgres(folder, durable=False).running() as postgres:
            assert postgres.is_ready()


def test_a_trace_whose_number_was_given_to_another_program_does_not_hinder(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with EmbeddedPostgres(folder).running() as postgres:
        write_a_row(postgres)
        trace = (folder / "postmaster.pid").read_text().splitlines()
    (folder / "postmaster.pid").write_text("\n".join([str(os.getpid()), *trace[1:]]))
    with EmbeddedPostgres(folder).running() as postgres:
        assert read_the_row(postgres) == "考场"


def test_a_trace_that_was_cut_off_does_not_hinder(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with EmbeddedPostgres(folder).running():
        pass
    (folder / "postmaster.pid").write_text("")
    with EmbeddedPostgres(folder).running() as postgres:
        assert postgres.is_ready()


def test_a_second_owner_of_one_folder_is_told_so(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with (
        EmbeddedPostgres(folder, durable=False).running(),
        pytest.raises(PostgresError, match="is in use"),
        EmbeddedPostgres(folder, durable=False).running(),
    ):
        pass


def test_a_killed_owner_takes_the_server_along_and_loses_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    code = """
        import sys, time
        from pathlib import Path
        from exam.processes.postgres import EmbeddedPostgres
        with EmbeddedPostgres(Path(sys.argv[1])).running():
            print("up", flush=True)
            time.sleep(600)
    """
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), str(folder)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == "up\n"
        write_a_row(EmbeddedPostgres(folder))
        server = psutil.Process(postmaster(folder))
        owner.send_signal(signal.SIGKILL)
    server.wait(20)
    with EmbeddedPostgres(folder).running() as postgres:
        assert read_the_row(postgres) == "考场"


def test_an_interrupted_making_of_the_folder_is_made_again(tmp_path: Path) -> None:
    half = tmp_path / "data.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    with EmbeddedPostgres(tmp_path / "data", durable=False).running() as postgres:
        assert postgres.is_ready()


def test_a_database_is_made_once_and_orders_text_the_same_everywhere(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path / "data", durable=False).running() as postgres:
        ensure_database(postgres.url(), "kaochang")
        ensure_database(postgres.url(), "kaochang")
        with connect(postgres.url("kaochang")) as connection:
            row = connection.execute(
                "SELECT datcollate, pg_encoding_to_char(encoding) FROM pg_database "
                "WHERE datname = current_database()"
            ).fetchone()
    assert row in {("C.UTF-8", "UTF8"), ("C", "UTF8")}
