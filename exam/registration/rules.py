"""Numbers of Chinese identity cards: shape, birth date, sex, check digit. Pure.

GB 11643: six digits of the place, eight of the birth date, three of the order (odd: male), one
check character. The place is not looked up: counties are founded and dissolved, and a card keeps
the number of its day. Residence permits of Hong Kong, Macao and Taiwan have the same shape.
"""

import re
from dataclasses import dataclass
from datetime import date

from stdnum.cn import ric

_SHAPE = re.compile(r"[1-9]\d{5}(\d{4})(\d{2})(\d{2})\d{2}(\d)[\dX]")


@dataclass(frozen=True)
class CardNumber:
    """What a sound number tells."""

    birth_date: date
    male: bool


def read_number(number: str) -> CardNumber | str:
    """Read a number of 18 characters.

    Args:
        number: upper case, without spaces.

    Returns:
        What it tells, or what is wrong: ``shape``, ``birth_date`` or ``check_digit``.
    """
    match = _SHAPE.fullmatch(number)
    if match is None or not number.isascii():
        return "shape"
    year, month, day, order = map(int, match.groups())
    try:
        born = date(year, month, day)
    except ValueError:
        return "birth_date"
    if ric.calc_check_digit(number) != number[-1]:
        return "check_digit"
    return CardNumber(born, bool(order % 2))
