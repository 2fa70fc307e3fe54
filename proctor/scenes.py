"""What a composed camera shows: people, an empty seat, a second face, a cover, a visitor.

Everything is painted from the clips beside this file. A painter answers with the picture of a
given index at the session's own frame rate.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from proctor.drawn import Grip, held_phone
from proctor.errors import BadInputError

CLIPS = Path(__file__).parent / "clips"
PEOPLE: dict[str, tuple[str, ...]] = {
    "A": ("student", "yes", "no", "help", "brother"),
    "B": ("milk", "sorry", "thanks"),
    "C": ("school", "book"),
    "D": ("eat", "night"),
}
TURNING = "E"
ROOM = "room"
COVERS = ("dark", "flat", "hand", "blur")

_CLIP_RATE = 30.0
_ROOM_RATE = 10.0
_TURN_RATE = 8.0
_TURNED, _FACING = (0, 7), (8, 11)
_EMPTY, _VISITED = (0, 61), (63, 196)

Picture = NDArray[np.uint8]
Painter = Callable[[int], Picture]


class Part(StrEnum):
    """What happens in a part; all but NORMAL are also the label a watcher should find."""

    NORMAL = "normal"
    FACE_ABSENT = "face_absent"
    SEVERAL_FACES = "several_faces"
    WRONG_PERSON = "wrong_person"
    LOOKING_AWAY = "looking_away"
    PERSON_ENTERED = "person_entered"
    CAMERA_COVERED = "camera_covered"
    CAMERA_FROZEN = "camera_frozen"
    CAMERA_MOVED = "camera_moved"
    PHONE = "phone"
    SIGNAL_LOST = "signal_lost"
    CLOCK_JUMP = "clock_jump"
    FEED_REPLACED = "feed_replaced"
    NOT_WATCHED = "not_watched"


SENT = frozenset({Part.SIGNAL_LOST, Part.CLOCK_JUMP, Part.FEED_REPLACED, Part.NOT_WATCHED})
"""Parts that are wrong with the packets, not with the scene."""
_CAMERA = SENT | {Part.NORMAL, Part.CAMERA_COVERED, Part.CAMERA_FROZEN, Part.CAMERA_MOVED}
_HEADS = {"A": (306, 120, 84), "B": (311, 93, 84), "C": (303, 135, 74), "D": (302, 143, 86)}
"""Where each person's face is in the clips: middle (x, y) and height in pixels."""
_HELD_WITHIN = 0.56
"""Of a phone's height: how far its middle stays inside the picture's lower rim; aside half."""


def parts_of(person: str) -> frozenset[Part]:
    """Return what can be composed for a person, the turning one, or the room."""
    if person == ROOM:
        return _CAMERA | {Part.PERSON_ENTERED}
    if person == TURNING:
        return _CAMERA | {Part.LOOKING_AWAY}
    return _CAMERA | {
        Part.FACE_ABSENT,
        Part.SEVERAL_FACES,
        Part.WRONG_PERSON,
        Part.PHONE,
    }


@dataclass(frozen=True)
class Script:
    """A session to compose.

    person: A to D at a seat, E who turns her head, or room. parts: (part, seconds). gain: 1.0 is
    the clips' own light. noise: deviation in levels. zoom: 1.0 shows all. other: who looks in or
    sits down instead. preset: the encoder's, from ultrafast to medium. begins: the picture of the
    clips that comes first.
    """

    person: str
    parts: tuple[tuple[Part, float], ...]
    seed: int = 0
    width: int = 640
    height: int = 480
    fps: int = 10
    gain: float = 1.0
    noise: float = 2.0
    zoom: float = 1.0
    bit_rate: int = 800_000
    cover: str = "dark"
    other: str = ""
    preset: str = "superfast"
    begins: int = 0

    def __post_init__(self) -> None:
        """Raise BadInputError naming the first field that cannot be composed."""
        known = (*PEOPLE, TURNING, ROOM)
        if self.person not in known:
            raise BadInputError(f"person: {self.person}; one of {', '.join(known)}")
        if self.other and self.other not in PEOPLE:
            raise BadInputError(f"other: {self.other}; one of {', '.join(PEOPLE)}")
        if self.cover not in COVERS:
            raise BadInputError(f"cover: {self.cover}; one of {', '.join(COVERS)}")
        for part, _ in self.parts:
            if part not in parts_of(self.person):
                raise BadInputError(f"parts: {part} cannot be composed for {self.person}")
        if self.width % 2 or self.height % 2 or min(self.width, self.height) < 64:
            raise BadInputError("width, height: give even numbers from 64")


def portrait(person: str, *, at: int = 20) -> bytes:
    """Return one picture of a person (PNG), to stand for the registered photo."""
    return cv2.imencode(".png", _there_and_back(PEOPLE[person])[at])[1].tobytes()


def other_than(person: str, index: int) -> str:
    """Return another person of the clips, chosen by any number."""
    others = [name for name in PEOPLE if name != person]
    return others[index % len(others)]


def framing(script: Script, size: tuple[int, ...]) -> tuple[int, int, int, int]:
    """Return left, top, width and height of what the camera shows of a clip of (height, width)."""
    height, width = size
    shape = script.width / script.height
    wide = min(width, height * shape) / script.zoom
    tall = wide / shape
    return int((width - wide) / 2), int((height - tall) * 0.25), int(wide), int(tall)


