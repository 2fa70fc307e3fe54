"""Judges the camera before anybody in its picture: covered, moved, or the same picture again.

Everything is measured on the luma at 160x90, whatever the source's size. Levels are of 255.
"""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

Luma = NDArray[np.uint8]
Map = NDArray[np.float32]
Box = tuple[float, float, float, float]

WIDTH, HEIGHT = 160, 90
_TILE = 10
_FLAT_DEVIATION = 10.0
_DARK_MEAN = 16.0
_SAME_LEVEL, _SAME_LEVELS = 10.0, 0.8
_BLURRED_SHARE = 0.30
_BLURRED_BLIND_SHARE = 0.12
_STILL_LEVEL = 0.35
_FLICKER_LEVEL = 1.2
_FLICKER_APART = 0.75
_SETTLES = 1.0
_MOTION_LEVEL = 3.0
_CUT_LEVEL = 12.0
_CUT_SHARE = 0.10
_VISIBLE_NOISE = 0.25
_SOUND_FOR = 0.5
"""Seconds for which a camera that was sound is taken to be so, while its picture goes on."""
_LEARNING = 0.03
_TEXTURED = 6.0
_STABLE_MATCH = 0.7
_LOST_MATCH = 0.55
_MOVED_MATCH = 0.375
_KNOWN_MATCH = 0.6
_LEAST_TILES = 5
_RIM_COLUMNS = 4
_RIM_ROWS = 2
_LEARN_LOOKS = 10
_STRONGEST = round(0.99 * WIDTH * HEIGHT)
_WALL_LEVEL, _WALL_SHARE = 8.0, 0.9
_SHAPE_LEFT, _SAME_SHAPE = 0.2, 0.7
_OTHER_LEVEL, _OTHER_SHARE, _NEW_TEXTURE = 20.0, 0.5, 8.0
_OCCUPIED_RATE, _OCCUPIED = 0.05, 0.2
_BODY_ABOVE, _BODY_ASIDE = 0.6, 1.3


@dataclass(frozen=True)
class Health:
    """One look at the camera; True and False are findings, None is not known.

    mean, deviation: levels. sharpness: what only a hundredth of the edges exceed. match: share (0
    to 1) of the steady background that stands where it stood, None before the background is known.
    still: seconds of the same picture. frozen: the same picture where this camera would show
    something else; after a jump to another picture, or from a camera without visible noise, only a
    person tells a freeze from an empty room, so there it is None. tiles: mean level of each of
    9x16 tiles.
    """

    covered: bool
    blurred: bool
    moved: bool | None
    still: float
    frozen: bool | None
    mean: float
    deviation: float
    sharpness: float
    match: float | None
    tiles: Map


