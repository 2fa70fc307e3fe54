"""Tells where a picture changed, so that networks look only where and when there is reason to.

Everything is measured on the mean levels of 16x9 tiles. A tile is *novel* when it leaves what it
usually shows. What a tile may show widens quickly and narrows slowly, so that a candidate's own
writing hand is novel once and not at each stroke.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from proctor.health import Box, Map

_STILL_LEVEL = 1.5
_CUT_LEVEL, _CUT_SHARE = 12.0, 0.25
_NOVEL_LEVEL, _NOVEL_DEVIATIONS = 4.0, 4.0
_NEW_TILES = 3
_UNUSUAL_LEVEL, _UNUSUAL_SHARE = 10.0, 0.3
_SLOWEST, _SURPRISED = 0.01, 0.25
_LEARN_LOOKS = 25

Tiles = NDArray[np.bool_]


@dataclass(frozen=True)
class Change:
    """One picture against those before: tile levels, novel tiles, whether the scene was cut.

    novel is None while it is not yet known what is usual. apart: how far each tile is from what it
    has shown for the last twenty seconds, in levels; stepped: from the picture before.
    """

    tiles: Map
    novel: Tiles | None
    cut: bool
    apart: Map
    stepped: Map

    def still_since(self, earlier: "Change") -> bool:
        """Whether no tile has changed against an earlier picture, however slowly."""
        return float(np.abs(self.tiles - earlier.tiles).max()) < _STILL_LEVEL

    def near(self, earlier: "Change", box: Box, size: tuple[int, int]) -> float:
        """Return the greatest change of a tile that `box` touches in a frame of `size`, in levels.

        box: x, y, width, height in pixels. size: height, width.
        """
        rows, columns = self.touched(box, size)
        apart = np.abs(self.tiles[rows, columns] - earlier.tiles[rows, columns])
        return float(apart.max(initial=0.0))

    def turnover(self, box: Box, size: tuple[int, int]) -> float:
        """Return by how many levels what `box` touches has changed on average in one step."""
        stepped = self.stepped[self.touched(box, size)]
        return float(stepped.mean()) if stepped.size else 0.0

    def unusual(self, box: Box, size: tuple[int, int]) -> bool:
        """Whether a good part of what `box` touches is not as it usually is."""
        return bool((self.apart[self.touched(box, size)] > _UNUSUAL_LEVEL).mean() > _UNUSUAL_SHARE)

    def touched(self, box: Box, size: tuple[int, int]) -> tuple[slice, slice]:
        """Return rows and columns of the tiles that a box in a frame of `size` touches."""
        rows, columns = (
            slice(
                max(0, int(start / side * count)),
                max(1, int((start + length) / side * count) + 1),
            )
            for start, length, side, count in (
                (box[1], box[3], size[0], self.tiles.shape[0]),
                (box[0], box[2], size[1], self.tiles.shape[1]),
            )
        )
        return rows, columns

    def new_since(self, earlier: "Change") -> bool:
        """Whether something as large as a hand or a face is novel now that was not so then."""
        if self.novel is None or earlier.novel is None:
            return False
        return int((self.novel & ~earlier.novel).sum()) >= _NEW_TILES


class Attention:
    """Learns what each tile of one camera usually shows."""

    def __init__(self) -> None:
        """Start without knowing anything."""
        self._usual: Map | None = None
        self._spread: Map | None = None
        self._last: Map | None = None
        self._looks = 0

    def look(self, tiles: Map) -> Change:
        """Compare a picture's tile levels with what is usual, and learn from them."""
        if self._usual is None or self._spread is None or self._last is None:
            self._usual, self._spread, self._last = tiles.copy(), np.zeros_like(tiles), tiles
        apart = np.abs(tiles - self._usual)
        known = self._looks >= _LEARN_LOOKS
        novel = apart > _NOVEL_LEVEL + _NOVEL_DEVIATIONS * self._spread if known else None
        stepped = np.abs(tiles - self._last)
        cut = float((stepped > _CUT_LEVEL).mean()) > _CUT_SHARE
        rate = max(_SLOWEST, 1.0 / (self._looks + 1))
        self._usual += rate * (tiles - self._usual)
        faster = np.where(apart > self._spread, max(rate, _SURPRISED), rate)
        self._spread += (faster * (apart - self._spread)).astype(np.float32)
        self._last = tiles
        self._looks += 1
        return Change(tiles, novel, cut, apart, stepped)
