"""Sealing what stood plainly in the first model: for the migrations that expand and contract.

Written with the names of that model's columns on purpose: it must read them after the models have
forgotten them. Only rows that are not sealed yet are taken, in batches, so that it may be broken
off and begun again, and may run beside a release that still writes the plain columns.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from exam.sealing.envelopes import filled
from exam.sealing.holder import ring

BATCH = 1000


@dataclass(frozen=True)
class Table:
    """A table of the first model: its plain columns, and the one whose sealing marks a row done."""

    name: str
    plain: tuple[str, ...]
    mark: str
    values: Callable[[Mapping[str, Any]], dict[str, Any]]


def _sealed(table: str, column: str, row: Mapping[str, Any]) -> bytes:
    value = row[column]
    text = "" if value is None else str(value)
    return ring().seal(filled(text.encode()), bound_to=f"{table}.{column}:{row['id']}")


def _person(row: Mapping[str, Any]) -> dict[str, Any]:
    number = str(row["document_number"]).strip().upper()
    purpose = "person.document_number"
    made = {f"{x}_sealed": _sealed("person", x, row) for x in PERSON.plain}
    return made | {
        "document_number_key": ring().fingerprint(number, purpose=purpose),
        "document_number_tail": ring().fingerprint(number[-4:], purpose=f"{purpose}.tail"),
    }


def _case(row: Mapping[str, Any]) -> dict[str, Any]:
    return {f"{x}_sealed": _sealed("case", x, row) for x in CASE.plain}


def _need(row: Mapping[str, Any]) -> dict[str, Any]:
    made = {f"{x}_sealed": _sealed("support_need", x, row) for x in NEED.plain}
    scoped = f"{row['person_id']}\0{row['kind']}"
    return made | {"kind_key": ring().fingerprint(scoped, purpose="support_need.kind")}


PERSON = Table("person", ("document_number", "phone", "address"), "phone_sealed", _person)
CASE = Table("case", ("medical_number", "medical_date"), "medical_number_sealed", _case)
NEED = Table("support_need", ("kind", "until"), "kind_sealed", _need)
TABLES = (PERSON, CASE, NEED)


def seal_rows(connection: sa.Connection) -> dict[str, int]:
    """Seal every row that is still plain; returns how many, by table."""
    return {table.name: _seal_table(connection, table) for table in TABLES}


def _seal_table(connection: sa.Connection, table: Table) -> int:
    extra = ("person_id",) if table is NEED else ()
    columns: list[sa.ColumnClause[Any]] = [sa.column(x) for x in ("id", *table.plain, *extra)]
    where = sa.and_(sa.column(table.mark).is_(None), sa.column(table.plain[0]).is_not(None))
    if table is CASE:
        where = sa.column(table.mark).is_(None)
    query = sa.select(*columns).select_from(sa.table(table.name)).where(where).limit(BATCH)
    done = 0
    while rows := connection.execute(query).mappings().all():
        made = [{**table.values(dict(x)), "row": x["id"]} for x in rows]
        names = [x for x in made[0] if x != "row"]
        target = sa.table(table.name, sa.column("id"), *(sa.column(x) for x in names))
        change = sa.update(target).where(target.c.id == sa.bindparam("row"))
        connection.execute(change.values({x: sa.bindparam(x) for x in names}), made)
        done += len(made)
    return done


def plain_rows(connection: sa.Connection) -> None:
    """Fill the plain columns again from the sealed ones: for taking the contraction back."""
    for table in TABLES:
        names = [f"{x}_sealed" for x in table.plain]
        columns: list[sa.ColumnClause[Any]] = [sa.column(x) for x in ("id", *names)]
        rows = connection.execute(sa.select(*columns).select_from(sa.table(table.name))).mappings()
        for row in rows.all():
            values = {x: _opened(table.name, x, dict(row)) for x in table.plain}
            target = sa.table(table.name, sa.column("id"), *(sa.column(x) for x in table.plain))
            connection.execute(sa.update(target).where(target.c.id == row["id"]).values(values))


def _opened(table: str, column: str, row: Mapping[str, Any]) -> Any:
    held = bytes(row[f"{column}_sealed"])
    plain = ring().open(held, bound_to=f"{table}.{column}:{row['id']}")
    text = plain.rstrip(b"\0")[:-1].decode()
    value = sa.literal(text or None)
    return sa.cast(value, sa.Date) if column in ("until", "medical_date") else value
