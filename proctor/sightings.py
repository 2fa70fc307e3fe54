"""Adds up what several looks say of a phone before one person's body.

One look of the network says little: of a phone that lies dark on a dark sleeve it is a fifth sure,
look after look, of a printed shirt or a badge it is half sure now and then. Three things tell them
apart. Seen in two cuts of one picture, a phone is found in both and a fold mostly in one. A badge
was there from the beginning: what each place of this body usually scores is learnt in its first
half minute. And a held phone stays where it is, so what exceeds the usual is added up at one place
(Page, Continuous inspection schemes, 1954).

Places are told in heights of the face, from the middle of its upper rim: they follow the body.
"""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from proctor.closeup import CLOSE, View, same_hand
from proctor.detector import Face
from proctor.objects import Thing

FAINTEST = 0.08
"""The least score worth knowing."""
_HINT = 0.16
"""The least score of the whole body that calls for a closer look."""
_ABOVE, _OFTEN, _VARIES = 0.02, 0.15, 0.3
"""How far a place's score must exceed what it usually gives before anything is added up; and where
something is usual, more by this share of what it exceeds that: what often scores also varies."""
_ENOUGH, _MOST, _MISSED, _LOOKS = 0.42, 0.8, 0.1, 3
"""How much must add up, how much at most, what a look without it takes away, of how many looks."""
_GONE = 3
"""Looks in a row without a phone after which a held one is gone."""
_FORGOTTEN_AFTER = 9.0
"""Seconds after which what never added up is given up, and learnt as usual."""
_HOPELESS, _HOPELESS_LOOKS = 0.02, 4
"""How much a look must have added on average, after so many: with less nothing adds up in time."""
_BASELINE, _BASELINE_EVERY = 30.0, 2.0
"""Seconds in which a body is learnt, and between the looks for that."""
_AGAIN_AFTER = 15.0
"""Seconds after which a look that is taken anyway is learnt too: people change how they sit."""

_CELL, _ACROSS, _DOWN, _ABOVE_FACE = 0.35, 16, 16, 0.7
"""The map of a body: heights of the face to a cell, columns, rows, and how far above it begins."""
_REACH = 1
"""Cells to each side that a sighting is learnt for."""
_REMEMBERED = 64
_KNOWN = 5
"""Looks after which a body is known a little."""
_AT_FIRST, _GIVEN = 0.3, 3
"""What a place is taken to score before anything is known of it, worth so many looks."""
_SELDOM = 0.9
_LEAST_USUAL = 0.06


Find = Callable[[View], list[Thing]]


@dataclass(frozen=True)
class _Seen:
    """A phone that may be: its box in the frame, its place on the body, its score in two cuts."""

    thing: Thing
    at: tuple[float, float]
    score: float


@dataclass
class Track:
    """What was seen at one place: what has added up, over how many looks, since when.

    after: when a look before the first one saw nothing there. since: from which look on each one
    has shown what is usual there at least; what was seen before may have been something else. None:
    not even the last.
    """

    thing: Thing
    at: tuple[float, float]
    after: float
    first: float
    evidence: float
    since: float | None
    looks: int = 1
    misses: int = 0
    held: bool = False


class Usual:
    """What each place of one body usually scores: half way from the mean to what is seldom more."""

    def __init__(self) -> None:
        """Start without knowing anything: every place may score high."""
        self._maps: NDArray[np.uint8] = np.zeros((_REMEMBERED, _DOWN, _ACROSS), np.uint8)
        self._learnt = 0

    def learn(self, seen: list[_Seen], view: View, doubted: list[tuple[float, float]]) -> None:
        """Learn one look at two cuts: nothing where the closer one does not show.

        doubted: places at which something adds up. Once the body is known a little, nothing is
        learnt there: a phone held that early would make itself usual.
        """
        known = self._maps[(self._learnt - 1) % _REMEMBERED] if self._learnt else self._maps[0]
        shown = np.where(_shown_by(view), 0, known).astype(np.uint8)
        for one in seen:
            near = _near(one.at)
            shown[near] = np.maximum(shown[near], round(255 * min(1.0, one.score)))
        if self._learnt >= _KNOWN:
            for place in doubted:
                shown[_near(place)] = known[_near(place)]
        self._maps[self._learnt % _REMEMBERED] = shown
        self._learnt += 1

    def at(self, place: tuple[float, float]) -> float:
        """Return what a place usually scores, from 0 to 1."""
        count = min(self._learnt, _REMEMBERED)
        if not count:
            return _AT_FIRST
        row, column = _cell(place)
        scores = np.sort(self._maps[:count, row, column])
        # NumPy's own quantile takes ten times as long, and this is asked for each thing seen.
        at = _SELDOM * (count - 1)
        low, high = (int(scores[min(count - 1, int(at) + step)]) for step in (0, 1))
        seldom = low + (at - int(at)) * (high - low)
        usual = (float(scores.mean()) + seldom) / 2 / 255.0
        blended = (_GIVEN * _AT_FIRST + count * usual) / (_GIVEN + count)
        return max(_LEAST_USUAL, blended)


