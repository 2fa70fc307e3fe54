"""Who sits in a pool, as a list that people enter and leave at any place.

`head` is the first of each pool; `after` and `before` lead on and back, -1 at the ends.
"""

from __future__ import annotations

from scheduler.arrays import Ints, Whole
from scheduler.fast.compiled import inner


@inner
def enter(head: Ints, after: Ints, before: Ints, who: Whole, pool: Whole) -> None:
    """Put somebody first into the list of a pool."""
    first = head[pool]
    after[who], before[who] = first, -1
    if first >= 0:
        before[first] = who
    head[pool] = who


@inner
def leave(head: Ints, after: Ints, before: Ints, who: Whole, pool: Whole) -> None:
    """Take somebody off the list of a pool."""
    one, two = before[who], after[who]
    if one >= 0:
        after[one] = two
    else:
        head[pool] = two
    if two >= 0:
        before[two] = one