def painter(part: Part, script: Script, first: int) -> Painter:
    """Return what paints a part that begins at index `first`."""
    own = _own(script.person, script.fps, script.begins)
    other = _own(script.other or other_than(script.person, script.seed), script.fps)
    elsewhere = ROOM if script.person != ROOM else "A"
    painters: dict[Part, Painter] = {
        Part.FACE_ABSENT: lambda _index: _empty_room(),
        Part.WRONG_PERSON: other,
        Part.SEVERAL_FACES: lambda index: _beside(own(index), other(index), index - first),
        Part.CAMERA_COVERED: lambda index: _covered(own(index), script.cover),
        Part.CAMERA_MOVED: lambda index: _pushed(own(index), script.seed),
        Part.PHONE: lambda index: _with_phone(own(index), script, index),
        Part.FEED_REPLACED: _own(elsewhere, script.fps),
    }
    if part is Part.PERSON_ENTERED:
        return _played(_range("room", *_VISITED), _ROOM_RATE / script.fps, first)
    if part is Part.LOOKING_AWAY:
        return _played(_range("turn", *_TURNED), _TURN_RATE / script.fps, first)
    return painters.get(part, own)


def _own(person: str, fps: float, begins: int = 0) -> Painter:
    if person == ROOM:
        return _played(_range("room", *_EMPTY), _ROOM_RATE / fps)
    if person == TURNING:
        return _played(_range("turn", *_FACING), _TURN_RATE / fps)
    pictures = _there_and_back(PEOPLE[person])
    return _played(pictures, _CLIP_RATE / fps, -round(begins * fps / _CLIP_RATE))


def _played(pictures: tuple[Picture, ...], step: float, first: int = 0) -> Painter:
    return lambda index: pictures[round((index - first) * step) % len(pictures)]


@cache
def _clip(name: str) -> tuple[Picture, ...]:
    path = next(CLIPS.glob(f"{name}.m*"))
    with av.open(str(path)) as clip:
        return tuple(
            np.asarray(frame.to_ndarray(format="bgr24"), np.uint8) for frame in clip.decode(video=0)
        )


@cache
def _there_and_back(names: tuple[str, ...]) -> tuple[Picture, ...]:
    """Return clips played forward and backward in turn, so that no jump shows within one."""
    return tuple(
        picture for name in names for picture in (*_clip(name), *reversed(_clip(name)[1:-1]))
    )


@cache
def _range(name: str, start: int, end: int) -> tuple[Picture, ...]:
    pictures = _clip(name)[start:end]
    return (*pictures, *reversed(pictures[1:-1]))


@cache
def _empty_room() -> Picture:
    return np.asarray(cv2.imread(str(CLIPS / "empty_room.png")), np.uint8)


def _beside(own: Picture, other: Picture, age: int) -> Picture:
    """Let the other person lean in from the left side, head and shoulders."""
    width = own.shape[1]
    strip = other[:, int(width * 0.32) : int(width * 0.68)]
    shown = min(strip.shape[1], max(1, (age + 2) * strip.shape[1] // 4))
    picture = own.copy()
    picture[:, :shown] = strip[:, -shown:]
    return picture


def _with_phone(own: Picture, script: Script, index: int) -> Picture:
    """Put a drawn phone before the chest or to the head; the hand that holds it sways.

    It is held where the camera shows the whole of it: what a label promises can be seen.
    """
    chance = np.random.default_rng(script.seed + 77)
    x, y, tall = _HEADS[script.person]
    lit, back = bool(chance.random() < 0.6), bool(chance.random() < 0.3)
    lean, size = chance.uniform(-20, 20), chance.uniform(0.8, 1.3)
    skin, seed = int(chance.integers(3)), int(chance.integers(1000))
    grip = Grip(round(tall * size), lean, lit, back, skin, seed)
    across, down = (chance.uniform(-1.2, 1.2), chance.uniform(1.5, 2.4))
    if chance.random() < 0.3:
        across, down = float(chance.choice((-0.7, 0.7))), 0.15
    sway = 0.06 * np.sin(index / script.fps * 2.1)
    left, top, wide, high = framing(script, own.shape[:2])
    rim = _HELD_WITHIN * grip.height
    middle = (
        min(max(x + (across + sway) * tall, left + rim / 2), left + wide - rim / 2),
        min(y + (down + 0.5 * sway) * tall, top + high - rim),
    )
    return held_phone(own, grip, middle)


def _covered(own: Picture, cover: str) -> Picture:
    if cover == "blur":
        return np.asarray(cv2.blur(own, (181, 181)), np.uint8)
    picture = np.full_like(own, {"dark": 6, "flat": 128, "hand": 60}[cover])
    if cover != "hand":
        return picture
    glow = np.linspace(0, 60, own.shape[1])[None, :] + np.linspace(0, 25, own.shape[0])[:, None]
    return np.clip(picture + glow[..., None] * (0.3, 0.5, 1.0), 0, 255).astype(np.uint8)


def _pushed(own: Picture, seed: int) -> Picture:
    chance = np.random.default_rng(seed)
    height, width = own.shape[:2]
    turn = float(chance.choice((-1, 1)) * chance.uniform(4, 9))
    warp = cv2.getRotationMatrix2D((width / 2, height / 2), turn, 1.06)
    warp[:, 2] += chance.choice((-1, 1)) * width * 0.12, height * 0.06
    pushed = cv2.warpAffine(own, warp, (width, height), borderMode=cv2.BORDER_REFLECT)
    return np.asarray(pushed, np.uint8)
