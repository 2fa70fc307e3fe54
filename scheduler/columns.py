"""Tables as they come: files or columns in memory become checked columns of known types.

Texts that differ from row to row leave as Arrow strings, those that recur as Arrow dictionaries
(absent is empty), the rest as NumPy arrays: counts int32, keys int64, flags bool, dates int32 days
since 1970-01-01, times int32 minutes since midnight.
"""

from __future__ import annotations

import csv
import re
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from scheduler.arrays import Flags, Ints, Table, Texts, pa, pa_csv, pa_parquet, pc
from scheduler.errors import RoundError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


_WORD = r"[A-Za-z0-9._:-]{1,64}"
SUBJECTS = ("S1", "S2", "S3R", "S3T")
LARGEST_COUNT = 2**31 - 1
LARGEST_KEY = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Column:
    """One declared column: its name, the kind of its values, and whether it may be missing."""

    name: str
    kind: str
    optional: bool = False


def _declare(text: str) -> tuple[Column, ...]:
    """Read `name:kind` pairs; a trailing `?` marks a column that may be missing."""
    pairs = ([*item.rstrip("?").split(":"), item.endswith("?")] for item in text.split())
    return tuple(Column(str(name), str(kind), bool(optional)) for name, kind, optional in pairs)


#: Declared columns in declared order, as in the round format.
TABLES: dict[str, tuple[Column, ...]] = {
    "sessions": _declare(
        "session:id site:name subject:subject date:date start:time end:time seats:count"
    ),
    "pools": _declare(
        "pool:id session:name classes:classes seats:count vehicles:count offers:list?"
    ),
    "applications": _declare(
        "application:id candidate:id subject:subject licence_class:name tier:count key:key lot:key "
        "any_session:flag earliest:date latest:date partner:ref prior:ref pinned:flag "
        "area:list? needs:list?"
    ),
    "choices": _declare("application:name order:count session:name"),
}

_ID = (rf"\A{_WORD}\z", "is not an id: 1 to 64 of A-Z a-z 0-9 . _ : -")
_TEXTS = {
    "id": _ID,
    "name": _ID,
    "ref": (rf"\A({_WORD})?\z", "is neither empty nor an id: 1 to 64 of A-Z a-z 0-9 . _ : -"),
    "list": (rf"\A({_WORD}( {_WORD})*)?\z", "is not a list of words with one space between"),
    "classes": (
        rf"\A(\*|{_WORD}( {_WORD})*)\z",
        "is neither * nor a list of licence classes with one space between",
    ),
    "subject": (r"\A(S1|S2|S3R|S3T)\z", "is not a subject: S1, S2, S3R or S3T"),
    "date": (r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}\z", "is not a date like 2027-03-01"),
    "time": (r"\A([01][0-9]|2[0-3]):[0-5][0-9]\z", "is not a time like 08:30"),
}
#: Kinds of texts that stay codes: all but the ids of a table's own rows.
_RECURRING = _TEXTS.keys() - {"id"}


