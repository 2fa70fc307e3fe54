"""Attributes of a model that are sealed at rest and read as if they were not.

::

    class Person(Sealing, Base):
        document_number = Sealed(TEXT, found=True)
        document_number_sealed: Mapped[Envelope] = envelope()
        document_number_key: Mapped[bytes] = fingerprint()
        document_number_tail: Mapped[bytes] = fingerprint()

``person.document_number`` opens the envelope, setting it seals anew and keeps the look-ups in
step; ``Person.document_number.matches(number)`` and ``.ends_with("1234")`` are conditions. Bulk
statements, which make no objects, take their rows from :func:`sealed_values`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, Self, TypeVar, overload
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm

from exam.db import new_id
from exam.sealing.envelopes import Envelope, EnvelopeType, filled, unfilled
from exam.sealing.holder import ring

T = TypeVar("T")
TAIL = 4


@dataclass(frozen=True)
class Codec(Generic[T]):
    """How a value becomes bytes and comes back."""

    write: Callable[[T], bytes]
    read: Callable[[bytes], T]


TEXT: Codec[str] = Codec(lambda x: x.encode(), lambda x: x.decode())
DATE: Codec[date] = Codec(
    lambda x: x.isoformat().encode(), lambda x: date.fromisoformat(x.decode())
)


class Optional(Codec[T]):
    """A codec of a value that may be missing; its absence is sealed like a value."""


def optional(codec: Codec[T]) -> Codec[T | None]:
    """The same for a value that may be missing."""
    return Optional(
        lambda x: b"" if x is None else codec.write(x), lambda x: codec.read(x) if x else None
    )


def envelope(**options: Any) -> Any:
    """The column of a sealed value."""
    return orm.mapped_column(EnvelopeType, **options)


def fingerprint(**options: Any) -> Any:
    """A column of look-ups: 33 bytes, see :meth:`Keyring.fingerprint`."""
    return orm.mapped_column(sa.LargeBinary(33), **options)


class Sealed(Generic[T]):
    """Descriptor of a sealed attribute NAME; its columns are NAME_sealed, NAME_key, NAME_tail.

    Args:
        codec: how the value becomes bytes.
        found: exact look-up and look-up by the last four characters.
        scope: an attribute that goes into the exact look-up: it then tells equality inside one
            scope only, and there is no look-up by the end.
    """

    def __init__(self, codec: Codec[T], *, found: bool = False, scope: str | None = None) -> None:
        self._codec, self._found, self._scope = codec, found, scope
        self.may_be_missing = isinstance(codec, Optional)
        self.name = ""
        self._model: Any = None

    def __set_name__(self, owner: type, name: str) -> None:
        self.name, self._model = name, owner

    @overload
    def __get__(self, row: None, owner: type) -> Self: ...
    @overload
    def __get__(self, row: object, owner: type) -> T: ...
    def __get__(self, row: Any, owner: type) -> Self | T:
        if row is None:
            return self
        held: Envelope | None = getattr(row, self.column)
        if held is None:  # a row that is not in the database yet
            return self._codec.read(b"")
        return self.opened(held, row.id)

    def __set__(self, row: Any, value: T) -> None:
        known = {"id": row.id} | ({self._scope: getattr(row, self._scope)} if self._scope else {})
        for column, sealed in self.columns(known, value).items():
            setattr(row, column, sealed)

    @property
    def column(self) -> str:
        """Name of the column with the envelope."""
        return f"{self.name}_sealed"

    @property
    def purpose(self) -> str:
        """What look-ups of this attribute are made for: none fits another attribute's."""
        return f"{self._model.__tablename__}.{self.name}"

    def place(self, row_id: UUID) -> str:
        """What an envelope of this attribute and row is bound to."""
        return f"{self.purpose}:{row_id}"

    def opened(self, held: Envelope, row_id: UUID) -> T:
        """The value of a row's envelope, for queries that read columns.

        Raises:
            CannotOpen: altered, or another row's.
        """
        return self._codec.read(unfilled(ring().open(held.raw, bound_to=self.place(row_id))))

    def columns(self, row: Mapping[str, Any], value: T) -> dict[str, Any]:
        """What stands in the columns for a value of a row, of which id and scope are known."""
        keys = ring()
        plain = filled(self._codec.write(value))
        made: dict[str, Any] = {
            self.column: Envelope(keys.seal(plain, bound_to=self.place(row["id"])))
        }
        if self._scope:
            made[f"{self.name}_key"] = self.key_of(value, row[self._scope])
        elif self._found:
            text = _folded(str(value))
            made[f"{self.name}_key"] = keys.fingerprint(text, purpose=self.purpose)
            made[f"{self.name}_tail"] = keys.fingerprint(text[-TAIL:], purpose=self._tail)
        return made

    def key_of(self, value: T | str, scope: object = "") -> bytes:
        """The exact look-up that a value is stored under now."""
        text = f"{scope}\0{value}" if self._scope else _folded(str(value))
        return ring().fingerprint(text, purpose=self.purpose)

    def matches(self, value: str) -> sa.ColumnElement[bool]:
        """Condition: the whole value, letters folded."""
        return self._among(f"{self.name}_key", _folded(value), self.purpose)

    def ends_with(self, last: str) -> sa.ColumnElement[bool]:
        """Condition: the last four characters, letters folded."""
        return self._among(f"{self.name}_tail", _folded(last), self._tail)

    @property
    def _tail(self) -> str:
        return f"{self.purpose}.tail"

    def _among(self, column: str, text: str, purpose: str) -> sa.ColumnElement[bool]:
        condition: sa.ColumnElement[bool] = getattr(self._model, column).in_(
            ring().fingerprints(text, purpose=purpose)
        )
        return condition


class Sealing:
    """Mixin of a model with sealed attributes: its id is known before anything is sealed to it."""

    id: Any

    def __init__(self, **values: Any) -> None:
        values.setdefault("id", new_id())
        own = {x.name: x for x in sealed_of(type(self))}
        super().__init__(**{k: v for k, v in values.items() if k not in own})
        for name, one in own.items():
            if name in values or one.may_be_missing:
                setattr(self, name, values.get(name))


def sealed_of(model: type) -> Iterator[Sealed[Any]]:
    """The sealed attributes of a model."""
    return (x for x in vars(model).values() if isinstance(x, Sealed))


def sealed_values(model: type, row: Mapping[str, Any]) -> dict[str, Any]:
    """A row for a bulk statement: sealed attributes become their columns.

    Args:
        model: a model with sealed attributes.
        row: values by attribute, the id among them.
    """
    made = dict(row)
    for one in sealed_of(model):
        made |= one.columns(row, made.pop(one.name, None))
    return made


def _folded(text: str) -> str:
    return text.strip().upper()
