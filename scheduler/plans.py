"""A plan in memory and its folder of four files."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from dataclasses import dataclass, field
from enum import IntEnum
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from scheduler.arrays import Ints, Table, pa, pa_parquet
from scheduler.canonical import csv_bytes
from scheduler.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import BinaryIO

    from scheduler.rounds import Round

#: Rows that are encoded together in Parquet.
_GROUP = 1 << 17


class Reason(IntEnum):
    """Why an application has no seat."""

    NONE = 0
    NO_SESSION = 1
    FULL = 2
    CHAIN = 3

    @property
    def word(self) -> str:
        """The word written in `refused`; empty for the served."""
        return ("", "no_session", "full", "chain")[self]


@dataclass(slots=True)
class Plan:
    """A decided round; all arrays run over applications in byte order of id.

    Attributes:
        round_sha256: Digest of the round this is the answer to.
        pool: Number of the pool, -1 for the refused.
        order: Number of the choice served, 0 for any session.
        vehicle, turn: Ordinals inside the pool; vehicle 0 at terminals.
        reason: Why there is no seat.
        cut: For `full`, the largest level among the options; else 0.
        levels: Of pools and of sessions, 0 for infinite.
        prices: Of pools and of sessions.
        salts: Component → salt of rule 3.
        summary: The content of `summary.json`.
    """

    round_sha256: str
    pool: Ints
    order: Ints
    vehicle: Ints
    turn: Ints
    reason: np.ndarray[Any, np.dtype[np.int8]]
    cut: Ints
    levels: tuple[Ints, Ints] = field(default=(np.zeros(0, np.int64), np.zeros(0, np.int64)))
    prices: tuple[Ints, Ints] = field(default=(np.zeros(0, np.int64), np.zeros(0, np.int64)))
    salts: dict[str, int] = field(default_factory=dict)
    summary: dict[str, Any] = field(default_factory=dict)

    def assignments(self, found: Round, rows: slice = slice(None)) -> Table:
        """Return rows of the table `assignments`: who sits where, by application."""
        people = np.flatnonzero(self.pool >= 0)[rows]
        pool = self.pool[people]
        return pa.table(
            {
                "application": found.applications.ids.take(pa.array(people)),
                "session": found.sessions.ids.take(pa.array(found.pools.session[pool])),
                "pool": found.pools.ids.take(pa.array(pool)),
                "order": self.order[people].astype(np.int32),
                "vehicle": self.vehicle[people].astype(np.int32),
                "turn": self.turn[people].astype(np.int32),
            }
        )

    def refused(self, found: Round, rows: slice = slice(None)) -> Table:
        """Return rows of the table `refused`: who has no seat and why, by application."""
        people = np.flatnonzero(self.pool < 0)[rows]
        words = pa.array([reason.word for reason in Reason])
        cut = self.cut[people]
        return pa.table(
            {
                "application": found.applications.ids.take(pa.array(people)),
                "reason": words.take(pa.array(self.reason[people])),
                "cut": pa.array(cut.astype(np.int32), mask=self.reason[people] != Reason.FULL),
            }
        )

    def certificate(self, found: Round) -> dict[str, Any]:
        """Return the content of `certificate.json`."""
        pools, sessions = found.pools.ids.to_pylist(), found.sessions.ids.to_pylist()
        levels = [[level or None for level in values.tolist()] for values in self.levels]
        prices = [values.tolist() for values in self.prices]
        return {
            "format": "kaochang-certificate/1",
            "round_sha256": self.round_sha256,
            "levels": {
                "pools": dict(zip(pools, levels[0], strict=True)),
                "sessions": dict(zip(sessions, levels[1], strict=True)),
            },
            "prices": {
                "pools": dict(zip(pools, prices[0], strict=True)),
                "sessions": dict(zip(sessions, prices[1], strict=True)),
            },
            "salts": self.salts,
        }


def certificate_bytes(certificate: Mapping[str, Any]) -> bytes:
    """Return the certificate in RFC 8785 form: sorted keys, no white space, plain integers.

    Keys are ASCII, so that code points sort as RFC 8785 asks. Salts have 64 bits and are written
    with all their digits, which readers that keep numbers as doubles must take care of.
    """
    return json.dumps(certificate, sort_keys=True, separators=(",", ":")).encode()


def plan_files(found: Round, plan: Plan, *, parquet: bool) -> dict[str, bytes]:
    """Return the four files of a plan, name → bytes."""
    made: dict[str, bytes] = {}
    for name, write in _files(found, plan, parquet=parquet):
        file = BytesIO()
        write(file)
        made[name] = file.getvalue()
    return made


def _files(
    found: Round, plan: Plan, *, parquet: bool
) -> Iterator[tuple[str, Callable[[BinaryIO], Any]]]:
    """Yield name and writer of the four files; nothing is made before it is written."""
    yield "certificate.json", lambda file: file.write(certificate_bytes(plan.certificate(found)))
    summary = json.dumps(plan.summary, indent=2, ensure_ascii=False).encode() + b"\n"
    yield "summary.json", lambda file: file.write(summary)
    write, kind = (_write_parquet, "parquet") if parquet else (_write_csv, "csv")
    served = int(np.count_nonzero(plan.pool >= 0))
    sat, out = (
        _groups(plan.assignments, found, served),
        _groups(plan.refused, found, len(plan.pool) - served),
    )
    yield f"assignments.{kind}", lambda file: write(sat, file)
    yield f"refused.{kind}", lambda file: write(out, file)


def _groups(table: Callable[[Round, slice], Table], found: Round, count: int) -> Iterator[Table]:
    """Yield the rows of a table that are made and written together; no rows are one group."""
    for start in range(0, max(count, 1), _GROUP):
        yield table(found, slice(start, start + _GROUP))


def _write_parquet(tables: Iterator[Table], file: BinaryIO) -> None:
    table = next(tables)
    recurring = [name for name in ("session", "pool", "reason") if name in table.column_names]
    with pa_parquet.ParquetWriter(file, table.schema, use_dictionary=recurring) as writer:
        for group in chain((table,), tables):
            writer.write_table(group)


def _write_csv(tables: Iterator[Table], file: BinaryIO) -> None:
    for at, table in enumerate(tables):
        if not at:
            file.write((",".join(table.column_names) + "\n").encode())
        file.write(csv_bytes(table))


def write_plan(
    found: Round, plan: Plan, folder: Path, *, parquet: bool = False, force: bool = False
) -> None:
    """Write the plan beside `folder` and rename it into place, so that nobody reads half a plan.

    Args:
        found: The round.
        plan: The plan.
        folder: Where the plan shall be; its parent must exist.
        parquet: Write the two tables as Parquet, else as CSV.
        force: Replace an existing plan.

    Raises:
        OutputError: The folder exists and `force` is not set, or it cannot be written.
    """
    refuse_existing(folder, force=force)
    try:
        beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
        try:
            for name, write in _files(found, plan, parquet=parquet):
                with (beside / name).open("wb") as file:
                    write(file)
            beside.chmod(0o755)
            _swap(beside, folder)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
    except OSError as error:
        raise OutputError(f"{folder}: cannot be written: {error.strerror}") from error


def refuse_existing(folder: Path, *, force: bool) -> None:
    """Refuse an output folder that is there, or anything that is no folder."""
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise OutputError(f"{folder}: is there and is not a folder; choose another place")
    if folder.exists() and not force:
        raise OutputError(f"{folder}: is there already; choose another place or give --force")
    if not folder.parent.is_dir():
        raise OutputError(f"{folder.parent}: is no folder; make it first")


def _swap(beside: Path, folder: Path) -> None:
    """Put `beside` where `folder` is; an old one is moved away first and then removed."""
    if not folder.exists():
        os.replace(beside, folder)  # noqa: PTH105 (fails, unlike Path.replace's docs, on a filled one)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    folder.replace(old)
    beside.replace(folder)
    shutil.rmtree(old)
