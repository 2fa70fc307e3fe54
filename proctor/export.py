"""Copies an event's clip for people outside the exam: everybody but the candidate made unknowable.

The one place where evidence is encoded anew, and only the copy: the original stays as it is, and a
note beside the copy names its hash. Faces are looked for in every picture, at twice the size and a
lower threshold than a watch uses; what is found hides for a while before and after, since a face
that turns is lost for moments. What no detector finds is not hidden: a person looks at the copy
before it leaves the house.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

from proctor.case import Case, Kept, case_of
from proctor.detector import Picture, find_faces, lift
from proctor.errors import BadInputError
from proctor.health import Box
from proctor.ledger.lines import PROFILES
from proctor.planes import Planes
from proctor.seal import EvidenceKey, SealError

FORMAT = "kaochang-export/1"
_LONGEST, _LEAST_SCORE = 640, 0.4
_LONGER, _WIDER = 0.5, 0.35
_CELLS = 3
_SAME_FACE = 0.2
_TICKS = 90_000


class Show(StrEnum):
    """Whose face stays: that of the person at the seat, or nobody's."""

    SEAT = "seat"
    NOBODY = "nobody"


@dataclass(frozen=True)
class Note:
    """What is written beside the copy as NAME.json.

    original_sha256: of the evidence as the ledger records it. head: the ledger's last hash. sha256:
    of the copy. pictures: how many. hidden: in how many of them something was hidden.
    """

    format: str
    event: int
    kind: str
    original: str
    original_sha256: str
    head: str
    shown: str
    copy: str
    sha256: str
    pictures: int
    hidden: int


def export(
    folder: Path, event: int, out: Path, *, show: Show | None = None, key: EvidenceKey | None = None
) -> Note:
    """Write a copy of an event's clip (H.264 in mp4) to `out`, a new file, and its note beside it.

    show: whose face stays; None means the seat's at a seat camera and nobody's elsewhere. key: for
    sealed evidence. Raises BadInputError (no such event or clip, altered, `out` exists, a key not
    given), BrokenLedgerError.
    """
    case = case_of(folder, event)
    kept = Kept.of(folder, case, key)
    if kept.altered:
        raise BadInputError(kept.altered[0])
    if out.exists() or out.suffix != ".mp4":
        raise BadInputError(f"--out {out}: name a new file that ends in .mp4")
    show = show or (Show.SEAT if _is_seat(folder, case) else Show.NOBODY)
    draft = out.with_name(f".{out.name}")
    try:
        found = list(_found(kept, show))
        hidden = _written(kept, found, draft)
    except (av.FFmpegError, SealError, ValueError) as error:
        draft.unlink(missing_ok=True)
        raise BadInputError(f"event {event}: its clip cannot be read ({error})") from error
    draft.replace(out)
    note = Note(
        format=FORMAT,
        event=event,
        kind=case.event["kind"],
        original=kept.paths[0],
        original_sha256=(case.evidence or {})["sha256"],
        head=case.head,
        shown=str(show),
        copy=out.name,
        sha256=hashlib.sha256(out.read_bytes()).hexdigest(),
        pictures=len(found),
        hidden=hidden,
    )
    out.with_suffix(".json").write_text(json.dumps(asdict(note), indent=1) + "\n")
    return note


def _is_seat(folder: Path, case: Case) -> bool:
    try:
        profile = (folder / PROFILES / f"{case.start['profile_sha256']}.json").read_bytes()
        return bool(json.loads(profile)["view"] == "seat")
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _pictures(kept: Kept) -> Iterator[av.VideoFrame]:
    with kept.clip() as file:
        yield from av.open(file, "r").decode(video=0)


def _found(kept: Kept, show: Show) -> Iterator[tuple[float, list[Box]]]:
    """Yield each picture's time and the faces that are not to be seen in it."""
    own: Box | None = None
    for frame in _pictures(kept):
        cut = Planes(frame).cut(longest=_LONGEST)
        faces = find_faces(lift(cut.picture), longest=_LONGEST, least_score=_LEAST_SCORE)
        boxes = [
            (face.x, face.y, face.width, face.height)
            for face in (cut.in_frame(face) for face in faces)
        ]
        if show is Show.SEAT and boxes:
            own = _own(boxes, own)
            boxes = [box for box in boxes if box != own]
        yield float(frame.time or 0.0), boxes


def _own(boxes: list[Box], before: Box | None) -> Box:
    """Return the face that goes on from the one before, or else the largest."""
    if before is not None:
        best = max(boxes, key=lambda box: _overlap(box, before))
        if _overlap(best, before) >= _SAME_FACE:
            return best
    return boxes[0]


def _overlap(one: Box, two: Box) -> float:
    wide = min(one[0] + one[2], two[0] + two[2]) - max(one[0], two[0])
    tall = min(one[1] + one[3], two[1] + two[3]) - max(one[1], two[1])
    common = max(0.0, wide) * max(0.0, tall)
    return common / max(1.0, one[2] * one[3] + two[2] * two[3] - common)


def _written(kept: Kept, found: list[tuple[float, list[Box]]], draft: Path) -> int:
    """Encode the copy; returns in how many pictures something was hidden."""
    hidden = 0
    with av.open(str(draft), "w", format="mp4", options={"movflags": "faststart"}) as output:
        stream = output.add_stream("libx264", rate=25)
        stream.pix_fmt, stream.options = "yuv420p", {"preset": "veryfast", "crf": "21"}
        stream.codec_context.time_base = Fraction(1, _TICKS)
        last = -1
        for frame, (time, _) in zip(_pictures(kept), found, strict=True):
            boxes = [box for at, near in found if abs(at - time) <= _LONGER for box in near]
            picture = _hiding(_even(frame), boxes)
            if stream.width == 0:
                stream.height, stream.width = picture.shape[:2]
            hidden += bool(boxes)
            made = av.VideoFrame.from_ndarray(picture, format="bgr24")
            last = max(last + 1, round(time * _TICKS))
            made.pts, made.time_base = last, Fraction(1, _TICKS)
            made = made.reformat(stream.width, stream.height, "yuv420p")
            output.mux(stream.encode(made))
        output.mux(stream.encode())
    return hidden


def _even(frame: av.VideoFrame) -> Picture:
    picture = frame.to_ndarray(format="bgr24")
    height, width = (side // 2 * 2 for side in picture.shape[:2])
    return np.ascontiguousarray(picture[:height, :width], np.uint8)


def _hiding(picture: Picture, boxes: list[Box]) -> Picture:
    """Return the picture with each box reduced to a few cells, which no filter brings back."""
    height, width = picture.shape[:2]
    for x, y, wide, tall in boxes:
        left, top = max(0, int(x - _WIDER * wide)), max(0, int(y - _WIDER * tall))
        right = min(width, int(x + (1 + _WIDER) * wide) + 1)
        low = min(height, int(y + (1 + _WIDER) * tall) + 1)
        part = picture[top:low, left:right]
        if part.size:
            cells = cv2.resize(part, (_CELLS, _CELLS), interpolation=cv2.INTER_AREA)
            size = (right - left, low - top)
            picture[top:low, left:right] = cv2.resize(cells, size, interpolation=cv2.INTER_LINEAR)
    return picture
