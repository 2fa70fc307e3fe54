"""Draws a phone in a hand, since no free clip shows one: a drawing, never mistaken for footage.

A dark slab with rounded corners, a lit or dark screen (or the back with its lenses), a bright edge
where light catches it, a palm behind it and four fingers and a thumb around it, shaded as round.
What a detector finds in it says how it does with such drawings, not with people's phones.
"""

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]

_FINE = 4
_SLAB = 0.48
_SKINS = ((148, 168, 208), (112, 138, 180), (78, 100, 140))
"""Blue, green, red of three hands."""


@dataclass(frozen=True)
class Grip:
    """One way to hold a phone.

    height: the phone's, in pixels. lean: degrees. lit, back: its screen glows, or its back is seen.
    skin: which of three hands. seed: what the screen shows.
    """

    height: int
    lean: float
    lit: bool
    back: bool
    skin: int
    seed: int


def held_phone(picture: Picture, grip: Grip, middle: tuple[float, float]) -> Picture:
    """Return the BGR picture with a phone held at `middle` (x, y in pixels of its centre)."""
    colours, cover = _cutout(grip)
    height, width = cover.shape
    left, top = round(middle[0] - width / 2), round(middle[1] - height / 2)
    x0, y0 = max(0, left), max(0, top)
    x1, y1 = min(picture.shape[1], left + width), min(picture.shape[0], top + height)
    if x0 >= x1 or y0 >= y1:
        return picture
    part = slice(y0 - top, y1 - top), slice(x0 - left, x1 - left)
    share = cover[part][..., None]
    made = picture.copy()
    mixed = share * colours[part] + (1 - share) * picture[y0:y1, x0:x1]
    made[y0:y1, x0:x1] = mixed.astype(np.uint8)
    return made