class CameraHealth:
    """Remembers what one camera usually sees."""

    def __init__(self) -> None:
        """Start without a background: nothing is called moved before it is known."""
        self._last: Luma | None = None
        self._last_time = 0.0
        self._still = 0.0
        self._after_cut = False
        self._flicker = float("-inf")
        self._quiet = 0.0
        self._noise = 0.0
        # The last look that found nothing wrong, as long as nothing has been since.
        self._sound: Health | None = None
        self._sound_at = 0.0
        self._forget()

    def look(self, luma: Luma, time: float) -> Health:
        """Judge one picture (any size, uint8) at `time` seconds, never earlier than the last."""
        size = (WIDTH, HEIGHT)
        levels = np.asarray(cv2.resize(luma, size, interpolation=cv2.INTER_AREA), np.uint8)
        tiles = _means(levels.astype(np.float32))
        mean, deviation = (float(figure[0, 0]) for figure in cv2.meanStdDev(levels))
        turned = self._watch_stillness(levels, time)
        told = None if turned or time - self._sound_at >= _SOUND_FOR else self._sound
        if told is None:
            told = self._judged(levels, tiles, mean, deviation)
            self._sound = told if self._is_sound(told) else None
            self._sound_at = time
        return replace(
            told,
            still=self._still,
            frozen=self._frozen(),
            mean=mean,
            deviation=deviation,
            tiles=tiles,
        )

    def _judged(self, levels: Luma, tiles: Map, mean: float, deviation: float) -> Health:
        """Judge by edges and background, and learn from them."""
        edges = _edges(levels)
        sharpness = float(np.partition(edges, _STRONGEST, axis=None)[_STRONGEST])
        found = None if self._background is None else self._found(edges, self._background)
        match = self._match(found)
        flat = deviation < _FLAT_DEVIATION and not self._levels_stand(tiles)
        dim = flat or mean < _DARK_MEAN
        covered = dim and not (match is not None and match > _KNOWN_MATCH)
        blurred = self._is_blurred(sharpness, match, tiles)
        trusted = not (covered or blurred)
        elsewhere = match is None and trusted and self._is_elsewhere(tiles, edges)
        moved = (elsewhere or None) if match is None or not trusted else match < _MOVED_MATCH
        known = not elsewhere if match is None else match > _KNOWN_MATCH
        if trusted and self._still == 0 and known:
            self._learn(tiles, edges, found, sharpness)
        told = (covered, blurred, moved, self._still, self._frozen(), mean, deviation)
        return Health(*told, sharpness, match, tiles)

    def _is_sound(self, told: Health) -> bool:
        """Whether nothing is wrong with a camera whose background is known."""
        wrong = told.covered or told.blurred or told.moved is not False
        return not wrong and self._looks > _LEARN_LOOKS

    def occupied(self, faces: list[Box], size: tuple[int, int]) -> None:
        """Take where people are: what they hide and uncover is no background.

        faces: x, y, width, height in pixels of a frame of `size` (height, width).
        """
        body = np.zeros_like(self._body)
        rows, columns = body.shape
        for x, y, width, height in faces:
            top = max(0, int((y - _BODY_ABOVE * height) / size[0] * rows))
            left = max(0, int((x - _BODY_ASIDE * width) / size[1] * columns))
            right = int(np.ceil((x + (1 + _BODY_ASIDE) * width) / size[1] * columns))
            body[top:, left:right] = 1.0
        self._body += _OCCUPIED_RATE * (body - self._body)

    def accept_scene(self) -> None:
        """Take what is seen from now on as the new background."""
        self._forget()

    def _forget(self) -> None:
        self._background: Map | None = None
        self._steadiness: Map | None = None
        # Which tiles of the background have texture, as of the last look.
        self._textured = np.zeros((HEIGHT // _TILE, WIDTH // _TILE), np.bool_)
        self._levels: Map | None = None
        self._sharpness = 0.0
        self._looks = 0
        self._sound = None
        self._body = np.zeros((HEIGHT // _TILE, WIDTH // _TILE), np.float32)

    def _watch_stillness(self, levels: Luma, time: float) -> bool:
        """Count seconds of the same picture; returns whether a good part of it is another.

        An encoder repaints the same picture a little differently at each keyframe: one such
        flicker is forgiven when the one before is long enough ago. After a freeze it also needs a
        moment until its picture has settled, which counts as still once it has.
        """
        turned = False
        if self._last is not None:
            change = _means(cv2.absdiff(levels, self._last).astype(np.float32))
            most = float(change.max())
            flicker = _STILL_LEVEL <= most < _FLICKER_LEVEL
            forgiven = flicker and self._still > 0 and time - self._flicker > _FLICKER_APART
            self._quiet = 0.0 if most >= _FLICKER_LEVEL else self._quiet + time - self._last_time
            if most < _STILL_LEVEL or forgiven:
                step = time - self._last_time
                self._still = self._still + step if self._still else min(self._quiet, _SETTLES)
            else:
                self._still = 0.0
                self._noise += 0.1 * (_median(change) - self._noise)
            if flicker:
                self._flicker = time
            if most > _MOTION_LEVEL:
                turned = float((change > _CUT_LEVEL).mean()) > _CUT_SHARE
                self._after_cut = turned
        self._last, self._last_time = levels, time
        return turned

    def _frozen(self) -> bool | None:
        if self._still == 0:
            return False
        return None if self._after_cut or self._noise < _VISIBLE_NOISE else True

    def _levels_stand(self, tiles: Map) -> bool:
        """Behind somebody who left there may be a plain wall: flat, but as bright as it was."""
        if self._levels is None or self._looks < _LEARN_LOOKS:
            return False
        apart = np.abs(tiles - self._levels)[_RIM]
        return float((apart < _SAME_LEVEL).mean()) > _SAME_LEVELS

    def _shape_stands(self, tiles: Map) -> bool:
        """Say whether what is bright and dark in the middle lies as it did, were it ever so soft.

        A blur leaves the large shape of whoever sits there; who leaves takes it away.
        """
        if self._levels is None:
            return False
        before, now = self._levels[~_RIM], tiles[~_RIM]
        if now.std() < _SHAPE_LEFT * before.std() or now.std() < 1.0:
            return False
        return float(np.corrcoef(before, now)[0, 1]) > _SAME_SHAPE

    def _is_elsewhere(self, tiles: Map, edges: Map) -> bool:
        """Say whether the rim shows another place, where no steady texture tells: a plain wall.

        A tile is another one where texture came to it, or where its level changed against the
        others': what all of them have in common may be a lamp.
        """
        free = _RIM & (self._body < _OCCUPIED)
        if self._levels is None or self._background is None or self._looks < _LEARN_LOOKS:
            return False
        if int(free.sum()) < _LEAST_TILES:
            return False
        other = ~self._textured & (_deviations(edges) > _NEW_TEXTURE)
        apart = tiles - self._levels
        other |= np.abs(apart - _median(apart[free])) > _OTHER_LEVEL
        return float(other[free].mean()) > _OTHER_SHARE

    def _is_blurred(self, sharpness: float, match: float | None, tiles: Map) -> bool:
        """A person who leaves takes edges away too, but the background he hid behind stays.

        Where no background is known, only a far greater loss counts, and not even that where the
        rim is as bright as ever and what is in the middle goes on from it: a bare wall. Nobody
        left it where the large shape in the middle stands.
        """
        if match is not None and match > _KNOWN_MATCH:
            return False
        bare = match is None and self._levels_stand(tiles) and _goes_on(tiles)
        if bare and not self._shape_stands(tiles):
            return False
        share = _BLURRED_SHARE if match is not None else _BLURRED_BLIND_SHARE
        return self._looks >= _LEARN_LOOKS and sharpness < share * self._sharpness

    def _found(self, edges: Map, background: Map) -> Map:
        """Return how each tile correlates (-1 to 1) with the background, of which it keeps note."""
        means = _means(background)
        variances = _variances(background, means)
        self._textured = variances > _TEXTURED**2
        return _correlation(edges, background, means, variances)

    def _match(self, found: Map | None) -> float | None:
        """Return the share of steady background tiles that still match; None if too few."""
        if found is None or self._steadiness is None or self._looks < _LEARN_LOOKS:
            return None
        steady = (self._steadiness > _STABLE_MATCH) & (self._body < _OCCUPIED)
        if int((steady & _RIM).sum()) >= _LEAST_TILES:
            steady &= _RIM
        if int(steady.sum()) < _LEAST_TILES:
            return None
        return float((found[steady] > _LOST_MATCH).mean())

    def _learn(self, tiles: Map, edges: Map, found: Map | None, sharpness: float) -> None:
        if self._background is None or self._steadiness is None or found is None:
            self._background = edges.copy()
            found = self._found(edges, edges)
            self._steadiness = np.where(self._textured, 0.8, 0.0).astype(np.float32)
            self._sharpness = sharpness
        rate = max(_LEARNING, 1.0 / (self._looks + 1))
        self._steadiness += 0.1 * (self._textured * found - self._steadiness)
        cv2.accumulateWeighted(edges, self._background, rate)
        self._sharpness += rate * (sharpness - self._sharpness)
        self._levels = (
            tiles if self._levels is None else self._levels + rate * (tiles - self._levels)
        )
        self._looks += 1


def _goes_on(tiles: Map) -> bool:
    """Whether the middle of the picture shows nothing that its rim does not."""
    rim = tiles[_RIM]
    darkest, brightest = rim.min() - _WALL_LEVEL, rim.max() + _WALL_LEVEL
    inside = tiles[~_RIM]
    return float(((inside > darkest) & (inside < brightest)).mean()) > _WALL_SHARE


def _rim() -> NDArray[np.bool_]:
    """Left, right and top of the picture: people sit in the middle and may leave it."""
    rim = np.zeros((HEIGHT // _TILE, WIDTH // _TILE), np.bool_)
    rim[:_RIM_ROWS] = rim[:, :_RIM_COLUMNS] = rim[:, -_RIM_COLUMNS:] = True
    return rim


_RIM = _rim()


def _edges(small: Luma) -> Map:
    """Return blurred gradient strength, so that a pixel of shake changes little."""
    across = cv2.Sobel(small, cv2.CV_32F, 1, 0)
    down = cv2.Sobel(small, cv2.CV_32F, 0, 1)
    return np.asarray(cv2.GaussianBlur(cv2.magnitude(across, down), (5, 5), 0), np.float32)


def _means(image: Map) -> Map:
    size = (WIDTH // _TILE, HEIGHT // _TILE)
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.float32)


def _median(image: Map) -> float:
    """Return the median; NumPy's own loads its masked arrays for that, 70 ms and 10 MB."""
    levels = np.sort(image, axis=None)
    return float(levels[(levels.size - 1) // 2] + levels[levels.size // 2]) / 2


def _variances(image: Map, means: Map) -> Map:
    return np.maximum(_means(image * image) - means * means, 0.0)


def _deviations(image: Map) -> Map:
    return np.sqrt(_variances(image, _means(image)))


def _correlation(edges: Map, background: Map, means: Map, variances: Map) -> Map:
    """Return the correlation (-1 to 1) of each tile with the same tile of the background.

    means, variances: of the background's tiles.
    """
    own = _means(edges)
    together = _means(edges * background) - own * means
    strength = np.sqrt(_variances(edges, own) * variances)
    return np.asarray(together / (strength + 1e-5), np.float32)
