"""The signal trace: what was measured moment by moment, kept beside a clip as small JSON lines.

A moment (`kaochang-trace/1`) holds `us`, microseconds on the stream's timeline, and what there was
to note: `answers` by kind (1 yes, 0 no, null unknown), `onsets` (microseconds, where a yes began
earlier), `facts` by kind (the numbers behind), `boxes` of faces (x, y, width, height in pixels, per
mille of certainty), `things` by kind (boxes without certainty), `looked` 1 where a picture was
analysed, `skipped` 1 where one was due and was not, `broke` 1 where the source did not continue,
`instants` for what is over when it is known. All numbers are integers. A seat of a room's camera
stands under `kind@seat`: its answer in every moment, its facts and things where they are new, since
seats are looked at in turn.
"""

import json
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from proctor.answers import UNKNOWN, Answer
from proctor.kinds import Place
from proctor.observe import Look

FORMAT = "kaochang-trace/1"
_SECONDS = 32.0

Moment = dict[str, Any]


@lru_cache(maxsize=1024)
def name_of(place: Place) -> str:
    """Return what a place is noted under: its kind, for one seat `kind@seat`."""
    kind, seat = place
    return f"{kind}@{seat}" if seat else str(kind)


def micros(seconds: float) -> int:
    """Return seconds as whole microseconds."""
    return round(seconds * 1_000_000)


class Tracer:
    """The moments of one camera's last half minute; each is told on when it is complete."""

    def __init__(self, told: Callable[[int, bytes], None]) -> None:
        """`told` gets every moment once, in order, when the next one begins: time and line."""
        self._told = told
        self._lines: deque[tuple[int, bytes]] = deque()
        self._now: Moment | None = None
        self._at: float | None = None
        self._held: dict[Place, Answer] = {}

    def note(
        self,
        at: float,
        place: Place,
        *,
        yes: bool | None,
        onset: float | None = None,
        facts: Mapping[str, int] | None = None,
    ) -> None:
        """Note an answer at `at` seconds."""
        moment, name = self._moment(at), name_of(place)
        moment.setdefault("answers", {})[name] = None if yes is None else int(yes)
        if onset is not None:
            moment.setdefault("onsets", {})[name] = micros(onset)
        if facts:
            moment.setdefault("facts", {})[name] = dict(facts)

    def look(self, look: Look) -> None:
        """Note an analysed picture: all answers with their numbers, and what was found where."""
        moment = self._moment(look.time)
        moment["looked"] = 1
        moment["boxes"] = [
            [*map(round, (face.x, face.y, face.width, face.height)), round(1000 * face.score)]
            for face in look.faces
        ]
        answers = moment.setdefault("answers", {})
        for place in sorted(look.answers):
            answer, name = look.answers[place], name_of(place)
            answers[name] = None if answer.yes is None else int(answer.yes)
            if answer.onset is not None:
                moment.setdefault("onsets", {})[name] = micros(answer.onset)
            if not (place[1] and self._held.get(place, UNKNOWN) is answer):
                self._numbers(moment, place, answer)

    def _numbers(self, moment: Moment, place: Place, answer: Answer) -> None:
        """Note what an answer stands on, of a seat where it is new."""
        if place[1]:
            self._held[place] = answer
        if answer.facts:
            moment.setdefault("facts", {})[name_of(place)] = dict(answer.facts)
        if answer.boxes:
            boxes = [[round(side) for side in box] for box in answer.boxes]
            moment.setdefault("things", {})[name_of(place)] = boxes

    def instant(self, kind: str, start: float, end: float, facts: Mapping[str, int]) -> None:
        """Note, at its end, something that is over when it is known (seconds)."""
        told = {"start_us": micros(start), "facts": dict(facts)}
        self._moment(end).setdefault("instants", {})[str(kind)] = told

    def mark(self, at: float, word: str) -> None:
        """Note that something is so at `at` seconds."""
        self._moment(at)[word] = 1

    def since(self, start: float) -> Iterator[bytes]:
        """Yield the lines of the complete moments from `start` seconds on."""
        yield from [line for us, line in self._lines if us >= micros(start)]

    def complete(self) -> None:
        """Take the moment that is being noted as complete."""
        if self._now is None:
            return
        moment, self._now = self._now, None
        us = moment["us"]
        # Kept as text: as dictionaries, half a minute of each camera would take a megabyte.
        self._lines.append((us, line(moment)))
        while self._lines[0][0] < us - micros(_SECONDS):
            self._lines.popleft()
        self._told(*self._lines[-1])

    def _moment(self, at: float) -> Moment:
        if self._now is not None and at == self._at:
            return self._now
        us = micros(at)
        if self._now is None or self._now["us"] != us:
            self.complete()
            self._now = {"us": us}
        self._at = at
        return self._now


def line(moment: Moment) -> bytes:
    """Return a moment as one line of the file."""
    return json.dumps(moment, separators=(",", ":")).encode() + b"\n"


def read(data: bytes) -> tuple[dict[str, Any], list[Moment]]:
    """Return a trace's header and moments; a last line cut in mid-write is left out.

    Raises ValueError for anything that is no trace.
    """
    rows = [json.loads(raw) for raw in data[: data.rfind(b"\n") + 1].splitlines()]
    if not rows or not isinstance(rows[0], dict) or rows[0].get("format") != FORMAT:
        raise ValueError(f"not a {FORMAT} file")
    if not all(isinstance(row, dict) and isinstance(row.get("us"), int) for row in rows[1:]):
        raise ValueError("a moment without its time")
    return rows[0], rows[1:]
