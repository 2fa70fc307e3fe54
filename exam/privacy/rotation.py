"""Changing keys: everything sealed is sealed anew, in batches that may be broken off.

Nothing is kept about how far a rotation came: a value names its key, so that what is left is found
by looking. A second run goes on where the first was ended, and two at once share the rows.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from exam.db import Base, db, transaction
from exam.sealing import files
from exam.sealing.attributes import Sealed, Sealing, sealed_of
from exam.sealing.envelopes import Envelope
from exam.sealing.holder import ring
from exam.sealing.keyring import head

BATCH = 500


@dataclass
class Standing:
    """What stands under which key: values by attribute, and files."""

    values: dict[str, dict[int, int]] = field(default_factory=dict)
    index: dict[str, dict[int, int]] = field(default_factory=dict)
    files: dict[int, int] = field(default_factory=dict)

    def under_other_keys(self) -> int:
        """How much would be lost if only the current keys were left."""
        keys = ring()
        kinds = [(x, keys.current) for x in (*self.values.values(), self.files)]
        kinds += [(x, keys.index_current) for x in self.index.values()]
        return sum(n for counts, current in kinds for key, n in counts.items() if key != current)


def models() -> Iterator[type[Any]]:
    """The models with sealed attributes, by table name."""
    found = {x.class_ for x in Base.registry.mappers if issubclass(x.class_, Sealing)}
    return iter(sorted(found, key=lambda x: x.__name__))


def standing(folder: Path) -> Standing:
    """Count what stands under each key; reads everything and opens nothing."""
    found = Standing()
    for model in models():
        for one in sealed_of(model):
            found.values[one.purpose] = _counts(getattr(model, one.column), 2, 2)
            if hasattr(model, f"{one.name}_key"):
                found.index[one.purpose] = _counts(getattr(model, f"{one.name}_key"), 1, 1)
    for name in files.all_names(folder):
        number = files.key_number(name, folder)
        found.files[number] = found.files.get(number, 0) + 1
    return found


def _counts(column: Any, start: int, length: int) -> dict[int, int]:
    piece = sa.func.substring(sa.type_coerce(column, sa.LargeBinary), start, length)
    rows = db.session.execute(sa.select(piece, sa.func.count()).group_by(piece))
    return {int.from_bytes(key, "big"): count for key, count in rows}


def reseal_values() -> int:
    """Seal every value that stands under an older key with the current one; returns how many."""
    return sum(_reseal(model, one) for model in models() for one in sealed_of(model))


def _reseal(model: type[Any], one: Sealed[Any]) -> int:
    done = 0
    while count := _batch(model, one):
        done += count
    return done


def _batch(model: type[Any], one: Sealed[Any]) -> int:
    """Race stopped: a person's number changed while it is sealed anew; the row is locked.

    A row that somebody else has locked is passed over and found by the next batch.
    """
    column = getattr(model, one.column)
    start = sa.func.substring(sa.type_coerce(column, sa.LargeBinary), 1, 3)
    waiting = sa.select(model.id, column).where(start != head(ring().current)).limit(BATCH)
    with transaction() as session:
        rows = session.execute(waiting.with_for_update(skip_locked=True)).all()
        if rows:
            change = sa.update(model.__table__).where(model.__table__.c.id == sa.bindparam("row"))
            change = change.values({one.column: sa.bindparam("made")})
            session.connection().execute(
                change, [{"row": key, "made": _anew(one, held, key)} for key, held in rows]
            )
        return len(rows)


def _anew(one: Sealed[Any], held: Envelope, key: Any) -> Envelope:
    place = one.place(key)
    return Envelope(ring().seal(ring().open(held.raw, bound_to=place), bound_to=place))


def reseal_files(folder: Path) -> int:
    """Seal every picture that is plain or under an older key; returns how many."""
    current, done = ring().current, 0
    for name in files.all_names(folder):
        if files.key_number(name, folder) != current:
            files.reseal(name, folder)
            done += 1
    return done


def reindex() -> int:
    """Make all look-ups anew with the current index key, in one transaction.

    Race stopped: a row that is written under the older key meanwhile; the tables let nobody write
    until it is done. Uniqueness needs one key for all rows, so that it is all or nothing.
    """
    done = 0
    with transaction() as session:
        for model in models():
            found = [x for x in sealed_of(model) if hasattr(model, f"{x.name}_key")]
            if not found:
                continue
            name = model.__tablename__
            session.execute(sa.text(f'LOCK TABLE "{name}" IN SHARE ROW EXCLUSIVE MODE'))
            for row in session.scalars(sa.select(model)):
                for one in found:
                    made = one.columns(vars(row) | {"id": row.id}, getattr(row, one.name))
                    for column, value in made.items():
                        if column != one.column:
                            setattr(row, column, value)
                done += 1
    return done
