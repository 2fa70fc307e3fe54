"""The public file of a round: everything that is needed to check the plan, and nobody in it.

The public file is itself a round. The office solves it, publishes it with its plan, and translates
the plan back with the names that it alone holds; so what the public checks is what was decided.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scheduler.arrays import Ints, Table, Texts, pa
from scheduler.canonical import canonical_tables
from scheduler.errors import SchedulerError

if TYPE_CHECKING:
    from scheduler.rounds import Round

SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class PublicRound:
    """A round without persons, and what leads back to them.

    Attributes:
        source: The bytes of `round.toml`, unchanged.
        tables: The tables to write and to solve; `applications` has one more column,
            `commitment`, to each application's own tier, key and lot.
        names: Application → its name in the public file; for the office alone.
        openings: Application → the text that opens its commitment; for its candidate alone.
    """

    source: bytes
    tables: dict[str, Table]
    names: dict[str, str]
    openings: dict[str, str]


def public_round(found: Round, secret: bytes) -> PublicRound:
    """Make the public file of a round.

    Tier and lot become 0 and the key becomes the rank; class and needs become one opaque word per
    combination, which the pools that serve it list. The cost of moves by tier cannot survive
    that: a public replanning counts every move to another session as one of tier 0.

    Args:
        found: The round.
        secret: At least 32 random bytes, another for each round.

    Raises:
        SchedulerError: The secret is too short.
    """
    if len(secret) < SECRET_BYTES:
        raise SchedulerError(f"the secret of a public file needs {SECRET_BYTES} bytes")
    tables = dict(canonical_tables(found.sessions, found.pools, found.applications, found.choices))
    words, offers = _words(found, secret)
    rows = found.applications
    names = _hashed(secret, "application", tables["applications"]["application"].to_pylist())
    candidates = _hashed(secret, "candidate", tables["applications"]["candidate"].to_pylist())
    openings = _openings(found, secret)
    commitments = [hashlib.sha256(text.encode()).hexdigest() for text in openings.values()]
    needing = np.array([bool(name) for name in rows.needs.names], bool)[rows.needs.codes]
    shown = {
        "application": _translate(tables["applications"]["application"], names),
        "candidate": _translate(tables["applications"]["candidate"], candidates),
        "licence_class": pa.array(words.of_application),
        "tier": np.zeros(len(rows.rank), np.int64),
        "key": rows.rank,
        "lot": np.zeros(len(rows.rank), np.int64),
        "partner": _translate(tables["applications"]["partner"], names | {"": ""}),
        "needs": pa.array([offers if need else "" for need in needing.tolist()], pa.string()),
        "commitment": pa.array(commitments, pa.string()),
    }
    tables["applications"] = _with(tables["applications"], shown).sort_by("application")
    offering = np.array([bool(name) for name in found.pools.offers.names], bool)
    served = {
        "classes": pa.array(words.of_pool),
        "offers": pa.array(
            [offers if offer else "" for offer in offering[found.pools.offers.codes].tolist()],
            pa.string(),
        ),
    }
    tables["pools"] = _with(tables["pools"], served)
    choices = {"application": _translate(tables["choices"]["application"], names)}
    ordered = _with(tables["choices"], choices)
    tables["choices"] = ordered.sort_by([("application", "ascending"), ("order", "ascending")])
    return PublicRound(found.config.source, tables, names, openings)


def opens(opening: str, commitment: str, *, tier: int, key: int, lot: int) -> bool:
    """Say whether an opening fits its commitment and tells this tier, key and lot."""
    tells = opening.split(":")[1:] == [str(tier), str(key), str(lot)]
    made = hashlib.sha256(opening.encode()).hexdigest()
    return tells and hmac.compare_digest(made, commitment)


@dataclass(frozen=True, slots=True)
class _OpaqueWords:
    of_application: list[str]
    of_pool: list[str]


def _words(found: Round, secret: bytes) -> tuple[_OpaqueWords, str]:
    """Return the opaque words, and the one word for reserves (empty where they cost nothing)."""
    rows, pools = found.applications, found.pools
    width = max(len(rows.needs.names), 1)
    both = rows.licence_class.codes.astype(np.int64) * width + rows.needs.codes
    distinct, number = np.unique(both, return_inverse=True)
    pairs = [
        (rows.licence_class.names[code // width], frozenset(rows.needs.names[code % width].split()))
        for code in distinct.tolist()
    ]
    words = [
        _hash(secret, "words", f"{name} {' '.join(sorted(needs))}")[:16] for name, needs in pairs
    ]
    kinds: dict[tuple[int, int], str] = {}
    of_pool = []
    served, offers = pools.classes.lists(), pools.offers.lists()
    for key in zip(pools.classes.codes.tolist(), pools.offers.codes.tolist(), strict=True):
        if key not in kinds:
            fits = [
                word
                for word, (name, needs) in zip(words, pairs, strict=True)
                if served[key[0]] & {"*", name} and needs <= offers[key[1]]
            ]
            kinds[key] = " ".join(sorted(fits)) or _hash(secret, "words", "nobody")[:16]
        of_pool.append(kinds[key])
    reserve = "reserve" if found.config.reserve_cost else ""
    return _OpaqueWords([words[at] for at in number.tolist()], of_pool), reserve


def _hash(secret: bytes, kind: str, text: str) -> str:
    return hmac.digest(secret, f"{kind}:{text}".encode(), "sha256").hex()


def _hashed(secret: bytes, kind: str, texts: list[str]) -> dict[str, str]:
    return {text: _hash(secret, kind, text)[:32] for text in texts}


def _openings(found: Round, secret: bytes) -> dict[str, str]:
    rows = found.applications
    values = zip(
        rows.ids.to_pylist(), _list(rows.tier), _list(rows.key), _list(rows.lot), strict=True
    )
    return {
        name: f"{_hash(secret, 'opening', name)}:{tier}:{key}:{lot}"
        for name, tier, key, lot in values
    }


def _list(values: Ints) -> list[int]:
    return [int(value) for value in values.tolist()]


def _translate(texts: Texts, names: dict[str, str]) -> Texts:
    return pa.array([names[text] for text in texts.to_pylist()], pa.string())


def _with(table: Table, columns: dict[str, Texts]) -> Table:
    """Return the table with some columns replaced or added."""
    found = {name: table[name] for name in table.column_names} | columns
    return pa.table(found)
