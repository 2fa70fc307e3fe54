"""Finds the faces of one camera, looking no harder than the picture gives reason to.

A face that was alone is looked for around where it was; the whole picture is searched now and then,
when something novel appears, after a cut, and whenever the near look is not sure. Nothing is looked
at again while nothing changes. More faces than expected, or none, get a second look at twice the
size and more light before they count.
"""

import math

from proctor.attention import Change
from proctor.detector import Face, find_faces, lift
from proctor.planes import Planes

_LEAST_WIDTH = 24.0
_SURE_FACE = 0.75
_SECOND_FACE = 0.7
_NEAR, _NEAR_SIDES = 96, 1.5
_WHOLE, _CLOSE = 320, 640
_WHOLE_EVERY = 1.5
_STILL_FOR = 3.0
_CALM = ((6.0, 0.5), (12.0, 0.3))
"""Levels by which a head may change at most, and for how many seconds it is left alone then."""
_SAME_PLACE, _OTHER_LEVEL = 0.4, 20.0


class FaceSeeker:
    """Remembers where the faces of one camera were."""

    def __init__(self, expected: int | None) -> None:
        """Take how many people are expected, None where nobody said."""
        self._expected = expected
        self._faces: list[Face] = []
        self._seen: Change | None = None
        self._seen_at = self._whole_at = 0.0
        self._whole: Change | None = None
        self._many_at = -math.inf
        self.broke = math.inf
        self.late = 0.0

    def look(
        self, planes: Planes, change: Change, time: float, *, doubted: bool = False
    ) -> list[Face]:
        """Return the faces at `time`, largest first, in the frame's pixels.

        doubted: whether it matters just now how the head is held.
        Afterwards `broke` tells how strongly the largest face breaks with the one before, which may
        have been another: levels its place has changed by, infinite where it is elsewhere, and 0
        where it goes on; and `late` how many seconds before `time` somebody else had likely come,
        where nothing called for the search that found him.
        """
        self.late = 0.0
        if self._may_rest(planes, change, time, _CALM[:1] if doubted else _CALM):
            self.broke = 0.0
            return self._faces
        faces = self._near(planes) if self._may_look_near(change, time) else []
        if len(faces) != 1 or faces[0].score < _SURE_FACE:
            faces = self._search(planes)
            if not (self._whole is None or change.cut or change.new_since(self._whole)):
                self.late = (time - self._whole_at) / 2
            self._whole, self._whole_at = change, time
            self._many_at = time if len(faces) > 1 else self._many_at
        self.broke = self._break(faces, planes, change)
        self._faces, self._seen, self._seen_at = faces, change, time
        return faces

    def _may_rest(
        self, planes: Planes, change: Change, time: float, calm: tuple[tuple[float, float], ...]
    ) -> bool:
        """Whether what was found last still stands: nothing changed, or little around the head."""
        if self._seen is None:
            return False
        passed = time - self._seen_at
        if change.still_since(self._seen):
            return passed < _STILL_FOR
        if passed > _CALM[0][1] or not self._may_look_near(change, time):
            return False
        changed = change.near(self._seen, self._faces[0].box, planes.size)
        return any(changed < most and passed < rest for most, rest in calm)

    def _may_look_near(self, change: Change, time: float) -> bool:
        return (
            self._expected == 1
            and len(self._faces) == 1
            and self._whole is not None
            and time - self._whole_at < _WHOLE_EVERY
            # Around one face nobody sees whether another, half out of the picture, is back.
            and time - self._many_at >= _WHOLE_EVERY
            and not change.cut
            and not change.new_since(self._whole)
        )

    def _break(self, faces: list[Face], planes: Planes, change: Change) -> float:
        if self._seen is None or not _same_place(self._faces, faces):
            return math.inf
        changed = change.near(self._seen, faces[0].box, planes.size)
        return changed if change.cut or changed > _OTHER_LEVEL else 0.0

    def _near(self, planes: Planes) -> list[Face]:
        face = self._faces[0]
        side = _NEAR_SIDES * max(face.width, face.height)
        left, top = face.x + (face.width - side) / 2, face.y + (face.height - side) / 2
        cut = planes.cut((left, top, side, side), longest=_NEAR)
        found = [cut.in_frame(face) for face in find_faces(lift(cut.picture), longest=_NEAR)]
        return [face for face in found if face.width >= _LEAST_WIDTH]

    def _search(self, planes: Planes) -> list[Face]:
        cut = planes.cut(longest=_WHOLE)
        found = [cut.in_frame(face) for face in find_faces(cut.picture, longest=_WHOLE)]
        if not found or found[0].score < _SURE_FACE:
            found = _closer(planes) or found
        expected = self._expected
        if expected is not None and len(found) > expected:
            again = [face for face in _closer(planes) if face.score >= _SECOND_FACE]
            found = again if len(again) >= expected else found[:expected]
        return [face for face in found if face.width >= _LEAST_WIDTH]


def _closer(planes: Planes) -> list[Face]:
    cut = planes.cut(longest=_CLOSE)
    return [cut.in_frame(face) for face in find_faces(lift(cut.picture), longest=_CLOSE)]


def _same_place(before: list[Face], now: list[Face]) -> bool:
    """Whether the largest faces of two looks overlap enough to be one that moved."""
    if not before or not now:
        return False
    one, two = before[0], now[0]
    wide = min(one.x + one.width, two.x + two.width) - max(one.x, two.x)
    tall = min(one.y + one.height, two.y + two.height) - max(one.y, two.y)
    common = max(0.0, wide) * max(0.0, tall)
    return common / (one.area + two.area - common) >= _SAME_PLACE
