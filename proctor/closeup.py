"""Where phones are looked for before a body: cuts told from its face, and places that are one."""

from enum import StrEnum

from proctor.detector import Face
from proctor.health import Box
from proctor.objects import Thing

_RIM = 0.15
"""Heights of the face by which a place must lie inside a close cut to be well seen in it."""
_SAME_HAND = 0.5
"""Heights of a phone within which two sightings are one."""


class View(StrEnum):
    """A cut of the picture: all that hands reach, or one half of it from closer by."""

    WHOLE = "whole"
    LEFT = "left"
    RIGHT = "right"

    @property
    def cut(self) -> Box:
        """Left, top, width and height, all but the whole's across in heights of the face."""
        return _CUTS[self]

    def box(self, face: Face) -> Box:
        """Return the cut as x, y, width and height in the frame's pixels."""
        left, top, width, height = _CUTS[self]
        across = face.width if self is View.WHOLE else face.height
        middle = face.x + face.width / 2
        down = face.height
        return (middle + left * across, face.y + top * down, width * across, height * down)

    def shows(self, at: tuple[float, float]) -> bool:
        """Say whether a place, in heights of the face, lies well inside one of the close cuts."""
        left, top, width, height = _CUTS[self]
        inside = left + _RIM < at[0] < left + width - _RIM
        return inside and top + _RIM < at[1] < top + height - _RIM


CLOSE = (View.LEFT, View.RIGHT)
_CUTS: dict[View, Box] = {
    View.WHOLE: (-2.2, -0.5, 4.4, 5.0),
    View.LEFT: (-2.15, -0.3, 2.6, 3.4),
    View.RIGHT: (-0.45, -0.3, 2.6, 3.4),
}
"""Left, top, width and height; across in widths of the face for the whole, else all in heights."""


def same_hand(one: Thing, two: Thing) -> bool:
    """Whether two sightings are so near to each other that one hand may hold both."""
    apart = max(
        abs(one.box[at] + one.box[at + 2] / 2 - two.box[at] - two.box[at + 2] / 2) for at in (0, 1)
    )
    return apart < _SAME_HAND * max(one.box[3], two.box[3])
