"""Draws that anybody can repeat: examiner, vehicle, lane, terminal on the exam day.

Before the day every party publishes the SHA-256 of a secret; on the day the secrets are revealed
and mixed. As long as one party chose its secret blindly nobody could steer the draw, and each
result follows from what is published: `python -m scheduler draw verify FILE` repeats it.

The draw is exactly uniform: numbers that would favour some options are thrown away.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scheduler.errors import SchedulerError

if TYPE_CHECKING:
    from collections.abc import Sequence

FORMAT = "kaochang-draw/1"
SECRET_BYTES = 32
_COMMIT, _SEED, _NUMBER = b"kaochang commit\0", b"kaochang seed\0", b"kaochang number\0"
_BLOCK = 2**256


class DrawError(SchedulerError):
    """A draw that cannot be made or does not repeat; the text is one line."""


@dataclass(frozen=True, slots=True)
class Draw:
    """One draw with everything that is needed to repeat it.

    Attributes:
        context: What is drawn for whom, unique to this draw (such as sitting and purpose).
        options: What was allowed, in byte order.
        commitments: SHA-256 of each party's secret, published before, in the parties' order.
        seed_parts: The secrets, revealed after, in the same order.
        result: The option drawn.
    """

    context: str
    options: tuple[str, ...]
    commitments: tuple[str, ...]
    seed_parts: tuple[bytes, ...]
    result: str

    def to_json(self) -> dict[str, Any]:
        """Return the record that `verify` repeats; secrets as hexadecimal digits."""
        return {
            "format": FORMAT,
            "context": self.context,
            "options": list(self.options),
            "commitments": list(self.commitments),
            "seed_parts": [part.hex() for part in self.seed_parts],
            "result": self.result,
        }


def new_secret() -> bytes:
    """Return 32 random bytes for one party to keep until the draw is revealed."""
    return secrets.token_bytes(SECRET_BYTES)


def commit(secret: bytes) -> str:
    """Return the commitment to a secret: 64 hexadecimal digits that tell nothing about it.

    Raises:
        DrawError: The secret has fewer than 32 bytes and could be guessed.
    """
    if len(secret) < SECRET_BYTES:
        raise DrawError(f"a secret needs at least {SECRET_BYTES} bytes, not {len(secret)}")
    return hashlib.sha256(_COMMIT + secret).hexdigest()


def draw(options: Sequence[str], seed_parts: Sequence[bytes], context: str) -> Draw:
    """Draw one of the options, each with exactly the same chance.

    Args:
        options: What is allowed, without repetition; the order does not matter.
        seed_parts: The secrets of all parties, in their fixed order.
        context: What is drawn for whom; another context is an independent draw.

    Raises:
        DrawError: No option, a repeated one, no party, or a secret that is too short.
    """
    if not options:
        raise DrawError("there is nothing to draw from")
    if len(set(options)) != len(options):
        raise DrawError("an option stands twice")
    if not seed_parts:
        raise DrawError("a draw needs the secret of at least one party")
    allowed = tuple(sorted(options, key=lambda option: option.encode()))
    commitments = tuple(commit(part) for part in seed_parts)
    number = _below(len(allowed), _seed(seed_parts), context.encode())
    return Draw(context, allowed, commitments, tuple(seed_parts), allowed[number])


def verify(record: Any) -> str:
    """Repeat the draw of a record and return its result.

    Args:
        record: What `Draw.to_json` gave, read back from JSON.

    Raises:
        DrawError: The record is not a draw, a secret does not fit its commitment, or another
            option than the recorded one was drawn.
    """
    if not isinstance(record, dict) or record.get("format") != FORMAT:
        raise DrawError(f"is not a record of format {FORMAT}")
    try:
        parts = [bytes.fromhex(part) for part in record["seed_parts"]]
        options, commitments = record["options"], record["commitments"]
        context, result = record["context"], record["result"]
    except (KeyError, TypeError, ValueError) as error:
        raise DrawError(f"the record is incomplete or malformed: {error!r}") from error
    if not (isinstance(options, list) and all(isinstance(option, str) for option in options)):
        raise DrawError("options must be a list of texts")
    if not isinstance(context, str):
        raise DrawError("context must be a text")
    again = draw(options, parts, context)
    if not isinstance(commitments, list) or list(again.commitments) != commitments:
        raise DrawError("a revealed secret does not fit its commitment")
    if again.result != result:
        raise DrawError(f"the draw gives {again.result!r}, the record says {result!r}")
    return again.result


def verify_text(text: str) -> list[str]:
    """Repeat the draws of a JSON document: one record or a list of them.

    Raises:
        DrawError: Not JSON, or one of the draws does not repeat; the text says which.
    """
    try:
        found = json.loads(text)
    except ValueError as error:
        raise DrawError(f"is not JSON: {error}") from error
    records = found if isinstance(found, list) else [found]
    results = []
    for number, record in enumerate(records, start=1):
        try:
            results.append(verify(record))
        except DrawError as error:
            raise DrawError(f"draw {number}: {error}") from error
    return results


def _seed(parts: Sequence[bytes]) -> bytes:
    """Mix all secrets; lengths go in, so that no two lists of secrets look alike."""
    total = hashlib.sha256(_SEED)
    for part in parts:
        total.update(len(part).to_bytes(8, "big") + part)
    return total.digest()


def _below(count: int, seed: bytes, context: bytes) -> int:
    """Return a uniform number from 0 to count - 1."""
    usable = _BLOCK - _BLOCK % count
    attempt = 0
    while True:
        message = _NUMBER + attempt.to_bytes(8, "big") + context
        number = int.from_bytes(hmac.digest(seed, message, "sha256"), "big")
        if number < usable:
            return number % count
        attempt += 1
