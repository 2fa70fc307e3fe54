"""Still pictures of an event: when it opened, where it was strongest, where it was last seen.

What was found is framed; nobody is named, and who sits there looks like everybody else.
"""

from dataclasses import dataclass

import av
import cv2

from proctor.health import Box
from proctor.kinds import Kind, Place
from proctor.observe import Look
from proctor.planes import Planes

OPENED, PEAK, LAST = "opened", "peak", "last"
_LONGEST = 1280
_QUALITY = 80
_FACE, _THING, _EDGE = (0, 220, 255), (255, 160, 0), (0, 0, 0)
_STRONGEST: dict[Kind, tuple[str, int]] = {
    Kind.SEVERAL_FACES: ("faces", 1),
    Kind.WRONG_PERSON: ("similarity_pm", -1),
    Kind.LOOKING_AWAY: ("turned_deg", 1),
    Kind.PHONE: ("phone_score_pm", 1),
    Kind.PERSON_ENTERED: ("people", 1),
    Kind.CAMERA_COVERED: ("contrast", -1),
    Kind.CAMERA_MOVED: ("background_match_pm", -1),
}


@dataclass(frozen=True)
class Seen:
    """One analysed picture and what was found in it, in its own pixels."""

    frame: av.VideoFrame
    look: Look

    @property
    def time(self) -> float:
        """Seconds on the stream's timeline."""
        return self.look.time

    @property
    def faces(self) -> list[Box]:
        """The boxes of all faces, the largest first."""
        return [(face.x, face.y, face.width, face.height) for face in self.look.faces]

    def things(self, place: Place) -> tuple[Box, ...]:
        """The boxes that an answer stands on."""
        return self.look.says(*place).boxes

    def says(self, place: Place) -> bool:
        """Whether this picture shows it."""
        return self.look.says(*place).yes is True

    def strength(self, place: Place) -> int | None:
        """How strongly, by the number that tells; None for kinds without one."""
        fact, sign = _STRONGEST.get(place[0], ("", 0))
        value = self.look.says(*place).facts.get(fact)
        return None if value is None else sign * value


class Album:
    """Chooses an event's pictures while it goes on; holds frames, renders at the end."""

    def __init__(self, place: Place, first: Seen | None) -> None:
        """`first` is the picture at which the event opened, None where there was none."""
        self._place = place
        self._chosen: dict[str, Seen] = {} if first is None else {OPENED: first}
        self._strongest = None if first is None else first.strength(place)

    def look(self, seen: Seen) -> None:
        """Take the next picture."""
        if not seen.says(self._place):
            return
        self._chosen[LAST] = seen
        strength = seen.strength(self._place)
        if strength is not None and (self._strongest is None or strength > self._strongest):
            self._strongest, self._chosen[PEAK] = strength, seen

    def opened(self) -> bytes | None:
        """Return the picture at which the event opened, as JPEG."""
        first = self._chosen.get(OPENED)
        return None if first is None else render(first, self._place)

    def rest(self) -> dict[str, bytes]:
        """Return the other pictures as JPEG, by name; one that is the first again is left out."""
        first = self._chosen.get(OPENED)
        others = {name: seen for name, seen in self._chosen.items() if seen is not first}
        return {name: render(seen, self._place) for name, seen in sorted(others.items())}


def render(seen: Seen, place: Place) -> bytes:
    """Return a picture as JPEG, 1280 pixels at most, with what was found framed."""
    cut = Planes(seen.frame).cut(longest=_LONGEST)
    picture = cut.picture
    for boxes, colour in ((seen.faces, _FACE), (seen.things(place), _THING)):
        for x, y, width, height in boxes:
            corners = [
                (round((x + right - cut.left) * cut.across), round((y + low - cut.top) * cut.down))
                for right, low in ((0.0, 0.0), (width, height))
            ]
            cv2.rectangle(picture, corners[0], corners[1], _EDGE, 4)
            cv2.rectangle(picture, corners[0], corners[1], colour, 2)
    _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    return data.tobytes()
