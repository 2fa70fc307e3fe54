"""Every way a round can be off is one line with table, row and column, and nothing is written."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from scheduler import checker
from scheduler.api import RoundError, build_round, config_source, read_round
from scheduler.cli import main
from tests.scheduler.small_rounds import application, choices, pool, session, write


def good() -> dict[str, list[dict[str, Any]]]:
    return {
        "sessions": [session("s1"), session("s2", date="2027-03-02")],
        "pools": [pool("p1", "s1"), pool("p2", "s2")],
        "applications": [application("a1", 1), application("a2", 2)],
        "choices": [*choices("a1", "s1", "s2"), *choices("a2", "s2")],
    }


CHANGES: dict[str, tuple[str, int, dict[str, Any]]] = {
    "sessions row 2 column session": ("sessions", 1, {"session": "s1"}),
    "sessions row 1 column session": ("sessions", 0, {"session": "bad id"}),
    "sessions row 2 column subject": ("sessions", 1, {"subject": "S3"}),
    "sessions row 1 column date": ("sessions", 0, {"date": "2027-02-30"}),
    "sessions row 2 column date": ("sessions", 1, {"date": "1/3/2027"}),
    "sessions row 1 column start": ("sessions", 0, {"start": "24:00"}),
    "sessions row 1 column end": ("sessions", 0, {"end": "08:00"}),
    "sessions row 1 column seats": ("sessions", 0, {"seats": "-1"}),
    "sessions row 2 column seats": ("sessions", 1, {"seats": 10**12}),
    "sessions row 2 column site": ("sessions", 1, {"site": ""}),
    "pools row 1 column session": ("pools", 0, {"session": "s9"}),
    "pools row 2 column pool": ("pools", 1, {"pool": "p1"}),
    "pools row 1 column classes": ("pools", 0, {"classes": ""}),
    "pools row 2 column classes": ("pools", 1, {"classes": "C1  C2"}),
    "pools row 1 column vehicles": ("pools", 0, {"vehicles": 0}),
    "pools row 1 column seats": ("pools", 0, {"seats": "2.0"}),
    "pools row 1 column offers": ("pools", 0, {"offers": " stepfree"}),
    "applications row 1 column application": ("applications", 0, {"application": "x" * 65}),
    "applications row 2 column candidate": ("applications", 1, {"candidate": "c-a1"}),
    "applications row 1 column tier": ("applications", 0, {"tier": ""}),
    "applications row 1 column key": ("applications", 0, {"key": 10**30}),
    "applications row 2 column key": ("applications", 1, {"key": "-5"}),
    "applications row 2 column lot": ("applications", 1, {"key": 1}),
    "applications row 1 column any_session": ("applications", 0, {"any_session": "2"}),
    "applications row 1 column pinned": ("applications", 0, {"pinned": 1}),
    "applications row 1 column prior": ("applications", 0, {"prior": "p9"}),
    "applications row 1 column earliest": ("applications", 0, {"earliest": ""}),
    "applications row 1 column partner": ("applications", 0, {"partner": "a2"}),
    "choices row 1 column application": ("choices", 0, {"application": "a9"}),
    "choices row 1 column session": ("choices", 0, {"session": "s9"}),
    "choices row 2 column order": ("choices", 1, {"order": 3}),
    "choices row 2 column session": ("choices", 1, {"session": "s1"}),
}


@pytest.mark.parametrize("where", CHANGES)
def test_one_wrong_cell_is_named(
    where: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tables = good()
    table, row, cells = CHANGES[where]
    tables[table][row] |= cells
    folder = write(tables, tmp_path / "round")
    assert main(["solve", str(folder), "--out", str(tmp_path / "plan")]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith(where + ":")
    assert shown.err.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["round"]
    assert main(["check", str(folder), str(tmp_path)]) == 2
    capsys.readouterr()
    assert checker.main([str(folder), str(tmp_path)]) == 2
    shown = capsys.readouterr()
    assert shown.err.startswith(where + ":")
    assert shown.err.count("\n") == 1


def as_parquet(folder: Path) -> Path:
    """Turn the CSV tables of a folder into Parquet, every row a group with its own dictionaries."""
    for path in sorted(folder.glob("*.csv")):
        lines = path.read_text().splitlines()
        names, *rows = [line.split(",") for line in lines]
        columns = {name: [row[at] for row in rows] for at, name in enumerate(names)}
        table = pa.table({name: pa.array(texts, pa.string()) for name, texts in columns.items()})
        pq.write_table(table, path.with_suffix(".parquet"), row_group_size=1)
        path.unlink()
    return folder


@pytest.mark.parametrize("where", CHANGES)
def test_parquet_and_csv_are_refused_in_the_same_words(where: str, tmp_path: Path) -> None:
    tables = good()
    table, row, cells = CHANGES[where]
    tables[table][row] |= cells
    folder = write(tables, tmp_path / "round")
    with pytest.raises(RoundError) as by_csv:
        read_round(folder)
    with pytest.raises(RoundError) as by_parquet:
        read_round(as_parquet(folder))
    assert str(by_csv.value).startswith(where)
    assert str(by_parquet.value) == str(by_csv.value)


def test_a_broken_parquet_file_is_named(tmp_path: Path) -> None:
    folder = as_parquet(write(good(), tmp_path / "round"))
    path = folder / "applications.parquet"
    whole = path.read_bytes()
    for broken in (b"", b"PAR1", whole[:-20], b"PAR1" + bytes(200) + whole[204:]):
        path.write_bytes(broken)
        with pytest.raises(RoundError, match=r"^applications: "):
            read_round(folder)


def test_rows_in_any_order_and_groups_of_any_size_are_the_same_round(tmp_path: Path) -> None:
    tables = good()
    plain = read_round(write(tables, tmp_path / "plain"))
    turned = {name: rows[::-1] for name, rows in tables.items()}
    folder = write(turned, tmp_path / "turned")
    assert read_round(folder).sha256 == plain.sha256
    assert read_round(as_parquet(folder)).sha256 == plain.sha256


def test_dictionaries_with_repeated_unused_and_absent_texts_are_the_same_round() -> None:
    tables = {
        name: pa.table({key: [row[key] for row in rows] for key in rows[0]})
        for name, rows in good().items()
    }
    plain = build_round(config_source(), tables)
    texts = pa.array(["not a class!", "C1", "C1", None])
    codes = pa.DictionaryArray.from_arrays(pa.array([2, 1]), texts)
    needs = pa.DictionaryArray.from_arrays(pa.array([None, 3], pa.int32()), texts)
    rows = tables["applications"]
    at = rows.column_names.index
    rows = rows.set_column(at("licence_class"), "licence_class", codes)
    tables["applications"] = rows.set_column(at("needs"), "needs", needs)
    assert build_round(config_source(), tables).sha256 == plain.sha256


@pytest.mark.parametrize("table", ["sessions", "pools", "applications"])
def test_a_missing_table_is_named(table: str, tmp_path: Path) -> None:
    folder = write(good(), tmp_path / "round")
    (folder / f"{table}.csv").unlink()
    with pytest.raises(RoundError, match=rf"^{table}: .*missing"):
        read_round(folder)


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    folder = write(good(), tmp_path / "round")
    path = folder / "applications.csv"
    path.write_text(path.read_text().replace("lot", "ticket", 1))
    with pytest.raises(RoundError, match=r"^applications column lot: the column is missing"):
        read_round(folder)
    with pytest.raises(checker.BadRound, match=r"^applications column lot: the column is missing"):
        checker.Round(folder)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("s1,north\n", "sessions row 1"),
        ('s1,"north\n', "sessions"),
        ("\n", "sessions row 1"),
    ],
)
def test_a_broken_row_is_named(text: str, where: str, tmp_path: Path) -> None:
    folder = write(good(), tmp_path / "round")
    (folder / "sessions.csv").write_text("session,site,subject,date,start,end,seats\n" + text)
    with pytest.raises(RoundError, match=rf"^{where}"):
        read_round(folder)
    with pytest.raises(checker.BadRound, match=rf"^{where}"):
        checker.Round(folder)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('format = "kaochang-round/2"', "format"),
        ("choice_cost = []", "choice_cost"),
        ("any_session_cost = 1001", "any_session_cost"),
        ("reserve_cost = -1", "reserve_cost"),
        ("move_cost = [1, 2.5]", "move_cost"),
        ("reserve_cost = true", "reserve_cost"),
    ],
)
def test_a_wrong_cost_is_named(text: str, key: str, tmp_path: Path) -> None:
    folder = write(good(), tmp_path / "round")
    head = "" if key == "format" else 'format = "kaochang-round/1"\n'
    (folder / "round.toml").write_text(head + text)
    with pytest.raises(RoundError, match=rf"^round.toml column {key}:"):
        read_round(folder)
    with pytest.raises(checker.BadRound, match=rf"^round.toml column {key}:"):
        checker.Round(folder)


@pytest.mark.parametrize("text", [None, b"\xff", b"format ="])
def test_an_unreadable_configuration_is_named(text: bytes | None, tmp_path: Path) -> None:
    folder = write(good(), tmp_path / "round")
    (folder / "round.toml").unlink()
    if text is not None:
        (folder / "round.toml").write_bytes(text)
    with pytest.raises(RoundError, match=r"^round.toml: "):
        read_round(folder)
    with pytest.raises(checker.BadRound, match=r"^round.toml: "):
        checker.Round(folder)


def pinned_too_often() -> dict:
    tables = good()
    tables["pools"][0]["seats"] = 1
    for row in tables["applications"]:
        row |= {"prior": "p1", "pinned": 1}
    tables["choices"] = [*choices("a1", "s1"), *choices("a2", "s1")]
    return tables


def pinned_outside() -> dict:
    tables = good()
    tables["applications"][1] |= {"prior": "p1", "pinned": 1}
    return tables


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        (pinned_too_often(), "applications row 1 column pinned: more are pinned"),
        (pinned_outside(), "applications row 2 column prior: is pinned but none of its options"),
    ],
)
def test_pins_outside_options_or_seats_are_named(
    tables: dict, message: str, tmp_path: Path
) -> None:
    with pytest.raises(RoundError) as caught:
        read_round(write(tables, tmp_path / "round"))
    assert str(caught.value).startswith(message)
    with pytest.raises(checker.BadRound) as also:
        checker.Round(tmp_path / "round")
    assert str(also.value).startswith(message)


def test_a_candidate_may_apply_twice_only_in_windows_apart(tmp_path: Path) -> None:
    tables = good()
    tables["applications"][1] |= {"candidate": "c-a1", "subject": "S3T", "earliest": "2027-03-20"}
    with pytest.raises(RoundError, match=r"^applications row 2 column earliest"):
        read_round(write(tables, tmp_path / "one"))
    with pytest.raises(checker.BadRound, match=r"^applications row 2 column earliest"):
        checker.Round(tmp_path / "one")
    tables["applications"][0]["latest"] = "2027-03-19"
    read_round(write(tables, tmp_path / "two"))


def test_bom_quotes_unknown_columns_and_missing_choices_are_welcome(tmp_path: Path) -> None:
    folder = write(good(), tmp_path / "round")
    plain = read_round(folder)
    path = folder / "sessions.csv"
    lines = path.read_text().splitlines()
    text = "\r\n".join(f'"note, ""odd""",{line}' for line in lines) + "\r\n"
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert read_round(folder).sha256 == plain.sha256
    (folder / "choices.csv").unlink()
    assert len(read_round(folder).choices.order) == 0