@cache
def _cutout(grip: Grip) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return colours (BGR) and cover (0 to 1), drawn large and made small, leaning."""
    tall = grip.height * _FINE
    side = int(tall * 1.7)
    colours = np.zeros((side, side, 3), np.float32)
    cover = np.zeros((side, side), np.float32)
    wide = int(tall * _SLAB)
    x, y = (side - wide) // 2, (side - tall) // 2
    skin = np.array(_SKINS[grip.skin % len(_SKINS)], np.float32)
    _palm(colours, cover, skin, (x, y, wide, tall))
    _slab(colours, cover, grip, (x, y, wide, tall))
    _fingers(colours, cover, skin, (x, y, wide, tall))
    turn = cv2.getRotationMatrix2D((side / 2, side / 2), grip.lean, 1.0)
    small = (side // _FINE, side // _FINE)
    made = [
        cv2.resize(cv2.warpAffine(x, turn, (side, side)), small, interpolation=cv2.INTER_AREA)
        for x in (colours * cover[..., None], cover)
    ]
    share = np.maximum(made[1], 1e-3)[..., None]
    return np.asarray(made[0] / share, np.float32), np.asarray(made[1], np.float32)


Slab = tuple[int, int, int, int]


def _palm(
    colours: NDArray[np.float32], cover: NDArray[np.float32], skin: NDArray[np.float32], slab: Slab
) -> None:
    x, y, wide, tall = slab
    mask = np.zeros(cover.shape, np.uint8)
    centre = (x + int(wide * 0.62), y + int(tall * 0.72))
    cv2.ellipse(mask, centre, (int(wide * 0.72), int(tall * 0.36)), -12, 0, 360, 255, -1)
    wrist = [(x + wide // 6, y + tall), (x + wide, y + int(tall * 0.9))]
    wrist += [(x + int(wide * 1.2), cover.shape[0]), (x + wide // 3, cover.shape[0])]
    cv2.fillPoly(mask, [np.array(wrist, np.int32)], 255)
    shade = np.linspace(0.95, 0.6, cover.shape[0], dtype=np.float32)[:, None, None]
    _paint(colours, cover, mask, skin * shade)


def _slab(colours: NDArray[np.float32], cover: NDArray[np.float32], grip: Grip, slab: Slab) -> None:
    x, y, wide, tall = slab
    chance = np.random.default_rng(grip.seed)
    _paint(colours, cover, _rounded(cover.shape, slab, 0.14), (70.0, 68.0, 66.0))
    rim = max(2, tall // 90)
    inner = (x + rim, y + rim, wide - 2 * rim, tall - 2 * rim)
    _paint(colours, cover, _rounded(cover.shape, inner, 0.13), (22.0, 20.0, 20.0))
    if grip.back:
        for at in (0.08, 0.17):
            spot = (x + int(wide * 0.22), y + int(tall * at))
            mask = np.zeros(cover.shape, np.uint8)
            cv2.circle(mask, spot, int(wide * 0.1), 255, -1)
            _paint(colours, cover, mask, (6.0, 6.0, 6.0))
        return
    edge = max(3, tall // 36)
    glass = (x + edge, y + edge, wide - 2 * edge, tall - 2 * edge)
    level = chance.uniform(150, 235) if grip.lit else chance.uniform(18, 40)
    tint = chance.uniform(0.85, 1.0, 3)
    falling = np.linspace(1.0, 0.8, cover.shape[0], dtype=np.float32)[:, None, None]
    shown = np.asarray(level * tint * falling, np.float32)
    _paint(colours, cover, _rounded(cover.shape, glass, 0.1), shown)
    if grip.lit:
        _lines(colours, glass, chance, level)


def _lines(
    colours: NDArray[np.float32], glass: Slab, chance: np.random.Generator, level: float
) -> None:
    """Something like a page: a head line, blocks and lines of writing."""
    x, y, wide, tall = glass
    head = int(tall * 0.09)
    colours[y + head // 3 : y + head, x + 4 : x + wide - 4] = chance.uniform(60, 200, 3)
    at = y + int(tall * 0.14)
    while at < y + tall * 0.9:
        high = int(tall * chance.uniform(0.012, 0.05))
        end = x + int(wide * chance.uniform(0.4, 0.9))
        colours[at : at + high, x + wide // 12 : end] = level * chance.uniform(0.3, 0.7)
        at += high + int(tall * 0.025)


def _fingers(
    colours: NDArray[np.float32], cover: NDArray[np.float32], skin: NDArray[np.float32], slab: Slab
) -> None:
    x, y, wide, tall = slab
    thick = int(wide * 0.2)
    for index in range(4):
        high = y + int(tall * (0.42 + 0.13 * index))
        tip = (x + wide - int(wide * (0.16 - 0.02 * index)), high)
        _finger(colours, cover, skin, (tip, (x + wide + thick, high + thick // 3)), thick)
    thumb = ((x + int(wide * 0.16), y + int(tall * 0.5)), (x - thick // 2, y + int(tall * 0.78)))
    _finger(colours, cover, skin, thumb, int(thick * 1.2))


def _finger(
    colours: NDArray[np.float32],
    cover: NDArray[np.float32],
    skin: NDArray[np.float32],
    ends: tuple[tuple[int, int], tuple[int, int]],
    thick: int,
) -> None:
    """Draw one finger in thinner and brighter strokes, so that it looks round."""
    for share, light in ((1.0, 0.62), (0.8, 0.8), (0.5, 0.95), (0.25, 1.05)):
        mask = np.zeros(cover.shape, np.uint8)
        cv2.line(mask, *ends, 255, max(1, int(thick * share)), cv2.LINE_AA)
        _paint(colours, cover, mask, skin * np.float32(light))


def _rounded(shape: tuple[int, ...], slab: Slab, share: float) -> Picture:
    x, y, wide, tall = slab
    mask = np.zeros(shape[:2], np.uint8)
    radius = max(1, int(wide * share))
    cv2.rectangle(mask, (x + radius, y), (x + wide - radius, y + tall), 255, -1)
    cv2.rectangle(mask, (x, y + radius), (x + wide, y + tall - radius), 255, -1)
    for cx in (x + radius, x + wide - radius):
        for cy in (y + radius, y + tall - radius):
            cv2.circle(mask, (cx, cy), radius, 255, -1)
    return mask


def _paint(
    colours: NDArray[np.float32],
    cover: NDArray[np.float32],
    mask: Picture,
    colour: NDArray[np.float32] | tuple[float, float, float],
) -> None:
    """Lay a colour (one, or one for each row) over what the mask shows."""
    share = mask.astype(np.float32)[..., None] / 255.0
    colours += share * (np.asarray(colour, np.float32) - colours)
    np.maximum(cover, share[..., 0], out=cover)
