"""Looks at a candidate's camera before the start: will this person be seen, and what would help.

A missed face is our fault until shown otherwise. What is told here are codes and numbers with a
sentence; nobody is turned away by it, at worst a person watches instead.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from statistics import median
from threading import Event
from typing import Any

import av
import cv2
import numpy as np

from proctor import faces as identity
from proctor.detector import DARK_MEAN, Face, Picture, find_faces
from proctor.errors import BadInputError
from proctor.faces import SAME_FROM, Embedding
from proctor.opening import opened_source
from proctor.planes import Planes
from proctor.pose import head_pose
from proctor.settings import Settings

SECONDS = 10.0
_LOOKS_A_SECOND = 5.0
_DETECTED = 0.95
_LEAST_LOOKS = 10
_SMALL, _LARGE = 0.10, 0.55
_SIDE = 0.15
_DARK, _BRIGHT = DARK_MEAN, 200.0
_UNEVEN = 0.5
_BLURRED = 12.0
_MARGIN = 0.10
_EMBED_EVERY = 5
_TURNED = 20.0
_ALIGNED = 112


class Advice(StrEnum):
    """What to change, most important first."""

    NO_PICTURE = "no_picture"
    NO_FACE = "no_face"
    SEVERAL_FACES = "several_faces"
    TOO_DARK = "too_dark"
    TOO_BRIGHT = "too_bright"
    LIGHT_FROM_ONE_SIDE = "light_from_one_side"
    TOO_FAR = "too_far"
    TOO_NEAR = "too_near"
    NOT_IN_THE_MIDDLE = "not_in_the_middle"
    NOT_SHARP = "not_sharp"
    TURNED = "turned"
    UNLIKE_THE_PHOTO = "unlike_the_photo"


SENTENCES = {
    Advice.NO_PICTURE: "Too few pictures came: check the camera and its connection.",
    Advice.NO_FACE: "The face is often not found: take away what hides it and light it from the "
    "front.",
    Advice.SEVERAL_FACES: "More than one face is seen: let the others leave, or turn the camera.",
    Advice.TOO_DARK: "The face is dark: switch a light on in front, not behind.",
    Advice.TOO_BRIGHT: "The face is too bright: take the light further away or shade the window.",
    Advice.LIGHT_FROM_ONE_SIDE: "One half of the face is far darker: put the light in front.",
    Advice.TOO_FAR: "The face is small: bring camera and seat closer together.",
    Advice.TOO_NEAR: "The face fills the picture: move the camera away.",
    Advice.NOT_IN_THE_MIDDLE: "The face is at the edge: turn the camera towards it.",
    Advice.NOT_SHARP: "The face is not sharp: wipe the lens and let the camera focus.",
    Advice.TURNED: "The face is seen from the side: put the camera in front.",
    Advice.UNLIKE_THE_PHOTO: "The face is not surely like the photo: give better light, or another "
    "photo taken with this camera; a person compares.",
}


@dataclass(frozen=True)
class Precheck:
    """What a camera sees of a candidate, as medians over the pictures with a face.

    looks: pictures looked at. detection_pm: of these, with exactly one face at first sight.
    several_pm: with more. face_share_pm: face height per mille of the picture's. middle_pm: how far
    the face's middle is from the picture's, per mille of its width. brightness: the face's mean
    level of 255. balance_pm: its darker half against the brighter. sharpness: variance of the
    Laplacian at 112 pixels. yaw: degrees. similarity_pm, margin_pm: to the photo, and by how much
    more than is asked; None without a photo. advice: codes. human_watch: whether a person should
    watch this seat, whatever is seen later, at no cost to the candidate.
    """

    looks: int
    detection_pm: int
    several_pm: int
    face_share_pm: int | None
    middle_pm: int | None
    brightness: int | None
    balance_pm: int | None
    sharpness: int | None
    yaw: int | None
    similarity_pm: int | None
    margin_pm: int | None
    advice: tuple[Advice, ...]
    human_watch: bool

    def told(self) -> dict[str, Any]:
        """Return it as JSON has it, with a sentence for each advice."""
        sentences = [SENTENCES[advice] for advice in self.advice]
        if self.human_watch:
            sentences.append("A person should watch this seat; the candidate loses nothing by it.")
        return asdict(self) | {"sentences": sentences}


@dataclass(frozen=True)
class _Seen:
    """One picture: how many faces, and the one face in numbers."""

    faces: int
    share: float = 0.0
    middle: float = 0.0
    brightness: float = 0.0
    balance: float = 1.0
    sharpness: float = 0.0
    yaw: float = 0.0
    similarity: float | None = None


def precheck(source: str, settings: Settings, *, seconds: float = SECONDS) -> Precheck:
    """Look at a source for some seconds, five pictures a second.

    Raises BadInputError for a source, or a reference, that cannot be used.
    """
    if not 2.0 <= seconds <= 120.0:
        raise BadInputError(f"seconds: {seconds}; give 2 to 120")
    references = [identity.reference_embedding(path) for path in settings.references]
    seen = [
        _look(frame, references if index % _EMBED_EVERY == 0 else [])
        for index, frame in enumerate(_frames(source, settings, seconds))
    ]
    return _judged(seen)


def _frames(source: str, settings: Settings, seconds: float) -> Iterator[av.VideoFrame]:
    stop = Event()
    opened = opened_source(source, settings, stop)
    due = 0.0
    try:
        for piece in opened.pieces():
            if piece.time >= seconds:
                return
            for frame in piece.packet.decode() if piece.packet is not None else ():
                if isinstance(frame, av.VideoFrame) and piece.time >= due - 1e-6:
                    due = piece.time + 1 / _LOOKS_A_SECOND
                    yield frame
    finally:
        stop.set()
        opened.close()


def _look(frame: av.VideoFrame, references: list[Embedding]) -> _Seen:
    cut = Planes(frame).cut()
    found = find_faces(cut.picture, longest=320)
    if len(found) != 1:
        return _Seen(len(found))
    face = found[0]
    height, width = cut.picture.shape[:2]
    luma = cv2.cvtColor(_close(cut.picture, face), cv2.COLOR_BGR2GRAY)
    halves = sorted((float(luma[:, :56].mean()), float(luma[:, 56:].mean())))
    pose = head_pose(face, (height, width))
    scores = [float(identity.embed(cut.picture, face) @ known) for known in references]
    return _Seen(
        1,
        share=face.height / height,
        middle=abs(face.x + face.width / 2 - width / 2) / width,
        brightness=float(luma.mean()),
        balance=halves[0] / max(1.0, halves[1]),
        sharpness=float(cv2.Laplacian(luma, cv2.CV_64F).var()),
        yaw=abs(pose.yaw) if pose else 0.0,
        similarity=max(scores, default=None),
    )


def _close(picture: Picture, face: Face) -> Picture:
    """Return the face's box at 112 pixels."""
    x, y = max(0, int(face.x)), max(0, int(face.y))
    part = picture[y : y + max(1, int(face.height)), x : x + max(1, int(face.width))]
    return np.asarray(cv2.resize(part, (_ALIGNED, _ALIGNED)), np.uint8)