class Sightings:
    """What was seen of phones before one body."""

    def __init__(self) -> None:
        """Start without any hint."""
        self._usual = Usual()
        self._tracks: list[Track] = []
        # Looks that may still turn out to show what this body usually gives.
        self._open: deque[tuple[float, list[_Seen], View]] = deque()
        # What the whole body shows and the last closer look had not in it, and what was given up;
        # each with the time since when it may be there.
        self._missed: list[tuple[Thing, float]] = []
        self._began: float | None = None
        self._learnt_at = self._looked_at = float("-inf")
        self._side = View.LEFT

    @property
    def held(self) -> Track | None:
        """The phone of which enough has added up, unless the last look failed to see it."""
        return next((track for track in self._tracks if track.held and not track.misses), None)

    @property
    def doubted(self) -> bool:
        """Whether another look is called for soon."""
        return bool(self._tracks)

    def learn_on(self) -> None:
        """Learn a body that is back on top of what is known of it; forget what was added up."""
        self._tracks, self._missed, self._began = [], [], None
        self._open.clear()

    def learn_anew(self) -> None:
        """Learn a body that may be another one from nothing."""
        self._usual = Usual()
        self.learn_on()

    def learns(self, time: float) -> bool:
        """Say whether a look at `time` is due to learn this body."""
        young = self._began is None or time - self._began < _BASELINE
        return young and time - self._learnt_at >= _BASELINE_EVERY

    def look(self, find: Find, face: Face, time: float) -> float:
        """Take one look at `time`; returns the highest score of the whole body.

        find: gives what a cut shows, in the frame's pixels.
        """
        self._began = time if self._began is None else self._began
        whole = find(View.WHOLE)
        learns = self.learns(time) or time - self._learnt_at >= _AGAIN_AFTER
        missed: list[tuple[Thing, float]] = []
        if learns or self._tracks or any(self._hints(whole, face)):
            view = self._closer(whole, face)
            seen = _paired(whole, find(view), view, face)
            shown = [one.thing for one in seen]
            left = [x for x in self._hints(whole, face) if not any(same_hand(x, y) for y in shown)]
            missed = [(thing, self._after(thing)) for thing in left]
            missed += self._add_up(seen, left, view, time)
            self._learn(seen, view, time, due=learns)
        self._missed = missed
        self._looked_at = time
        return max((thing.score for thing in whole), default=0.0)

    def _learn(self, seen: list[_Seen], view: View, time: float, *, due: bool) -> None:
        """Learn looks at which nothing adds up, and others once nothing came of them.

        Of these all are learnt: the last alone, at which nothing was left, would make the body
        seem emptier than it is.
        """
        if any(track.held for track in self._tracks):
            self._open.clear()
            return
        self._open.append((time, seen, view))
        if due and self._tracks:
            self._usual.learn(seen, view, [track.at for track in self._tracks])
            self._learnt_at = time
        while self._open and (not self._tracks or time - self._open[0][0] > _FORGOTTEN_AFTER):
            self._usual.learn(*self._open.popleft()[1:], [])
            self._learnt_at = time

    def _hints(self, whole: list[Thing], face: Face) -> Iterator[Thing]:
        return (
            thing
            for thing in whole
            if thing.score >= _HINT and self._exceeds(_place(thing, face), thing.score) > 0
        )

    def _exceeds(self, at: tuple[float, float], score: float) -> float:
        usual = self._usual.at(at)
        return score - usual - _ABOVE - _VARIES * max(0.0, usual - _OFTEN)

    def _closer(self, whole: list[Thing], face: Face) -> View:
        """Return the half with the strongest track or hint, and each in turn where none is."""
        places = [(track.evidence / (1 + track.misses), track.at) for track in self._tracks]
        for hint in self._hints(whole, face):
            at = _place(hint, face)
            places.append((self._exceeds(at, hint.score), at))
        self._side = View.RIGHT if self._side is View.LEFT else View.LEFT
        strongest = max(places, key=lambda one: one[0], default=None)
        if strongest is None or self._side.shows(strongest[1]):
            return self._side
        return next((view for view in CLOSE if view.shows(strongest[1])), self._side)

    def _add_up(
        self, seen: list[_Seen], elsewhere: list[Thing], view: View, time: float
    ) -> list[tuple[Thing, float]]:
        """Carry every track on, and begin one wherever something exceeds the usual.

        elsewhere: what the whole body shows where the closer cut did not look: no track of it is
        missed. Returns what was given up, each with the time since when it may be there: if the
        next look sees it after all, it was not new.
        """
        before, left = self._tracks, list(seen)
        for track in before:
            looked = view.shows(track.at) or not any(other.shows(track.at) for other in CLOSE)
            if not looked or any(same_hand(track.thing, thing) for thing in elsewhere):
                continue
            near = max(
                (x for x in left if same_hand(track.thing, x.thing)),
                key=lambda x: x.score,
                default=None,
            )
            self._carry_on(track, near, time)
            left = [x for x in left if x is not near]
        self._tracks = [track for track in before if self._lasts(track, time)]
        given_up = [(x.thing, x.after) for x in before if x not in self._tracks]
        for one in left:
            evidence = self._exceeds(one.at, one.score)
            if evidence > 0:
                after = self._after(one.thing)
                self._tracks.append(Track(one.thing, one.at, after, time, evidence, time))
        self._judge()
        return given_up

    def _after(self, thing: Thing) -> float:
        """Return when a look last saw nothing where a thing is seen now."""
        known = (after for missed, after in self._missed if same_hand(missed, thing))
        return next(known, self._looked_at)

    def _carry_on(self, track: Track, near: _Seen | None, time: float) -> None:
        if near is None:
            track.misses += 1
        else:
            track.thing, track.at = near.thing, near.at
            track.looks, track.misses = track.looks + 1, 0
        gained = self._exceeds(track.at, near.score if near else 0.0)
        if gained <= -_ABOVE or track.since is None:
            track.since = time if gained > 0 else None
        track.evidence = min(_MOST, track.evidence + max(-_MISSED, gained))

    def _lasts(self, track: Track, time: float) -> bool:
        if track.held:
            return track.misses < _GONE
        hopeless = track.looks >= _HOPELESS_LOOKS and track.evidence < _HOPELESS * track.looks
        return track.evidence > 0 and time - track.first < _FORGOTTEN_AFTER and not hopeless

    def _judge(self) -> None:
        if any(track.held for track in self._tracks):
            return
        enough = (x for x in self._tracks if x.evidence >= _ENOUGH and x.looks >= _LOOKS)
        best = max(enough, key=lambda track: track.evidence, default=None)
        if best is not None:
            best.held = True


