"""What a camera costs, so that nobody is promised more cameras than a machine carries.

The table follows what `python -m benchmarks.eyes` measured at 720p on a quiet core, everything on,
in milliseconds of processor time per second of stream; other sizes are reckoned from it. Looking is
reckoned a little dearer than it was measured last: too little is promised rather than too much. A
machine's own pace is measured once, at the start, and scales it.
"""

import time
from functools import cache

import numpy as np

from proctor.detector import find_faces
from proctor.effort import Effort
from proctor.link import Shape

CORE_MS = 1000.0
PROMISED = 0.8
"""Share of a core that is given away: the rest is for moments in which something is confirmed."""

_REFERENCE_LOOK_MS = 1.3
_DECODE_MS_PER_MEGAPIXEL = 2.25
_DECODE_MS_PER_PICTURE = 0.05
_LOOKING_MS = 24.0
_LOOKING_MS_PER_MEGAPIXEL = 7.5
_THINGS_SHARE = 0.5
_LOOKS_A_SECOND = 5.0


def cost_ms(shape: Shape, *, rate: float = _LOOKS_A_SECOND, pace: float = 1.0) -> float:
    """Return milliseconds of processor time per second of a stream, all of it watched.

    rate: pictures analysed a second. pace: this machine's, as `machine_pace` returns it.
    """
    return pace * (_decoding(shape) + _looking(shape, min(rate, shape.assumed_rate)))


def share_left(shape: Shape, effort: Effort) -> float:
    """Return what a step of less effort leaves of a stream's cost, 0 to 1."""
    full = _LOOKS_A_SECOND
    looks = min(full, effort.rate or full) / full
    kept = (1 - _THINGS_SHARE) * looks + _THINGS_SHARE / effort.things
    decoding = _decoding(shape) * (1 / (2 * shape.assumed_rate) if effort.keys_only else 1.0)
    whole = _decoding(shape) + _looking(shape, full)
    return (decoding + kept * _looking(shape, full)) / whole


def _decoding(shape: Shape) -> float:
    megapixels = shape.width * shape.height / 1e6
    return shape.assumed_rate * (_DECODE_MS_PER_PICTURE + megapixels * _DECODE_MS_PER_MEGAPIXEL)


def _looking(shape: Shape, rate: float) -> float:
    megapixels = shape.width * shape.height / 1e6
    return rate / _LOOKS_A_SECOND * (_LOOKING_MS + megapixels * _LOOKING_MS_PER_MEGAPIXEL)


@cache
def machine_pace() -> float:
    """Return how many times slower this machine is than the one that was measured.

    The quickest of twenty looks for faces, in processor time: busy neighbours only add to one.
    """
    picture = np.zeros((180, 320, 3), np.uint8)
    find_faces(picture)
    looks = []
    for _ in range(20):
        began = time.thread_time()
        find_faces(picture)
        looks.append((time.thread_time() - began) * 1000)
    return max(0.1, min(looks) / _REFERENCE_LOOK_MS)
