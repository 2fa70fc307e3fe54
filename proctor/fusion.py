"""Turns looks into stretches: three-valued evidence, hysteresis, back-dated onsets.

A look says yes, no or unknown. Unknown moves nothing: it neither opens nor closes for lack of
evidence, but a stretch that stays unknown for long is closed where it was last seen.
"""

from collections import deque
from dataclasses import dataclass
from enum import Enum

from proctor.kinds import RULES, Kind, Rule, Severity

_UNKNOWN_LIMIT = 3.0
_MINUTE = 60.0
_LONGEST_STEP = 1.0
_RECENT = 300.0
_SEEN_HERE = 0.8
"""Seconds of evidence that nothing before can stand for: longer than a look in doubt takes."""


class Change(Enum):
    """What a look did to a stretch."""

    OPENED = "opened"
    UPDATED = "updated"
    CLOSED = "closed"


@dataclass(frozen=True)
class Turn:
    """A change of one kind: onset and end in seconds, share of agreeing looks, severity.

    seat: on a room's camera the seat concerned, empty for the camera's own.
    """

    change: Change
    kind: Kind
    start: float
    end: float
    confidence: float
    severity: Severity
    seat: str = ""


class Stretch:
    """Evidence of one kind on one camera, from its first hint to its end."""

    def __init__(self, kind: Kind, seat: str = "") -> None:
        """Start closed and without evidence."""
        self.kind, self.seat = kind, seat
        self._rule: Rule = RULES[kind]
        self._time: float | None = None
        self._earlier: deque[float] = deque()
        # The looks of the last minute: when, and whether they said yes.
        self._minute: deque[float] = deque()
        self._said: deque[bool] = deque()
        self._agreed = 0
        self._severity = Severity.NOTICE
        self.open = False
        self._reset()

    def _reset(self) -> None:
        self._evidence = 0.0
        self._calm = 0.0
        self._unknown = 0.0
        self._first: float | None = None
        self._last = 0.0
        self._yes = 0
        self._known = 0

    def look(
        self, time: float, *, yes: bool | None, onset: float | None = None, lasted: float = 0.0
    ) -> Turn | None:
        """Take one look at `time`.

        onset: when a yes began, where that is known better. lasted: seconds of evidence that a yes
        brings with it; some must always be seen here.
        """
        before, self._time = self._time, time
        if yes is False and self._first is None and self._rule.share_of_minute is None:
            self._unknown = 0.0
            return None  # as nearly always: there is nothing to take back
        step = 0.0 if before is None else min(time - before, _LONGEST_STEP)
        if yes is None:
            self._unknown += step
            gone = self.open and self._unknown >= _UNKNOWN_LIMIT
            return self._close() if gone else None
        self._unknown = 0.0
        self._known += self._first is not None or yes
        if yes:
            self._agree(time, step, onset, lasted)
        else:
            self._contradict(step)
        self._remember(time, yes=yes)
        return self._turn(time, yes=yes)

    @property
    def idle(self) -> bool:
        """Whether there is nothing that a contrary look could take back."""
        return self._first is None

    @property
    def begun(self) -> float | None:
        """When this began, once half of the evidence for it is there; None where nothing is."""
        likely = self.open or 2 * self._evidence >= max(self._rule.opens_after, 0.1)
        return self._first if likely else None

    def finish(self) -> Turn | None:
        """Return a last update of an open stretch, whose end nobody saw."""
        return self._now(Change.UPDATED) if self.open else None

    def _agree(self, time: float, step: float, onset: float | None, lasted: float) -> None:
        if self._first is None:
            self._first = time if onset is None else min(onset, time)
            self._evidence = max(0.0, min(lasted, self._rule.opens_after - _SEEN_HERE))
        else:
            self._evidence += step
        self._yes += 1
        self._last = time
        self._calm = 0.0

    def _contradict(self, step: float) -> None:
        self._evidence = max(0.0, self._evidence - step * self._rule.forgives)
        self._calm += step
        if not self.open and self._evidence <= 0.0:
            self._reset()

    def _remember(self, time: float, *, yes: bool) -> None:
        if self._rule.share_of_minute is None:
            return
        self._minute.append(time)
        self._said.append(yes)
        self._agreed += yes
        while self._minute[0] <= time - _MINUTE:
            self._minute.popleft()
            self._agreed -= self._said.popleft()

    def _frequent(self, time: float) -> bool:
        share = self._rule.share_of_minute
        if share is None or not self._minute or time - self._minute[0] < 0.9 * _MINUTE:
            return False
        return self._agreed >= share * len(self._minute)

    def _turn(self, time: float, *, yes: bool) -> Turn | None:
        if not self.open:
            lasting = self._evidence >= self._rule.opens_after and self._yes >= self._rule.looks
            return self._begin(time) if lasting or self._frequent(time) else None
        if not yes and self._calm >= self._rule.closes_after and not self._frequent(time):
            return self._close()
        if self._severity is not self._due(time):
            self._severity = self._due(time)
            return self._now(Change.UPDATED)
        return None

    def _begin(self, time: float) -> Turn:
        if self._first is None or self._evidence < self._rule.opens_after:
            seen = zip(self._minute, self._said, strict=True)
            self._first = next((at for at, yes in seen if yes), time)
        self.open = True
        self._earlier.append(self._first)
        while self._earlier[0] < time - _RECENT:
            self._earlier.popleft()
        self._severity = self._due(time)
        return self._now(Change.OPENED)

    def _close(self) -> Turn:
        turn = self._now(Change.CLOSED)
        self.open = False
        self._minute.clear()
        self._said.clear()
        self._agreed = 0
        self._reset()
        return turn

    def _due(self, time: float) -> Severity:
        rule = self._rule
        if rule.only_notice:
            return Severity.NOTICE
        if rule.alert_after is None or (rule.third_alerts and len(self._earlier) >= 3):
            return Severity.ALERT
        lasted = time - (time if self._first is None else self._first)
        return Severity.ALERT if lasted >= rule.alert_after else Severity.NOTICE

    def _now(self, change: Change) -> Turn:
        start = self._last if self._first is None else self._first
        share = self._yes / max(1, self._known)
        end = max(start, self._last)
        return Turn(change, self.kind, start, end, share, self._severity, self.seat)
