"""Whether the seated face is the registered one: verified once, then carried by continuity."""

import math

from proctor import faces as identity
from proctor.answers import UNKNOWN, Answer
from proctor.attention import Change
from proctor.detector import Face
from proctor.faces import DIFFERENT_BELOW, SAME_FROM, Embedding
from proctor.health import Box
from proctor.planes import Planes
from proctor.pose import Pose

_GOOD_WIDTH, _GOOD_SCORE, _GOOD_YAW = 40.0, 0.8, 28.0
_EVERY, _DOUBT = 8.0, 1.0
_MOVED = 4.0
"""Seconds after a comparison before the next for a face that moved: somebody who moves much would
be compared at each look. What is found then brings what has passed since the strongest break, so
that its event opens no later."""
_HOLE = 2.0
"""Seconds without a look at one face after which nothing before it tells of who is there now."""
_AROUND = 0.5
_STANDS_OUT, _BEARS_OUT, _USUAL_RATE, _USUAL_LEAST = 3.0, 2.0, 0.02, 1.0
"""How many times more than usual must change in one step for another person to be likely, and for a
jump in the face's levels to be more than a hand before it; how much a step tells of what is usual;
and levels of a step that are usual at least."""
_BODY = (-1.0, -0.3, 3.0, 3.3)
"""Head and shoulders: left, top, width and height, in widths and heights of the face."""


class IdentityTrack:
    """Compares the seated face with the registered one, soon where it may have changed."""

    def __init__(self, references: list[Embedding]) -> None:
        """Take the embeddings of one person; with none every answer is unknown."""
        self._references = references
        self._due = 0.0
        self._compared = self._seen_at = float("-inf")
        self._verified = False
        self._broken_at: float | None = None
        self._strongest = 0.0
        # When most of head and shoulders changed at once since the face was last verified: where a
        # gesture changes a part of them, another person changes all.
        self._turned_at: float | None = None
        self._most = 0.0
        self._usual, self._steps = _USUAL_LEAST, 0
        self._answer = UNKNOWN

    def broken(self) -> None:
        """The face went away: whoever comes back is looked at at once."""
        self._due = 0.0
        self._compared = float("-inf")
        self._verified = False
        self._goes_on()
        self._answer = UNKNOWN

    def look(
        self,
        planes: Planes,
        face: Face,
        pose: Pose | None,
        change: Change,
        time: float,
        *,
        broke: float,
    ) -> Answer:
        """Answer for this face, unknown until it is seen well enough.

        broke: how strongly it breaks with the face of the look before, 0 where it goes on.
        """
        if time - self._seen_at > _HOLE:
            self._due = 0.0
            self._goes_on()
        self._seen_at = time
        turnover = change.turnover(_body(face), planes.size)
        self._turn(turnover, time)
        times = self._times_usual(turnover)
        if times > _STANDS_OUT:
            broke = max(broke, turnover)
        elif times < _BEARS_OUT and math.isfinite(broke):
            broke = 0.0
        if broke:
            self._due = min(self._due, self._compared + _MOVED)
        if broke > self._strongest:
            self._broken_at, self._strongest = time, broke
        good = face.width >= _GOOD_WIDTH and face.score >= _GOOD_SCORE
        facing = pose is not None and abs(pose.yaw) < _GOOD_YAW
        if self._references and good and facing and time >= self._due:
            side = _AROUND * max(face.width, face.height)
            box = (face.x - side, face.y - side, face.width + 2 * side, face.height + 2 * side)
            cut = planes.cut(box)
            vector = identity.embed(cut.picture, cut.in_cut(face))
            self._judge(max(float(vector @ known) for known in self._references), time)
        return self._answer

    def _judge(self, score: float, time: float) -> None:
        facts = {"similarity_pm": round(1000 * score), "same_from_pm": round(1000 * SAME_FROM)}
        if score >= SAME_FROM:
            self._answer = Answer(yes=False, facts=facts)
            self._verified = True
            self._goes_on()
        elif score < DIFFERENT_BELOW:
            # It has gone on since it broke: what is told now held then, as far as this was late.
            lasted = 0.0 if self._broken_at is None else min(time - self._broken_at, _MOVED)
            self._answer = Answer(yes=True, onset=self._turned_at, lasted=lasted, facts=facts)
        else:
            self._answer = Answer(None, facts=facts)
        self._compared = time
        self._due = time + (_EVERY if self._answer.yes is False else _DOUBT)

    def _goes_on(self) -> None:
        """Forget what changed until now: it tells nothing of who comes later."""
        self._broken_at = self._turned_at = None
        self._strongest = self._most = 0.0

    def _times_usual(self, turnover: float) -> float:
        """Return how many times more changed than this person's own gestures usually do."""
        usual, self._steps = self._usual, self._steps + 1
        seen = min(turnover, _STANDS_OUT * usual)
        learnt = usual + max(_USUAL_RATE, 1 / self._steps) * (seen - usual)
        self._usual = max(_USUAL_LEAST, learnt)
        return turnover / usual

    def _turn(self, turnover: float, time: float) -> None:
        """Remember when most changed; a face that was never verified is the same since it came."""
        if self._turned_at is None and not self._verified:
            turnover = math.inf
        if turnover > self._most:
            self._turned_at, self._most = time, turnover


def _body(face: Face) -> Box:
    left, top, width, height = _BODY
    return (
        face.x + left * face.width,
        face.y + top * face.height,
        width * face.width,
        height * face.height,
    )
