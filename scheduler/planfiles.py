"""Plans as they were published: the four files, read with suspicion."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from scheduler.arrays import Ints, Table, Texts, pa, pa_csv, pa_parquet, pc
from scheduler.errors import PlanError
from scheduler.plans import certificate_bytes

if TYPE_CHECKING:
    from pathlib import Path

    from scheduler.plans import Plan
    from scheduler.rounds import Round

_COLUMNS = {
    "assignments": ("application", "session", "pool", "order", "vehicle", "turn"),
    "refused": ("application", "reason", "cut"),
}
_NUMBERS = ("order", "vehicle", "turn", "cut")
ABSENT = -1


@dataclass(frozen=True, slots=True)
class Published:
    """The content of a plan folder; texts as Arrow strings, numbers int64, absent -1."""

    assignments: dict[str, Any]
    refused: dict[str, Any]
    certificate: dict[str, Any]
    certificate_bytes: bytes
    summary: dict[str, Any]


def read_published(folder: Path) -> Published:
    """Read a plan folder.

    Raises:
        PlanError: A file is missing or is not what it should be.
    """
    certificate = _bytes(folder / "certificate.json")
    return Published(
        assignments=_table(folder, "assignments"),
        refused=_table(folder, "refused"),
        certificate=_object("certificate.json", certificate),
        certificate_bytes=certificate,
        summary=_object("summary.json", _bytes(folder / "summary.json")),
    )


def as_published(found: Round, plan: Plan) -> Published:
    """Return what a plan in memory would be when published, written and read again."""
    text = certificate_bytes(plan.certificate(found))
    return Published(
        assignments=_columns("assignments", plan.assignments(found)),
        refused=_columns("refused", plan.refused(found)),
        certificate=_object("certificate.json", text),
        certificate_bytes=text,
        summary=_object("summary.json", json.dumps(plan.summary).encode()),
    )


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise PlanError(f"{path.name}: cannot be read: {error.strerror}") from error


def _object(name: str, text: bytes) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise PlanError(f"{name}: is not JSON: {error}") from error
    if not isinstance(found, dict):
        raise PlanError(f"{name}: is not a JSON object")
    return found


def _table(folder: Path, name: str) -> dict[str, Any]:
    parquet, text = folder / f"{name}.parquet", folder / f"{name}.csv"
    try:
        if parquet.exists():
            table = pa_parquet.read_table(parquet)
        elif not text.exists():
            raise PlanError(f"{name}: {name}.parquet or {name}.csv is missing")
        else:
            options = pa_csv.ConvertOptions(
                default_column_type=pa.string(), strings_can_be_null=False
            )
            header = text.read_bytes().split(b"\n", 1)
            table = pa.table({column: pa.array([], pa.string()) for column in _COLUMNS[name]})
            if header[1:] != [b""] or header[0].decode() != ",".join(_COLUMNS[name]):
                table = pa_csv.read_csv(text, convert_options=options)
        return _columns(name, table)
    except (OSError, ValueError, pa.ArrowException) as error:
        raise PlanError(f"{name}: cannot be read: {error}".replace("\n", " ")) from error


def _columns(name: str, table: Table) -> dict[str, Any]:
    if tuple(table.column_names) != _COLUMNS[name]:
        raise PlanError(f"{name}: must have exactly the columns {', '.join(_COLUMNS[name])}")
    found: dict[str, Any] = {}
    for column in _COLUMNS[name]:
        values = table.column(column).combine_chunks()
        found[column] = _numbers(values) if column in _NUMBERS else _texts(values)
    return found


def _texts(values: Texts) -> Texts:
    return pc.fill_null(values.cast(pa.string()), "")


def _numbers(values: Texts) -> Ints:
    if pa.types.is_string(values.type):
        values = pc.if_else(pc.equal(values, ""), None, values)
    numbers = values.cast(pa.int64())
    if pc.any(pc.less(numbers, 0)).as_py():
        raise PlanError("a number is negative")
    return np.asarray(pc.fill_null(numbers, ABSENT).to_numpy(zero_copy_only=False), np.int64)