class Reader:
    """Turns one table into checked columns; every refusal names table, row and column."""

    def __init__(self, name: str, table: Table | StoredTable) -> None:
        self.name, self.table, self.rows = name, table, table.num_rows
        self._first = 0

    def read(self) -> dict[str, Any]:
        """Return column name → Arrow texts or NumPy array, all declared columns present."""
        return {column.name: self.one(column.name) for column in TABLES[self.name]}

    def one(self, name: str) -> Any:
        """Return one column; whoever reads them one by one need not hold them all."""
        column = self._declared(name)
        if name in self.table.column_names:
            values = self.table.column(name).combine_chunks()
        elif column.optional:
            values = pa.nulls(self.rows, pa.string())
        else:
            raise RoundError(self.name, "the column is missing", column=name)
        read = self._column(column, values)
        del values
        pa.default_memory_pool().release_unused()
        return read

    def pieces(self, name: str) -> Iterator[tuple[slice, Any]]:
        """Yield one column as it is stored, piece by piece, each with its rows."""
        if not isinstance(self.table, StoredTable) or name not in self.table.column_names:
            yield slice(0, self.rows), self.one(name)
            return
        column = self._declared(name)
        self._first = 0
        for values in self.table.groups(name):
            rows = slice(self._first, self._first + len(values))
            yield rows, self._column(column, values)
            self._first = rows.stop
            pa.default_memory_pool().release_unused()
        self._first = 0

    def _declared(self, name: str) -> Column:
        return next(column for column in TABLES[self.name] if column.name == name)

    def _column(self, column: Column, values: Texts) -> Any:
        if pa.types.is_dictionary(values.type):
            distinct = isinstance(self.table, StoredTable) and not values.dictionary.null_count
            distinct = distinct and column.kind in _RECURRING
            if not (distinct and pa.types.is_string(values.type.value_type)):
                values = values.cast(values.type.value_type)
        if pa.types.is_null(values.type):
            values = values.cast(pa.string())
        readers: dict[str, Callable[[str, Texts], Any]] = {
            "id": self._ids,
            "count": lambda name, v: self._integers(name, v, LARGEST_COUNT, np.int32),
            "key": lambda name, v: self._integers(name, v, LARGEST_KEY),
            "flag": self._flags,
            "date": self._dates,
            "time": self._times,
        }
        if column.kind in readers:
            return readers[column.kind](column.name, values)
        return self._coded(column.name, values, column.kind)

    def _refuse(self, column: str, bad: Flags, shown: Texts, message: str) -> None:
        """Raise for the first row where `bad` holds."""
        if bad.any():
            row = int(bad.argmax())
            value = shown[row].as_py()
            text = "empty" if value in (None, "") else f"{str(value)[:80]!r}"
            at = self._first + row + 1
            raise RoundError(self.name, f"{text} {message}", row=at, column=column)

    def _strings(self, column: str, values: Texts) -> Texts:
        if values.type not in {pa.string(), pa.large_string(), pa.string_view()}:
            raise RoundError(self.name, f"holds {values.type}, not text", column=column)
        return pc.fill_null(values.cast(pa.string()), "")

    def _ids(self, column: str, values: Texts) -> Texts:
        texts = self._strings(column, values)
        pattern, message = _TEXTS["id"]
        self._refuse(column, ~_flags(pc.match_substring_regex(texts, pattern)), texts, message)
        return texts

    def _coded(self, column: str, values: Texts, kind: str) -> Texts:
        """Return texts as a dictionary: each different text is looked at once."""
        if not pa.types.is_dictionary(values.type):
            values = self._strings(column, values).dictionary_encode()
        elif values.null_count:
            values = pc.fill_null(values.cast(pa.string()), "").dictionary_encode()
        pattern, message = _TEXTS[kind]
        good = _flags(pc.match_substring_regex(values.dictionary, pattern))
        if not good.all():
            self._refuse(column, ~good[codes(values)], values, message)
        return values

    def _integers(
        self, column: str, values: Texts, largest: int, kind: type[np.integer[Any]] = np.int64
    ) -> Ints:
        message = f"is not a whole number from 0 to {largest}"
        if values.type in {pa.string(), pa.large_string()}:
            plain = pc.match_substring_regex(values, r"\A(0|[1-9][0-9]{0,18})\z")
            self._refuse(column, ~_flags(pc.fill_null(plain, fill_value=False)), values, message)
            values = values.cast(pa.uint64())
        if not pa.types.is_integer(values.type):
            raise RoundError(self.name, f"holds {values.type}, not whole numbers", column=column)
        if values.null_count:
            self._refuse(column, _flags(pc.is_null(values)), values, message)
        numbers = np.asarray(values.to_numpy(zero_copy_only=False))
        limit = min(largest, np.iinfo(numbers.dtype).max)
        self._refuse(column, (numbers < 0) | (numbers > limit), values, message)
        return numbers.astype(kind)

    def _flags(self, column: str, values: Texts) -> Flags:
        if pa.types.is_boolean(values.type):
            self._refuse(column, _flags(pc.is_null(values)), values, "is not a flag: 0 or 1")
            return _flags(values)
        numbers = self._integers(column, values, LARGEST_KEY)
        self._refuse(column, numbers > 1, values, "is not a flag: 0 or 1")
        return np.asarray(numbers == 1)

    def _dates(self, column: str, values: Texts) -> Ints:
        message = _TEXTS["date"][1]
        if pa.types.is_date32(values.type):
            self._refuse(column, _flags(pc.is_null(values)), values, message)
            days = values.cast(pa.int32()).to_numpy(zero_copy_only=False)
            edge = (days < _DAY_MIN) | (days > _DAY_MAX)
            self._refuse(column, edge, values.cast(pa.int32()), "days is no date")
            return np.asarray(days, np.int32)
        texts = self._coded(column, values, "date")
        known = np.array([_days(text) for text in texts.dictionary.to_pylist()], np.int32)
        days = known[codes(texts)]
        self._refuse(column, days == _NO_DATE, texts, "is not a day of the calendar")
        return np.asarray(days)

    def _times(self, column: str, values: Texts) -> Ints:
        if not pa.types.is_time32(values.type):
            texts = self._coded(column, values, "time")
            parts = [text.split(":") for text in texts.dictionary.to_pylist()]
            known = np.array([60 * int(hour) + int(minute) for hour, minute in parts], np.int32)
            return np.asarray(known[codes(texts)])
        self._refuse(column, _flags(pc.is_null(values)), values, _TEXTS["time"][1])
        minute = 60 if values.type.unit == "s" else 60_000
        ticks = values.cast(pa.int32()).to_numpy(zero_copy_only=False)
        odd = (ticks < 0) | (ticks >= 1440 * minute) | (ticks % minute != 0)
        self._refuse(column, odd, values.cast(pa.int32()), "is not a whole minute")
        return np.asarray(ticks // minute, np.int32)


def _flags(values: Texts) -> Flags:
    """Return Arrow's flags as an array."""
    return np.asarray(values.to_numpy(zero_copy_only=False), bool)


def codes(texts: Texts) -> Ints:
    """Return for each row of a dictionary without nulls the place of its text."""
    return np.asarray(texts.indices.to_numpy())


_EPOCH = date(1970, 1, 1).toordinal()
_DAY_MIN, _DAY_MAX = 1 - _EPOCH, date.max.toordinal() - _EPOCH
_NO_DATE = -(2**31)


def _days(text: str) -> int:
    try:
        return date.fromisoformat(text).toordinal() - _EPOCH
    except ValueError:
        return _NO_DATE


class StoredTable:
    """A Parquet file whose columns are read one by one, so that few stand there as they come."""

    def __init__(self, path: Path, name: str) -> None:
        recurring = {column.name for column in TABLES[name] if column.kind in _RECURRING}
        self.name = name
        with _readable(name):
            known = pa_parquet.read_metadata(path)
            paths = {known.schema.column(at).path for at in range(known.num_columns)}
            self._file = pa_parquet.ParquetFile(
                path, metadata=known, read_dictionary=sorted(recurring & paths)
            )
        self.column_names = self._file.schema_arrow.names
        self.num_rows = self._file.metadata.num_rows
        _once(name, self.column_names)

    def column(self, name: str) -> Any:
        """Return a column as Arrow's."""
        with _readable(self.name):
            return self._file.read([name], use_threads=False).column(0)

    def groups(self, name: str) -> Iterator[Any]:
        """Yield a column as Arrow's, one group of rows at a time."""
        for group in range(self._file.num_row_groups):
            with _readable(self.name):
                read = self._file.read_row_group(group, [name], use_threads=False)
            yield read.column(0).combine_chunks()


def load_table(folder: Path, name: str) -> Table | StoredTable | None:
    """Open `NAME.parquet` or else read `NAME.csv`; None where neither is there.

    Raises:
        RoundError: The file cannot be read, a row has too few or too many fields, or a column
            stands twice.
    """
    parquet, text = folder / f"{name}.parquet", folder / f"{name}.csv"
    if parquet.exists():
        return StoredTable(parquet, name)
    with _readable(name):
        return _load_csv(text, name) if text.exists() else None


@contextmanager
def _readable(name: str) -> Iterator[None]:
    """Refuse a table whose file is not what its name says."""
    try:
        yield
    except (OSError, pa.ArrowException, UnicodeDecodeError, csv.Error) as error:
        row = re.search(r"Row #(\d+): (.*)", str(error))
        where = int(row[1]) - 1 if row else None
        raise RoundError(name, row[2] if row else str(error), row=where) from error


def _once(name: str, header: list[str]) -> None:
    for column in TABLES[name]:
        if header.count(column.name) > 1:
            raise RoundError(name, "the column stands twice", column=column.name)


def _load_csv(path: Path, name: str) -> Table:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, strict=True)
        header = next(reader, [])
        if not header:
            raise RoundError(name, "the header row is missing")
        _once(name, header)
        if next(reader, None) is None:
            return pa.table({column: pa.array([], pa.string()) for column in header})
    declared = [column.name for column in TABLES[name] if column.name in header]
    return pa_csv.read_csv(
        path,
        read_options=pa_csv.ReadOptions(use_threads=False),
        parse_options=pa_csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
        convert_options=pa_csv.ConvertOptions(
            default_column_type=pa.string(), strings_can_be_null=False, include_columns=declared
        ),
    )
