"""The numbers of rule 3: h of a person and a pool, drawn from the digest of the round."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from scheduler.arrays import Ints, Words64


def mix(values: Words64) -> Words64:
    """Return splitmix64's step of each value, on 64 bits."""
    with np.errstate(over="ignore"):
        x = values + np.uint64(0x9E3779B97F4A7C15)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return x ^ (x >> np.uint64(31))


def drawn(salt: int | Words64, application: Ints, pool: Ints) -> Ints:
    """Return h, 32 bits, of each (application, pool) by position in byte order of id."""
    first = mix(np.asarray(salt, np.uint64) ^ application.astype(np.uint64))
    return (mix(first ^ pool.astype(np.uint64)) >> np.uint64(32)).astype(np.int64)


def first_salt(round_sha256: str) -> int:
    """Return the first 8 bytes of the digest, big-endian."""
    return int(round_sha256[:16], 16)
