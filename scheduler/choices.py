"""The choices of a round, which are most of it: read and put in order few columns at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scheduler.validation import choice_orders, choice_sessions, references

if TYPE_CHECKING:
    from scheduler.arrays import Ints, Texts
    from scheduler.columns import Reader

#: Rows that are put in order at a time.
_PIECE = 1 << 18


@dataclass(frozen=True, slots=True)
class Choices:
    """Sessions by application and order: those of application a are `session[start[a]:start[a+1]]`.

    Orders run from 1 without gaps, so that they need not be kept.
    """

    start: Ints
    session: Ints

    def some(self, low: int, high: int) -> Choices:
        """Return the choices of some applications, numbered from 0."""
        start = self.start[low : high + 1]
        return Choices(start - start[0], self.session[start[0] : start[-1]])

    @property
    def application(self) -> Ints:
        """The application of each choice, worked out anew."""
        people = np.arange(len(self.start) - 1, dtype=np.int32)
        return np.asarray(np.repeat(people, np.diff(self.start)))

    @property
    def order(self) -> Ints:
        """The order of each choice, from 1, worked out anew."""
        order = np.arange(1, len(self.session) + 1, dtype=np.int32)
        order -= np.repeat(self.start[:-1], np.diff(self.start))
        return order


def read_choices(raw: Reader, applications: Texts, sessions: Texts) -> Choices:
    """Put the choices in order, holding few columns at a time: they are most of a round."""
    place, start = _in_order(raw, applications)
    session = np.empty(len(place), np.int32)
    for rows, texts in raw.pieces("session"):
        at = references("choices", "session", texts, sessions, first=rows.start)
        session[place[rows]] = at
    choice_sessions(start, session, place)
    return Choices(start, session)


def _in_order(raw: Reader, applications: Texts) -> tuple[Ints, Ints]:
    """Return the place of each row by application and order, and where each application starts."""
    place, counts = _owners(raw, applications), np.zeros(len(applications), np.int32)
    for first in range(0, len(place), _PIECE):
        np.add.at(counts, place[first : first + _PIECE], np.int32(1))
    number = _numbers(raw)
    start = np.concatenate((np.zeros(1, np.int32), np.cumsum(counts, dtype=np.int32)))
    taken = np.zeros(len(place), bool)
    for first in range(0, len(place), _PIECE):
        piece = slice(first, first + _PIECE)
        mine, at = place[piece], number[piece]
        inside = (at >= 1) & (at <= counts[mine])
        place[piece] = start[mine] + np.where(inside, at - 1, 0)
        taken[place[piece][inside]] = True
    if not taken.all():
        # A number is missing or stands twice.
        choice_orders(_owners(raw, applications), number)
    return place, start


def _owners(raw: Reader, applications: Texts) -> Ints:
    owner = np.empty(raw.rows, np.int32)
    for rows, texts in raw.pieces("application"):
        owner[rows] = references("choices", "application", texts, applications, first=rows.start)
    return owner


def _numbers(raw: Reader) -> Ints:
    number = np.empty(raw.rows, np.int8)
    for rows, orders in raw.pieces("order"):
        if orders.max(initial=0) > np.iinfo(number.dtype).max:
            number = number.astype(np.int32)
        number[rows] = orders
    return number
