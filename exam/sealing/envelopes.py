"""How a sealed value stands in a column; the database's door takes it in no other form."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

from exam.sealing.keyring import number_of

BLOCK = 32
"""Plain values are filled up to a multiple of it, so that a length tells nothing."""


@dataclass(frozen=True, repr=False)
class Envelope:
    """A sealed value, unopened: rows are read without opening what nobody asks for."""

    raw: bytes

    @property
    def key_number(self) -> int:
        """The key that sealed it."""
        return number_of(self.raw)


class EnvelopeType(sa.TypeDecorator[Envelope]):
    """A column of sealed values; a plain value at its door is a defect and is refused."""

    impl = sa.LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Envelope | None, _dialect: Dialect) -> bytes | None:
        """Bytes for the database."""
        if value is not None and not isinstance(value, Envelope):
            raise TypeError("unsealed value at the database's door")
        return None if value is None else value.raw

    def process_result_value(self, value: bytes | None, _dialect: Dialect) -> Envelope | None:
        """Still sealed."""
        return None if value is None else Envelope(bytes(value))


def filled(plain: bytes) -> bytes:
    """Fill up to whole blocks (ISO/IEC 7816-4: one 0x80, then zeros)."""
    return plain + b"\x80" + bytes(-(len(plain) + 1) % BLOCK)


def unfilled(plain: bytes) -> bytes:
    """Undo :func:`filled`."""
    return plain.rstrip(b"\0")[:-1]