def _judged(seen: list[_Seen]) -> Precheck:
    alone = [one for one in seen if one.faces == 1]
    detection = len(alone) / max(1, len(seen))
    several = sum(one.faces > 1 for one in seen) / max(1, len(seen))
    similar = [one.similarity for one in alone if one.similarity is not None]
    likeness = median(similar) if similar else None
    middle = (
        _Seen(1, **{name: median(getattr(x, name) for x in alone) for name in _NUMBERS})
        if (alone)
        else None
    )
    advice = tuple(_advice(len(seen), detection, several, middle, likeness))
    unsure = likeness is not None and likeness < SAME_FROM
    return Precheck(
        looks=len(seen),
        detection_pm=round(1000 * detection),
        several_pm=round(1000 * several),
        face_share_pm=_pm(middle.share if middle else None),
        middle_pm=_pm(middle.middle if middle else None),
        brightness=round(middle.brightness) if middle else None,
        balance_pm=_pm(middle.balance if middle else None),
        sharpness=round(middle.sharpness) if middle else None,
        yaw=round(middle.yaw) if middle else None,
        similarity_pm=_pm(likeness),
        margin_pm=_pm(None if likeness is None else likeness - SAME_FROM),
        advice=advice,
        human_watch=detection < _DETECTED or len(seen) < _LEAST_LOOKS or unsure,
    )


_NUMBERS = ("share", "middle", "brightness", "balance", "sharpness", "yaw")


def _pm(share: float | None) -> int | None:
    return None if share is None else round(1000 * share)


def _advice(
    looks: int, detection: float, several: float, middle: _Seen | None, likeness: float | None
) -> Iterator[Advice]:
    if looks < _LEAST_LOOKS:
        yield Advice.NO_PICTURE
    if detection + several < _DETECTED:
        yield Advice.NO_FACE
    if several > 1 - _DETECTED:
        yield Advice.SEVERAL_FACES
    if middle is None:
        return
    found = {
        Advice.TOO_DARK: middle.brightness < _DARK,
        Advice.TOO_BRIGHT: middle.brightness > _BRIGHT,
        Advice.LIGHT_FROM_ONE_SIDE: middle.balance < _UNEVEN,
        Advice.TOO_FAR: middle.share < _SMALL,
        Advice.TOO_NEAR: middle.share > _LARGE,
        Advice.NOT_IN_THE_MIDDLE: middle.middle > 0.5 - _SIDE,
        Advice.NOT_SHARP: middle.sharpness < _BLURRED,
        Advice.TURNED: middle.yaw > _TURNED,
        Advice.UNLIKE_THE_PHOTO: likeness is not None and likeness < SAME_FROM + _MARGIN,
    }
    yield from (advice for advice, holds in found.items() if holds)
