"""A round in memory: sorted columns, integer references, ranks and the digest.

Every table stands in byte order of its id, so that the position of an id is its number
everywhere in the engine and the order of rows in the files cannot matter.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from scheduler import columns, config, validation
from scheduler.arrays import Flags, Ints, Table, Texts, pa, pc
from scheduler.canonical import canonical_tables, digest, write_tables
from scheduler.choices import Choices, read_choices
from scheduler.columns import SUBJECTS
from scheduler.errors import RoundError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Words:
    """A text column as codes: `names[codes[i]]` is the text of row i."""

    names: tuple[str, ...]
    codes: Ints

    def lists(self) -> list[frozenset[str]]:
        """Return the set of words of every name, for columns that hold lists."""
        return [frozenset(name.split()) for name in self.names]

    def coded(self) -> Texts:
        """Return the texts of all rows as an Arrow dictionary."""
        names = pa.array(self.names, pa.string())
        return pa.DictionaryArray.from_arrays(pa.array(self.codes), names)


@dataclass(frozen=True, slots=True)
class Sessions:
    """Sessions in byte order of id; `subject` is the position in `SUBJECTS`."""

    ids: Texts
    site: Words
    subject: Ints
    date: Ints
    start: Ints
    end: Ints
    seats: Ints


@dataclass(frozen=True, slots=True)
class Pools:
    """Pools in byte order of id; `session` is the number of the session."""

    ids: Texts
    session: Ints
    classes: Words
    seats: Ints
    vehicles: Ints
    offers: Words


@dataclass(frozen=True, slots=True)
class Applications:
    """Applications in byte order of id; -1 where there is no partner or no prior pool.

    `rank` counts from 1 inside a subject: told first, then tier, key, lot.
    """

    ids: Texts
    candidate: Texts
    subject: Ints
    licence_class: Words
    tier: Ints
    key: Ints
    lot: Ints
    any_session: Flags
    earliest: Ints
    latest: Ints
    partner: Ints
    prior: Ints
    pinned: Flags
    area: Words
    needs: Words
    rank: Ints


@dataclass(frozen=True, slots=True)
class Round:
    """One round: what is asked, what there is, what it costs, and the digest of all of it."""

    config: config.Config
    sessions: Sessions
    pools: Pools
    applications: Applications
    choices: Choices
    sha256: str

    def has_chosen(self, rows: Ints, session: Ints) -> Flags:
        """Say of some applications, each named once, whether they have chosen a session."""
        wanted = np.full(len(self.applications.rank), -1, np.int32)
        wanted[rows] = session
        chosen = np.zeros(len(wanted), bool)
        owner = self.choices.application
        chosen[owner[wanted[owner] == self.choices.session]] = True
        return np.asarray(chosen[rows])


def read_round(folder: Path) -> Round:
    """Read the round in `folder` (tables as Parquet or CSV; Parquet wins).

    Raises:
        RoundError: Anything that is off, in one line with table, row and column.
    """
    try:
        source = (folder / "round.toml").read_bytes()
    except OSError as error:
        raise RoundError("round.toml", f"cannot be read: {error.strerror}") from error
    return _build(source, lambda name: _load(folder, name))


def _load(folder: Path, name: str) -> Table:
    table = columns.load_table(folder, name)
    if table is None and name != "choices":
        raise RoundError(name, f"{name}.parquet or {name}.csv is missing")
    return table


def write_round(found: Round, folder: Path, *, parquet: bool = False) -> None:
    """Write a round as a folder; reading it gives the same round with the same digest."""
    tables = canonical_tables(found.sessions, found.pools, found.applications, found.choices)
    write_tables(found.config.source, dict(tables), folder, parquet=parquet)


def build_round(source: bytes, tables: Mapping[str, Any]) -> Round:
    """Build a round from tables in memory.

    Args:
        source: The bytes of `round.toml`, for example from `config.config_source`.
        tables: Table name → Arrow table, or mapping of column name → sequence or NumPy array
            of equal lengths, in any row order. `choices` may be missing.

    Raises:
        RoundError: Anything that is off, in one line with table, row (as given) and column.
    """
    return _build(source, tables.get)


def _build(source: bytes, table_named: Callable[[str], Any]) -> Round:
    """Build a round from tables that are fetched one after the other, and let go again."""
    costs = config.parse_config(source)
    sessions = _sessions(_columns("sessions", table_named("sessions")))
    pools = _pools(_columns("pools", table_named("pools")), sessions)
    raw = _columns("applications", table_named("applications"))
    row_of = validation.unique_ids("applications", "application", raw["application"])
    applications = _applications(raw, pools, row_of)
    del raw
    choices = read_choices(
        _reader("choices", table_named("choices")), applications.ids, sessions.ids
    )
    pa.default_memory_pool().release_unused()
    sha256 = digest(costs, sessions, pools, applications, choices)
    made = Round(costs, sessions, pools, applications, choices, sha256)
    validation.pins(made, row_of)
    return made


def _columns(name: str, table: Any) -> dict[str, Any]:
    return _reader(name, table).read()


def _reader(name: str, table: Any) -> columns.Reader:
    if table is None:
        table = {column.name: pa.array([], pa.string()) for column in columns.TABLES[name]}
    if not isinstance(table, (pa.Table, columns.StoredTable)):
        table = _arrow(name, table)
    return columns.Reader(name, table)


def _arrow(name: str, table: Mapping[str, Any]) -> Table:
    try:
        return pa.table(dict(table))
    except (pa.ArrowException, ValueError, TypeError) as error:
        raise RoundError(name, f"is not a table: {error}") from error


def _words(texts: Texts, order: Ints) -> Words:
    """Code the texts in byte order of the distinct ones."""
    names = pc.unique(texts.dictionary)
    names = names.take(pc.sort_indices(names))
    codes = pc.index_in(texts.dictionary, names).to_numpy(zero_copy_only=False)
    return Words(tuple(names.to_pylist()), codes.astype(np.int32)[columns.codes(texts)[order]])


def _subjects(texts: Texts) -> Ints:
    known = pc.index_in(texts.dictionary, pa.array(SUBJECTS))
    known = np.asarray(known.to_numpy(zero_copy_only=False), np.int32)
    return np.asarray(known[columns.codes(texts)])


def _sessions(raw: dict[str, Any]) -> Sessions:
    order = validation.unique_ids("sessions", "session", raw["session"])
    validation.session_hours(raw)
    return Sessions(
        ids=raw["session"].take(pa.array(order)),
        site=_words(raw["site"], order),
        subject=_subjects(raw["subject"])[order],
        date=raw["date"][order],
        start=raw["start"][order],
        end=raw["end"][order],
        seats=raw["seats"][order].astype(np.int64),
    )


def _pools(raw: dict[str, Any], sessions: Sessions) -> Pools:
    order = validation.unique_ids("pools", "pool", raw["pool"])
    session = validation.references("pools", "session", raw["session"], sessions.ids)
    validation.pool_vehicles(raw, session, sessions)
    return Pools(
        ids=raw["pool"].take(pa.array(order)),
        session=session[order],
        classes=_words(raw["classes"], order),
        seats=raw["seats"][order].astype(np.int64),
        vehicles=raw["vehicles"][order].astype(np.int64),
        offers=_words(raw["offers"], order),
    )


def _applications(raw: dict[str, Any], pools: Pools, order: Ints) -> Applications:
    ids = raw["application"].take(pa.array(order))
    table, refer = "applications", validation.references
    raw["prior"] = refer(table, "prior", raw["prior"], pools.ids, absent=True)
    raw["partner"] = refer(table, "partner", raw["partner"], ids, absent=True)
    raw["subject"] = _subjects(raw["subject"])
    by_rank = validation.rank_order(raw)
    validation.candidates(raw, order)
    rank = _ranks(by_rank, raw["subject"], raw["prior"])[order]
    raw |= {name: _narrow(raw[name]) for name in ("key", "lot")}
    names = [field.name for field in fields(Applications) if field.name in raw]
    rest: dict[str, Any] = {name: _in_turn(raw.pop(name), order) for name in names}
    for name in ("licence_class", "needs"):
        rest[name] = replace(rest[name], codes=_narrow(rest[name].codes))
    return Applications(ids=ids, rank=rank, **rest)


def _narrow(numbers: Ints) -> Ints:
    """Return numbers that are not negative in as few bytes as hold them all."""
    most = int(numbers.max(initial=0))
    kinds = (np.int8, np.int16, np.int32, np.int64)
    return numbers.astype(next(kind for kind in kinds if most <= np.iinfo(kind).max), copy=False)


def _in_turn(column: Any, order: Ints) -> Any:
    """Return a column in byte order of id: texts, coded texts as words, or an array."""
    if isinstance(column, np.ndarray):
        return column[order]
    if pa.types.is_dictionary(column.type):
        return _words(column, order)
    return column.take(pa.array(order))


def _ranks(by_rank: Ints, subject: Ints, prior: Ints) -> Ints:
    """Number the applications of each subject: told first, then by tier, key, lot."""
    group = (subject * 2 + (prior < 0)).astype(np.int8)
    by_rank = by_rank[np.argsort(group[by_rank], kind="stable")]
    first = np.searchsorted(subject[by_rank], np.arange(len(SUBJECTS)))
    rank = np.empty(len(subject), np.int32)
    rank[by_rank] = np.arange(len(subject)) - first[subject[by_rank]] + 1
    return rank
