"""Walks and rewrites protobuf messages as bytes, without their schema.

Weights are published files: what is changed about them is changed in memory, everything else is
copied byte for byte. Encoding: Protocol Buffers, wire types varint, length and fixed.
"""

import struct
from collections.abc import Callable, Iterator

_VARINT, _BYTES, _FOUR_BYTES = 0, 2, 5
_FIXED = {1: 8, _FOUR_BYTES: 4}


def rewrite(message: bytes, path: tuple[int, ...], change: Callable[[bytes], bytes]) -> bytes:
    """Apply `change` to the submessages at `path` (field numbers), copying everything else."""
    if not path:
        return change(message)
    return b"".join(
        field(number, rewrite(value, path[1:], change)) if number == path[0] else raw
        for number, raw, value in fields(message)
    )


def fields(message: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Yield (field number, the field as encoded, its value when it is length-delimited)."""
    at = 0
    while at < len(message):
        start = at
        tag, at = _varint(message, at)
        wire, value = tag & 7, b""
        if wire == _VARINT:
            _, at = _varint(message, at)
        elif wire == _BYTES:
            size, at = _varint(message, at)
            value = message[at : at + size]
            at += size
        else:
            at += _FIXED[wire]
        yield tag >> 3, message[start:at], value


def field(number: int, value: bytes) -> bytes:
    """Return a length-delimited field as encoded."""
    return _encoded(number << 3 | _BYTES) + _encoded(len(value)) + value


def whole(number: int, value: int) -> bytes:
    """Return a field of a whole number, zero or more, as encoded."""
    return _encoded(number << 3 | _VARINT) + _encoded(value)


def single(number: int, value: float) -> bytes:
    """Return a field of a number of single precision as encoded."""
    return _encoded(number << 3 | _FOUR_BYTES) + struct.pack("<f", value)


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def _encoded(value: int) -> bytes:
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
