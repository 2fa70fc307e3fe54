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
#: Texts that recur stay codes, so that each different one is looked at once.
_RECURRING = ("session", "pool", "reason")
ABSENT = -1


@dataclass(frozen=True, slots=True)
class Coded:
    """A text column as codes: `names[codes[i]]` is the text of row i; `names` is Arrow's."""

    names: Texts
    codes: Ints

    def numbers(self, ids: Texts, absent: int) -> Ints:
        """Return for each row the place of its text among some ids."""
        place = pc.fill_null(pc.index_in(self.names, ids), absent)
        return np.asarray(place.to_numpy(zero_copy_only=False), np.int64).take(self.codes)

    def counts(self) -> dict[str, int]:
        """Return how often each text stands there."""
        counted = np.bincount(self.codes, minlength=len(self.names)).tolist()
        return {name: n for name, n in zip(self.names.to_pylist(), counted, strict=True) if n}


@dataclass(frozen=True, slots=True)
class Published:
    """The content of a plan folder; numbers are int64, absent -1.

    Ids of applications are Arrow strings; sessions, pools and reasons are `Coded`.
    """

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
            table = _read_parquet(parquet)
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


def _read_parquet(path: Path) -> Table:
    known = pa_parquet.read_metadata(path).schema
    # A column of something else than texts cannot be read as codes.
    texts = {
        known.column(at).path
        for at in range(len(known))
        if known.column(at).physical_type == "BYTE_ARRAY"
    }
    file = pa_parquet.ParquetFile(path, read_dictionary=sorted(texts & set(_RECURRING)))
    return file.read(use_threads=False)


def _columns(name: str, table: Table) -> dict[str, Any]:
    if tuple(table.column_names) != _COLUMNS[name]:
        raise PlanError(f"{name}: must have exactly the columns {', '.join(_COLUMNS[name])}")
    found: dict[str, Any] = {}
    for column in _COLUMNS[name]:
        values = table.column(column).combine_chunks()
        if column in _NUMBERS:
            found[column] = _numbers(values)
        else:
            found[column] = _coded(values) if column in _RECURRING else _texts(values)
    return found


def _texts(values: Texts) -> Texts:
    return pc.fill_null(values.cast(pa.string()), "")


def _coded(values: Texts) -> Coded:
    known = pa.types.is_dictionary(values.type) and pa.types.is_string(values.type.value_type)
    if not known or values.null_count or values.dictionary.null_count:
        values = _texts(values).dictionary_encode()
    return Coded(values.dictionary, values.indices.to_numpy().astype(np.intp))


def _numbers(values: Texts) -> Ints:
    if pa.types.is_string(values.type):
        values = pc.if_else(pc.equal(values, ""), None, values)
    numbers = values.cast(pa.int64())
    if pc.any(pc.less(numbers, 0)).as_py():
        raise PlanError("a number is negative")
    return np.asarray(pc.fill_null(numbers, ABSENT).to_numpy(zero_copy_only=False), np.int64)
