"""Which passwords are refused: too short, or among the first that anybody tries. Pure.

No rule asks for kinds of characters and none for a new password every so often: both make people
choose worse ones (NIST SP 800-63B, 3.1.1.2). What is refused is what a guesser begins with: the
30,000 most frequent passwords of published breaches (the list that the package `zxcvbn` brings
along; nobody is asked outside), the list beside this file for what is usual here, keyboard rows,
counting, repetitions, and the person's own name or numbers.
"""

from collections.abc import Iterable
from enum import StrEnum
from functools import cache
from pathlib import Path

LONGEST = 200
RUNS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiopasdfghjklzxcvbnm",
    "1q2w3e4r5t6y7u8i9o0p",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "qazwsxedcrfvtgbyhnujm",
)
LEET = str.maketrans("@$013457", "asoieast")
SHORT_WORD = 4
"""Names and cores of fewer characters are in too many good passwords to be a sign of a bad one."""


class Weakness(StrEnum):
    """Why a password is refused."""

    SHORT = "short"
    LONG = "long"
    COMMON = "common"
    OWN = "own"


def weakness(password: str, *, least: int, about: Iterable[str] = ()) -> Weakness | None:
    """What is wrong with a password, or None.

    Args:
        password: as it was typed; nothing is trimmed.
        least: characters that it must have.
        about: the person's sign-in name, phone and document number.
    """
    if len(password) < least:
        return Weakness.SHORT
    if len(password) > LONGEST:
        return Weakness.LONG
    plain = password.casefold()
    if _common(plain):
        return Weakness.COMMON
    return Weakness.OWN if _own(plain, about) else None


def _common(plain: str) -> bool:
    core = plain.strip("0123456789!?.*#@$_- ")
    spelt = {plain, plain.translate(LEET)}
    if len(core) >= SHORT_WORD:
        spelt |= {core, core.translate(LEET)}
    words = _words()
    return not words.isdisjoint(spelt) or _repeats(plain) or _runs(plain)


def _repeats(plain: str) -> bool:
    """The same few characters again and again, as in 12341234."""
    half = len(plain) // 2
    return any(set(_chunks(plain, n)) <= _heads(plain, n) for n in range(1, half + 1))


def _chunks(plain: str, n: int) -> list[str]:
    return [plain[i : i + n] for i in range(0, len(plain), n)]


def _heads(plain: str, n: int) -> set[str]:
    """The first chunk, and what a cut one at the end may be."""
    return {plain[:n], plain[: len(plain) % n]} - {""}


def _runs(plain: str) -> bool:
    """A piece of the alphabet, of the digits or of a keyboard, in either direction."""
    return any(plain in run * 2 or plain[::-1] in run * 2 for run in RUNS)


def _own(plain: str, about: Iterable[str]) -> bool:
    known = [x.casefold() for x in about if len(x) >= SHORT_WORD]
    rest = plain.strip("0123456789!?.*#@$_- ") or plain
    return any(rest == x or plain in x or (x in plain and len(plain) - len(x) < 4) for x in known)


@cache
def _words() -> frozenset[str]:
    # A tenth of a second and some megabytes: only for whoever chooses a password.
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # noqa: PLC0415 - see above

    path = Path(__file__).with_name("common_passwords.txt")
    own = path.read_text(encoding="utf-8").split()
    return frozenset(own).union(FREQUENCY_LISTS["passwords"])
