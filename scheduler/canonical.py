"""The canonical form of a round and its SHA-256.

The bytes of `round.toml`, then sessions, pools, applications and choices as CSV: header, declared
columns in declared order, rows in byte order of id (choices by application and order), LF.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

from scheduler.arrays import Ints, Table, Texts, pa, pa_csv, pa_parquet
from scheduler.columns import SUBJECTS, TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from scheduler.choices import Choices
    from scheduler.config import Config
    from scheduler.rounds import Applications, Pools, Sessions

#: Rows that are written out as text at a time.
_PIECE = 1 << 16


def digest(
    costs: Config, sessions: Sessions, pools: Pools, applications: Applications, choices: Choices
) -> str:
    """Return `round_sha256` as 64 hexadecimal digits."""
    total = hashlib.sha256(costs.source)
    begun = ""
    for name, table in _coded_tables(sessions, pools, applications, choices, step=_PIECE >> 2):
        if name != begun:
            total.update((",".join(column.name for column in TABLES[name]) + "\n").encode())
            begun = name
        for start in range(0, len(table), _PIECE):
            total.update(csv_bytes(_plain(table.slice(start, _PIECE))))
    return total.hexdigest()


def csv_bytes(table: Table) -> memoryview:
    """Return the rows of a table of ids, words and whole numbers as plain CSV, no header."""
    sink = pa.BufferOutputStream()
    options = pa_csv.WriteOptions(include_header=False, quoting_style="none")
    pa_csv.write_csv(table, sink, options)
    return memoryview(sink.getvalue())


def write_tables(
    source: bytes, tables: Mapping[str, Table], folder: Path, *, parquet: bool = False
) -> None:
    """Write the folder of a round from its tables: a frozen round, or a public file.

    Args:
        source: The bytes of `round.toml`.
        tables: Arrow tables of ids, words and whole numbers, such as `PublicRound.tables` or
            `dict(canonical_tables(...))`.
        folder: Where to write; made if it is missing, files in it are replaced.
        parquet: Write Parquet, else CSV.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "round.toml").write_bytes(source)
    for name, table in tables.items():
        if parquet:
            pa_parquet.write_table(table, folder / f"{name}.parquet")
        else:
            header = (",".join(table.column_names) + "\n").encode()
            (folder / f"{name}.csv").write_bytes(header + bytes(csv_bytes(table)))


def canonical_tables(
    sessions: Sessions, pools: Pools, applications: Applications, choices: Choices
) -> Iterator[tuple[str, Table]]:
    """Yield the four tables with their declared columns, texts and numbers, rows in order."""
    step = max(len(applications.ids), 1)
    for name, table in _coded_tables(sessions, pools, applications, choices, step=step):
        yield name, _plain(table)


def _plain(table: Table) -> Table:
    """Return a table with its coded texts and dates written out, absent ones empty."""
    return pa.table([_text(column) for column in table.columns], names=table.column_names)


def _text(column: Texts) -> Texts:
    if not (pa.types.is_dictionary(column.type) or pa.types.is_date(column.type)):
        return column
    texts = column.cast(pa.string())
    return texts.fill_null("") if texts.null_count else texts


def _coded_tables(
    sessions: Sessions, pools: Pools, applications: Applications, choices: Choices, *, step: int
) -> Iterator[tuple[str, Table]]:
    """Yield the four tables, texts that recur as codes: hardly more than what is there already.

    That of choices comes in pieces, of so many applications each.
    """
    subjects = pa.array(SUBJECTS)
    yield (
        "sessions",
        pa.table(
            {
                "session": sessions.ids,
                "site": sessions.site.coded(),
                "subject": _coded(sessions.subject, subjects),
                "date": _dates(sessions.date),
                "start": _times(sessions.start),
                "end": _times(sessions.end),
                "seats": sessions.seats,
            }
        ),
    )
    yield (
        "pools",
        pa.table(
            {
                "pool": pools.ids,
                "session": _coded(pools.session, sessions.ids),
                "classes": pools.classes.coded(),
                "seats": pools.seats,
                "vehicles": pools.vehicles,
                "offers": pools.offers.coded(),
            }
        ),
    )
    yield "applications", _applications(applications, pools, subjects)
    for low in range(0, max(len(applications.ids), 1), step):
        some = choices.some(low, low + step)
        yield (
            "choices",
            pa.table(
                {
                    "application": _coded(some.application, applications.ids.slice(low, step)),
                    "order": some.order,
                    "session": _coded(some.session, sessions.ids),
                }
            ),
        )


def _applications(rows: Applications, pools: Pools, subjects: Texts) -> Table:
    return pa.table(
        {
            "application": rows.ids,
            "candidate": rows.candidate,
            "subject": _coded(rows.subject, subjects),
            "licence_class": rows.licence_class.coded(),
            "tier": rows.tier,
            "key": rows.key,
            "lot": rows.lot,
            "any_session": rows.any_session.astype(np.int8),
            "earliest": _dates(rows.earliest),
            "latest": _dates(rows.latest),
            "partner": _coded(rows.partner, rows.ids),
            "prior": _coded(rows.prior, pools.ids),
            "pinned": rows.pinned.astype(np.int8),
            "area": rows.area.coded(),
            "needs": rows.needs.coded(),
        }
    )


def _coded(numbers: Ints, texts: Texts) -> Texts:
    """Return the text of each number, none for -1."""
    missing = numbers < 0
    numbers = pa.array(numbers, mask=missing if missing.any() else None)
    return pa.DictionaryArray.from_arrays(numbers, texts)


def _dates(days: Ints) -> Texts:
    return pa.array(days.astype(np.int32, copy=False)).view(pa.date32())


def _times(minutes: Ints) -> Texts:
    return pa.array([f"{at // 60:02}:{at % 60:02}" for at in minutes.tolist()], pa.string())
