"""The shape of a ledger line and its hashes, shared by writer and verifier.

A line holds seq, time, type, payload, payload_sha256, prev and hash; hashes are SHA-256 over
RFC 8785 bytes; `hash` covers the line without itself, `prev` is the hash of the line before.
"""

import hashlib
from enum import StrEnum
from typing import Any

import rfc8785

NAME = "ledger.jsonl"
FORMAT = "kaochang-ledger/1"
FIRST_PREV = "0" * 64
PROFILES = "profiles"
"""The folder beside a ledger that holds each profile of a start line as SHA256.json."""
FIELDS = frozenset({"seq", "time", "type", "payload", "payload_sha256", "prev", "hash"})

Payload = dict[str, int | str | list[str] | dict[str, int | str]]


class LineType(StrEnum):
    """Every type of line."""

    START = "start"
    OPENED = "opened"
    UPDATED = "updated"
    CLOSED = "closed"
    EVIDENCE = "evidence"
    GAP = "gap"
    CHECKPOINT = "checkpoint"
    ERASED = "erased"
    END = "end"


def canonical(value: Any) -> bytes:
    """Return the RFC 8785 bytes of a JSON value; raises ValueError for what JSON cannot hold."""
    return rfc8785.dumps(value)


def digest(value: object) -> str:
    """Return the SHA-256 (hex) over a value's RFC 8785 bytes."""
    return hashlib.sha256(canonical(value)).hexdigest()
