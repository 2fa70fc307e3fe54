"""Composes labelled sessions from a few clips of people, for the demo and the tests.

A session is a script of parts: somebody sits there, the seat is empty, a second person looks in,
the lens is covered, the picture freezes, the camera is pushed. Light, noise, framing, order and
lengths come from a seed. The only place of the engine that encodes video (libx264 from PyAV's
wheel); a minute of 640x480 takes a few seconds.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from proctor.errors import BadInputError

CLIPS = Path(__file__).parent / "clips"
LABELS = "kaochang-labels/1"
PEOPLE: dict[str, tuple[str, ...]] = {
    "A": ("student", "yes", "no", "help", "brother"),
    "B": ("milk", "sorry", "thanks"),
    "C": ("school", "book"),
    "D": ("eat", "night"),
}
Picture = NDArray[np.uint8]
Painter = Callable[[int], Picture]


class Part(StrEnum):
    """What happens in a part; all but NORMAL are also the label a watcher should find."""

    NORMAL = "normal"
    FACE_ABSENT = "face_absent"
    SEVERAL_FACES = "several_faces"
    CAMERA_COVERED = "camera_covered"
    CAMERA_FROZEN = "camera_frozen"
    CAMERA_MOVED = "camera_moved"
    WRONG_PERSON = "wrong_person"


@dataclass(frozen=True)
class Script:
    """A session to compose. `parts` are (part, seconds); gain 1.0 is the clips' own light."""

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


COVERS = ("dark", "flat", "hand", "blur")


def random_script(person: str, *, seconds: float, seed: int, **fixed: Any) -> Script:
    """Return a script of about `seconds` in which everything else comes from the seed."""
    chance = np.random.default_rng(seed)
    parts: list[tuple[Part, float]] = [(Part.NORMAL, chance.uniform(12, 18))]
    troubles = [Part.FACE_ABSENT, Part.SEVERAL_FACES, Part.CAMERA_COVERED]
    troubles = [troubles[index] for index in chance.permutation(len(troubles))]
    while sum(length for _, length in parts) < seconds - 20:
        part = troubles[len(parts) // 2 % len(troubles)]
        parts.append((part, chance.uniform(6, 12)))
        parts.append((Part.NORMAL, chance.uniform(8, 16)))
    script = Script(
        person,
        tuple(parts),
        seed=seed,
        gain=chance.uniform(0.45, 1.15),
        noise=chance.uniform(0.8, 4.0),
        zoom=chance.uniform(1.0, 1.25),
        cover=COVERS[chance.integers(len(COVERS))],
        other=[name for name in PEOPLE if name != person][chance.integers(len(PEOPLE) - 1)],
    )
    return replace(script, **fixed)


def compose(script: Script, target: Path) -> Path:
    """Write the session to `target` (mp4) and its labels beside it (.labels.json).

    Returns the labels' path. Raises BadInputError for an unknown person or cover.
    """
    if script.person not in PEOPLE or (script.other and script.other not in PEOPLE):
        raise BadInputError(f"person: one of {', '.join(PEOPLE)}")
    if script.cover not in COVERS:
        raise BadInputError(f"cover: one of {', '.join(COVERS)}")
    target.parent.mkdir(parents=True, exist_ok=True)
    _encode(_pictures(script), script, target)
    labels = target.with_suffix(".labels.json")
    labels.write_text(json.dumps(_labels(script, target.name), indent=1) + "\n")
    return labels


def _labels(script: Script, source: str) -> dict[str, object]:
    stretches, start = [], 0.0
    for part, seconds in script.parts:
        if part is not Part.NORMAL:
            end = round(start + seconds, 3)
            stretches.append({"kind": str(part), "start": round(start, 3), "end": end})
        start += seconds
    return {
        "format": LABELS,
        "source": source,
        "view": "seat",
        "people": 1,
        "person": script.person,
        "seconds": round(start, 3),
        "stretches": stretches,
    }


def _pictures(script: Script) -> Iterator[Picture]:
    finish = _finisher(script)
    index, until, total = 0, 0.0, 0.0
    for part, seconds in script.parts:
        paint, first = _painter(part, script, index), index
        total += seconds
        until = total * script.fps
        while index < until:
            noisy = part is not Part.CAMERA_FROZEN
            yield finish(paint(index if noisy else first), index if noisy else first)
            index += 1


def _painter(part: Part, script: Script, first: int) -> Painter:
    own = _player(script.person, script.fps)
    other = _player(
        script.other or next(name for name in PEOPLE if name != script.person), script.fps
    )
    painters: dict[Part, Painter] = {
        Part.NORMAL: own,
        Part.CAMERA_FROZEN: own,
        Part.FACE_ABSENT: lambda _index: _room(),
        Part.WRONG_PERSON: other,
        Part.SEVERAL_FACES: lambda index: _beside(own(index), other(index), index - first),
        Part.CAMERA_COVERED: lambda index: _covered(own(index), script.cover),
        Part.CAMERA_MOVED: lambda index: _pushed(own(index), script.seed),
    }
    return painters[part]


@cache
def _frames(person: str) -> tuple[tuple[Picture, ...], float]:
    """Return a person's clips there and back again, so that no jump shows, and their rate."""
    pictures: list[Picture] = []
    rate = 30.0
    for name in PEOPLE[person]:
        with av.open(str(CLIPS / f"{name}.mkv")) as clip:
            rate = float(clip.streams.video[0].average_rate or rate)
            shown = [
                np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)
                for frame in clip.decode(video=0)
            ]
        pictures += [*shown, *reversed(shown[1:-1])]
    return tuple(pictures), rate