def test_parquet_of_many_types_is_the_same_round(tmp_path: Path) -> None:
    folder = write(good(), tmp_path / "round")
    plain = read_round(folder)
    for name, rows in good().items():
        columns = {key: [row[key] for row in rows] for key in rows[0]}
        if name == "sessions":
            days = [dt.date.fromisoformat(text) for text in columns["date"]]
            columns["date"] = pa.array(days, pa.date32())
            hours = [dt.time.fromisoformat(text) for text in columns["start"]]
            columns["start"] = pa.array(hours, pa.time32("ms"))
            columns["seats"] = pa.array(columns["seats"], pa.uint8())
            columns["session"] = pa.array(columns["session"]).dictionary_encode()
        if name == "applications":
            columns["prior"] = pa.nulls(len(rows))
            columns["pinned"] = pa.array([False] * len(rows))
            columns["application"] = pa.array(columns["application"], pa.large_string())
        pq.write_table(pa.table(columns), folder / f"{name}.parquet")
        (folder / f"{name}.csv").write_text("broken, but Parquet wins")
    assert read_round(folder).sha256 == plain.sha256


def test_tables_in_memory_must_be_tables() -> None:
    with pytest.raises(RoundError, match=r"^sessions"):
        build_round(config_source(), {"sessions": {"session": ["a", "b"], "site": ["x"]}})


def test_an_empty_round_is_solved(tmp_path: Path) -> None:
    empty = {name: [] for name in ("sessions", "pools", "applications", "choices")}
    folder = write(empty, tmp_path / "round")
    (folder / "pools.csv").write_text("pool,session,classes,seats,vehicles")
    assert main(["solve", str(folder), "--out", str(tmp_path / "plan")]) == 0
    assert main(["check", str(folder), str(tmp_path / "plan")]) == 0
