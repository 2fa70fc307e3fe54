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

    from scheduler.config import Config
    from scheduler.rounds import Applications, Choices, Pools, Sessions

_CLOCK = pa.array([f"{minute // 60:02}:{minute % 60:02}" for minute in range(1440)])


def digest(
    costs: Config, sessions: Sessions, pools: Pools, applications: Applications, choices: Choices
) -> str:
    """Return `round_sha256` as 64 hexadecimal digits."""
    total = hashlib.sha256(costs.source)
    for name, table in canonical_tables(sessions, pools, applications, choices):
        total.update((",".join(column.name for column in TABLES[name]) + "\n").encode())
        for batch in table.to_batches(max_chunksize=1 << 17):
            total.update(csv_bytes(pa.Table.from_batches([batch])))
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
    subjects = pa.array(SUBJECTS)
    yield (
        "sessions",
        pa.table(
            {
                "session": sessions.ids,
                "site": sessions.site.arrow(),
                "subject": subjects.take(pa.array(sessions.subject)),
                "date": _dates(sessions.date),
                "start": _CLOCK.take(pa.array(sessions.start)),
                "end": _CLOCK.take(pa.array(sessions.end)),
                "seats": sessions.seats,
            }
        ),
    )
    yield (
        "pools",
        pa.table(
            {
                "pool": pools.ids,
                "session": sessions.ids.take(pa.array(pools.session)),
                "classes": pools.classes.arrow(),
                "seats": pools.seats,
                "vehicles": pools.vehicles,
                "offers": pools.offers.arrow(),
            }
        ),
    )
    yield "applications", _applications(applications, pools, subjects)
    yield (
        "choices",
        pa.table(
            {
                "application": applications.ids.take(pa.array(choices.application)),
                "order": choices.order,
                "session": sessions.ids.take(pa.array(choices.session)),
            }
        ),
    )


def _applications(rows: Applications, pools: Pools, subjects: Texts) -> Table:
    return pa.table(
        {
            "application": rows.ids,
            "candidate": rows.candidate,
            "subject": subjects.take(pa.array(rows.subject)),
            "licence_class": rows.licence_class.arrow(),
            "tier": rows.tier,
            "key": rows.key,
            "lot": rows.lot,
            "any_session": rows.any_session.astype(np.int8),
            "earliest": _dates(rows.earliest),
            "latest": _dates(rows.latest),
            "partner": _references(rows.ids, rows.partner),
            "prior": _references(pools.ids, rows.prior),
            "pinned": rows.pinned.astype(np.int8),
            "area": rows.area.arrow(),
            "needs": rows.needs.arrow(),
        }
    )


def _dates(days: Ints) -> Texts:
    return pa.array(days.astype(np.int32)).cast(pa.date32()).cast(pa.string())


def _references(ids: Texts, numbers: Ints) -> Texts:
    taken = ids.take(pa.array(numbers, mask=numbers < 0))
    return taken.fill_null("")