def _player(person: str, fps: int) -> Painter:
    pictures, rate = _frames(person)
    return lambda index: pictures[round(index * rate / fps) % len(pictures)]


@cache
def _room() -> Picture:
    return np.asarray(cv2.imread(str(CLIPS / "empty_room.png")), np.uint8)


def _beside(own: Picture, other: Picture, age: int) -> Picture:
    """Let the other person lean in from the left side, head and shoulders."""
    width = own.shape[1]
    strip = other[:, int(width * 0.32) : int(width * 0.68)]
    shown = min(strip.shape[1], max(1, (age + 2) * strip.shape[1] // 4))
    picture = own.copy()
    picture[:, :shown] = strip[:, -shown:]
    return picture


def _covered(own: Picture, cover: str) -> Picture:
    if cover == "blur":
        return np.asarray(cv2.blur(own, (181, 181)), np.uint8)
    picture = np.full_like(own, {"dark": 6, "flat": 128, "hand": 60}[cover])
    if cover == "hand":
        glow = np.linspace(0, 60, own.shape[1])[None, :] + np.linspace(0, 25, own.shape[0])[:, None]
        picture = np.clip(picture + glow[..., None] * (0.3, 0.5, 1.0), 0, 255).astype(np.uint8)
    return picture


def _pushed(own: Picture, seed: int) -> Picture:
    chance = np.random.default_rng(seed)
    height, width = own.shape[:2]
    turn = float(chance.choice((-1, 1)) * chance.uniform(4, 9))
    warp = cv2.getRotationMatrix2D((width / 2, height / 2), turn, 1.06)
    warp[:, 2] += chance.choice((-1, 1)) * width * 0.12, height * 0.06
    pushed = cv2.warpAffine(own, warp, (width, height), borderMode=cv2.BORDER_REFLECT)
    return np.asarray(pushed, np.uint8)


def _finisher(script: Script) -> Callable[[Picture, int], Picture]:
    """Return the camera itself: framing, light and sensor noise, the same for the whole session."""
    chance = np.random.default_rng(script.seed)
    shape = (script.height, script.width, 1)
    grain = [chance.normal(0, script.noise, shape).astype(np.int8) for _ in range(7)]
    curve = np.clip(np.arange(256) * script.gain, 0, 255).astype(np.uint8)

    def finish(picture: Picture, index: int) -> Picture:
        framed = cv2.LUT(_framed(picture, script), curve)
        noise = np.repeat(grain[index % len(grain)], 3, axis=2)
        mixed = cv2.add(framed, noise, dtype=cv2.CV_8U)
        return np.asarray(mixed, np.uint8)

    return finish


def _framed(picture: Picture, script: Script) -> Picture:
    """Cut the middle part of the wanted shape and scale it to the wanted size."""
    height, width = picture.shape[:2]
    shape = script.width / script.height
    wide = min(width, height * shape) / script.zoom
    tall = wide / shape
    left, top = int((width - wide) / 2), int((height - tall) * 0.25)
    cut = picture[top : top + int(tall), left : left + int(wide)]
    return np.asarray(cv2.resize(cut, (script.width, script.height)), np.uint8)


def _encode(pictures: Iterator[Picture], script: Script, target: Path) -> None:
    with av.open(str(target), "w", format="mp4") as output:
        stream = output.add_stream("libx264", rate=Fraction(script.fps))
        stream.width, stream.height, stream.pix_fmt = script.width, script.height, "yuv420p"
        stream.bit_rate = script.bit_rate
        group = str(2 * script.fps)
        stream.options = {"preset": "superfast", "g": group, "keyint_min": group, "bf": "0"}
        stream.options |= {"sc_threshold": "0"}
        stream.codec_context.thread_count = 1
        for picture in pictures:
            output.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        output.mux(stream.encode())