def _paired(whole: list[Thing], close: list[Thing], view: View, face: Face) -> list[_Seen]:
    """Return what either cut shows, with the mean of both scores where both can see it."""
    groups: list[tuple[Thing, list[float]]] = []
    for which, things in enumerate((whole, close)):
        for thing in things:
            group = next((x for x in groups if same_hand(x[0], thing)), None)
            if group is None:
                group = (thing, [0.0, 0.0])
                groups.append(group)
            group[1][which] = max(group[1][which], thing.score)
    placed = [(thing, _place(thing, face), scores) for thing, scores in groups]
    reached = any(view.shows(at) for _, at, _ in placed)
    return [
        _Seen(thing, at, sum(scores) / 2 if view.shows(at) else scores[0])
        for thing, at, scores in placed
        if view.shows(at) or not (reached and any(other.shows(at) for other in CLOSE))
    ]


def _place(thing: Thing, face: Face) -> tuple[float, float]:
    """Return where the middle of a thing is, in heights of the face."""
    x, y, width, height = thing.box
    across = x + width / 2 - face.x - face.width / 2
    return across / face.height, (y + height / 2 - face.y) / face.height


def _cell(at: tuple[float, float]) -> tuple[int, int]:
    """Return row and column of a place on the map of a body."""
    row, column = int((at[1] + _ABOVE_FACE) / _CELL), int(at[0] / _CELL + _ACROSS / 2)
    return min(max(row, 0), _DOWN - 1), min(max(column, 0), _ACROSS - 1)


def _near(at: tuple[float, float]) -> tuple[slice, slice]:
    """Return the cells that a sighting is learnt for."""
    row, column = _cell(at)
    return (
        slice(max(0, row - _REACH), row + _REACH + 1),
        slice(max(0, column - _REACH), column + _REACH + 1),
    )


@cache
def _shown_by(view: View) -> NDArray[np.bool_]:
    rows, columns = np.mgrid[:_DOWN, :_ACROSS]
    x, y = (columns + 0.5 - _ACROSS / 2) * _CELL, (rows + 0.5) * _CELL - _ABOVE_FACE
    left, top, width, height = view.cut
    shown = (x > left) & (x < left + width) & (y > top) & (y < top + height)
    return np.asarray(shown, np.bool_)
