"""Composes labelled sessions from a few clips of people, for the demo and the tests.

A session is a script of parts. Light, noise, framing, order and lengths come from a seed. The only
place of the engine that encodes video (libx264 from PyAV's wheel); a minute of 640x480 takes a few
seconds.
"""

import json
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import av
import cv2
import numpy as np

from proctor.packets import VideoPacket
from proctor.scenes import (
    COVERS,
    PEOPLE,
    ROOM,
    SENT,
    TURNING,
    Part,
    Picture,
    Script,
    framing,
    other_than,
    painter,
    portrait,
)

LABELS = "kaochang-labels/1"
BREAK, JUMP, GROUP = 4.0, 500.0, 2
"""Seconds without packets before another feed, by which a clock jumps, and between keyframes."""


@dataclass(frozen=True)
class DemoCamera:
    """A composed camera: opaque name, view, expected people, its video, its person's photo."""

    name: str
    view: str
    people: int
    video: Path
    reference: Path | None


def random_script(person: str, *, seconds: float, seed: int, **fixed: Any) -> Script:
    """Return a script of about `seconds` in which all but the `fixed` fields come from the seed.

    Troubles are those of the seat that need no profile: empty seat, second face, covered lens.
    """
    chance = np.random.default_rng(seed)
    parts: list[tuple[Part, float]] = [(Part.NORMAL, chance.uniform(12, 18))]
    troubles = _troubles(person)
    order = [troubles[index] for index in chance.permutation(len(troubles))]
    while sum(length for _, length in parts) < seconds - 20:
        parts.append((order[len(parts) // 2 % len(order)], chance.uniform(6, 12)))
        parts.append((Part.NORMAL, chance.uniform(8, 16)))
    script = Script(
        person,
        tuple(parts),
        seed=seed,
        gain=chance.uniform(0.45, 1.15),
        noise=chance.uniform(0.8, 4.0),
        zoom=chance.uniform(1.0, 1.25),
        cover=COVERS[chance.integers(len(COVERS))],
        other=other_than(person, int(chance.integers(len(PEOPLE)))),
    )
    return replace(script, **fixed)


def _troubles(person: str) -> list[Part]:
    if person == ROOM:
        return [Part.PERSON_ENTERED, Part.CAMERA_COVERED]
    if person == TURNING:
        return [Part.LOOKING_AWAY, Part.CAMERA_COVERED]
    return [Part.FACE_ABSENT, Part.SEVERAL_FACES, Part.CAMERA_COVERED]


def demo_cameras(folder: Path, *, seconds: float = 180.0, seed: int = 1) -> list[DemoCamera]:
    """Compose the demo's cameras into `folder`: four seats and a room; existing files are kept.

    A session of three minutes has its troubles far apart; played in a loop it never ends. About
    ten seconds of work each.
    """
    cameras = []
    for index, person in enumerate((*PEOPLE, ROOM)):
        video = folder / f"{person.lower()}.mp4"
        if not video.exists():
            script = _demo_script(person, seconds=seconds, seed=seed + index)
            draft = video.with_name(f".{video.name}")
            compose(script, draft).rename(_labels_path(video))
            draft.rename(video)
        reference = None
        if person != ROOM:
            reference = folder / f"{person.lower()}.png"
            reference.write_bytes(portrait(person))
        view, people = ("room", 0) if person == ROOM else ("seat", 1)
        cameras.append(DemoCamera(video.stem, view, people, video, reference))
    return cameras


def _demo_script(person: str, *, seconds: float, seed: int) -> Script:
    chance = np.random.default_rng(seed)
    troubles = _troubles(person)
    calm = seconds / (len(troubles) + 1)
    parts: list[tuple[Part, float]] = []
    for index in chance.permutation(len(troubles)):
        parts += [(Part.NORMAL, calm * chance.uniform(0.7, 1.0)), (troubles[index], 10.0)]
    parts.append((Part.NORMAL, max(5.0, seconds - sum(length for _, length in parts))))
    return Script(
        person,
        tuple(parts),
        seed=seed,
        noise=1.5,
        bit_rate=300_000,
        cover=COVERS[seed % len(COVERS)],
        other=other_than(person, seed),
    )


def compose(script: Script, target: Path) -> Path:
    """Write the session to `target` (mp4) and its labels beside it; returns the labels' path."""
    target.parent.mkdir(parents=True, exist_ok=True)
    _encode(_pictures(script), script, target)
    told = _labels(script, target.name)
    if script.person in PEOPLE:
        photo = target.with_suffix(".png")
        photo.write_bytes(portrait(script.person))
        told["reference"] = photo.name
    labels = _labels_path(target)
    labels.write_text(json.dumps(told, indent=1) + "\n")
    return labels


def _labels_path(video: Path) -> Path:
    return video.with_suffix(".labels.json")


def _labels(script: Script, source: str) -> dict[str, object]:
    stretches: list[dict[str, object]] = []
    start = 0.0
    for part, seconds in script.parts:
        for kind, begin, end in _told(part, start, start + seconds):
            stretches.append({"kind": str(kind), "start": round(begin, 3), "end": round(end, 3)})
        start += seconds
    return {
        "format": LABELS,
        "source": source,
        "view": "room" if script.person == ROOM else "seat",
        "people": 0 if script.person == ROOM else 1,
        "person": script.person,
        "seconds": round(start, 3),
        "stretches": stretches,
    }


def _back(start: float) -> float:
    """Return when another feed begins: with a keyframe, as every feed does."""
    return math.ceil((start + BREAK) / GROUP) * GROUP


def _told(part: Part, start: float, end: float) -> list[tuple[Part, float, float]]:
    """Return what a watcher should find in a part: kind, start and end in seconds."""
    if part is Part.NORMAL:
        return []
    if part is Part.CLOCK_JUMP:
        return [(part, start, start)]
    if part is Part.FEED_REPLACED:
        back = _back(start)
        hole = (Part.SIGNAL_LOST, start, back)
        return [hole, (part, back, back), (Part.CAMERA_MOVED, back, end)]
    return [(part, start, end)]


def _pictures(script: Script) -> Iterator[Picture]:
    finish = _finisher(script)
    index, total = 0, 0.0
    for part, seconds in script.parts:
        first = index
        paint = painter(part, script, first)
        total += seconds
        while index < total * script.fps:
            shown = first if part is Part.CAMERA_FROZEN else index
            yield finish(paint(shown), shown)
            index += 1


def _finisher(script: Script) -> Callable[[Picture, int], Picture]:
    """Return the camera itself: framing, light and sensor noise, the same for the whole session.

    It gives I420: the noise is the luma's.
    """
    chance = np.random.default_rng(script.seed)
    shape = (script.height, script.width)
    grain = [chance.normal(0, script.noise, shape).astype(np.int8) for _ in range(7)]
    curve = np.clip(np.arange(256) * script.gain, 0, 255).astype(np.uint8)

    def finish(picture: Picture, index: int) -> Picture:
        framed = cv2.cvtColor(cv2.LUT(_framed(picture, script), curve), cv2.COLOR_BGR2YUV_I420)
        luma = framed[: script.height]
        cv2.add(luma, grain[index % len(grain)], dst=luma, dtype=cv2.CV_8U)
        return np.asarray(framed, np.uint8)

    return finish


def _framed(picture: Picture, script: Script) -> Picture:
    """Cut the middle part of the wanted shape and scale it to the wanted size."""
    left, top, wide, tall = framing(script, picture.shape[:2])
    cut = picture[top : top + tall, left : left + wide]
    return np.asarray(cv2.resize(cut, (script.width, script.height)), np.uint8)


def _encode(pictures: Iterator[Picture], script: Script, target: Path) -> None:
    sent = Sender(script)
    with av.open(str(target), "w", format="mp4") as output:
        stream = output.add_stream("libx264", rate=Fraction(script.fps))
        stream.width, stream.height, stream.pix_fmt = script.width, script.height, "yuv420p"
        stream.bit_rate = script.bit_rate
        group = str(GROUP * script.fps)
        stream.options = {"preset": script.preset, "g": group, "keyint_min": group, "bf": "0"}
        stream.options |= {"sc_threshold": "0"}
        stream.codec_context.thread_count = 1
        for picture in pictures:
            frame = av.VideoFrame.from_ndarray(picture, format="yuv420p")
            output.mux(sent.packets(stream.encode(frame)))
        output.mux(sent.packets(stream.encode()))


class Sender:
    """The line between camera and watcher: loses packets, spoils them, lets their clock jump."""

    def __init__(self, script: Script) -> None:
        """Take the session whose faults of the line are to happen."""
        self._faults: list[tuple[Part, float, float]] = []
        start = 0.0
        for part, seconds in script.parts:
            if part in SENT:
                self._faults.append((part, start, start + seconds))
            start += seconds

    def packets(self, packets: Iterable[VideoPacket]) -> list[VideoPacket]:
        """Return what arrives of packets in order, with the time that it then carries."""
        return [made for packet in packets if (made := self._arrived(packet)) is not None]

    def _arrived(self, packet: VideoPacket) -> VideoPacket | None:
        base = packet.time_base or Fraction(1)
        at = float((packet.pts or 0) * base)
        jump = 0
        for part, start, end in self._faults:
            if part is Part.CLOCK_JUMP:
                jump += round(JUMP / base) if at >= start else 0
            elif start <= at < (_back(start) if part is Part.FEED_REPLACED else end):
                if part is not Part.NOT_WATCHED:
                    return None
                packet = _spoilt(packet)
        packet.pts, packet.dts = (packet.pts or 0) + jump, (packet.dts or 0) + jump
        return packet


def _spoilt(packet: VideoPacket) -> VideoPacket:
    """Return a packet of the same length and time that no decoder makes a picture of."""
    spoilt = cast("VideoPacket", av.Packet(b"\0\0\0\1\x1f" + b"\x55" * packet.size))
    spoilt.pts, spoilt.dts, spoilt.time_base = packet.pts, packet.dts, packet.time_base
    spoilt.stream = packet.stream
    return spoilt
