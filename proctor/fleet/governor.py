"""Keeps one process within what it can do: admits cameras, and looks less hard when it is late.

One for each process, shared by the threads of its cameras.
"""

import threading
import time
from collections import deque
from collections.abc import Callable

from proctor.effort import STEPS, Effort
from proctor.errors import ProctorError
from proctor.fleet.costs import CORE_MS, PROMISED, cost_ms, share_left
from proctor.link import Shape

_WINDOW = 4.0
_LATE_SHARE = 0.10
_LEAST_LOOKS = 10
_CALM = 30.0


class FullError(ProctorError):
    """The process carries no further camera of this shape; `need` and `left` in milliseconds."""

    def __init__(self, shape: Shape, *, need: float, left: float, watched: int) -> None:
        """Say what was asked for and what is left."""
        self.shape, self.need, self.left = shape, need, left
        more = max(0, int(left // need))
        super().__init__(
            f"one more camera of {shape} needs {need:.0f} ms of each second, {left:.0f} ms are "
            f"left beside the {watched} that are watched: {more} more fit"
        )


class Governor:
    """Admits by the cost table, and steps down and up by how late pictures are.

    step_now: the effort of this moment, read by every camera's thread at each picture.
    """

    def __init__(
        self,
        *,
        pace: float,
        capacity_ms: float = PROMISED * CORE_MS,
        clock: Callable[[], float] = time.monotonic,
        processor: Callable[[], float] = time.process_time,
        on_step: Callable[[Effort], None] | None = None,
    ) -> None:
        """Take the machine's pace and the milliseconds of each second that may be promised."""
        self._pace, self._capacity = pace, capacity_ms
        self._clock, self._processor, self._on_step = clock, processor, on_step
        self._shapes: dict[str, tuple[Shape, float]] = {}
        self._looks: deque[tuple[float, bool]] = deque()
        self._changed = self._late_at = clock()
        self._measured = (clock(), processor())
        self._load = 0.0
        self._lock = threading.Lock()
        self.step_now = STEPS[0]
        self.late = 0

    def effort(self) -> Effort:
        """Return the effort of this moment."""
        return self.step_now

    @property
    def left_ms(self) -> float:
        """Milliseconds of each second that nobody has been promised."""
        return self._capacity - sum(cost for _, cost in self._shapes.values())

    def admit(self, stream: str, shape: Shape) -> None:
        """Promise a camera its place; raises FullError.

        Race stopped: two cameras that both find the last place free.
        """
        with self._lock:
            self._shapes.pop(stream, None)
            need, left = cost_ms(shape, pace=self._pace), self.left_ms
            if need > left:
                raise FullError(shape, need=need, left=left, watched=len(self._shapes))
            self._shapes[stream] = (shape, need)

    def release(self, stream: str) -> None:
        """Take a camera's place back."""
        with self._lock:
            self._shapes.pop(stream, None)

    def note(self, *, late: bool) -> None:
        """Take note of a picture that was due, whether it came too late to be looked at.

        Race stopped: two cameras that step down for the same lateness.
        """
        with self._lock:
            now = self._clock()
            self._looks.append((now, late))
            while self._looks[0][0] < now - _WINDOW:
                self._looks.popleft()
            if late:
                self.late += 1
                self._late_at = now
            self._decide(now)

    def _decide(self, now: float) -> None:
        if now - self._changed < _WINDOW:
            return
        late = sum(late for _, late in self._looks)
        if len(self._looks) >= _LEAST_LOOKS and late > _LATE_SHARE * len(self._looks):
            self._go(min(len(STEPS) - 1, self.step_now.step + 1), now)
        elif self.step_now.step and now - max(self._late_at, self._changed) > _CALM:
            # A step up is taken only where the table says that it can be carried.
            if self._share_of_core(now) * self._dearer() < PROMISED:
                self._go(self.step_now.step - 1, now)
            else:
                self._changed = now

    def _go(self, step: int, now: float) -> None:
        self._changed, self._measured = now, (now, self._processor())
        if step == self.step_now.step:
            return
        self.step_now = STEPS[step]
        self._looks.clear()
        if self._on_step is not None:
            self._on_step(self.step_now)

    def _share_of_core(self, now: float) -> float:
        began, used = self._measured
        return (self._processor() - used) / max(now - began, 0.1)

    def _dearer(self) -> float:
        """Return how many times dearer the next better step is, over the cameras watched."""
        better = STEPS[self.step_now.step - 1]
        shapes = [shape for shape, _ in self._shapes.values()]
        now = sum(cost_ms(x) * share_left(x, self.step_now) for x in shapes)
        return sum(cost_ms(x) * share_left(x, better) for x in shapes) / max(now, 0.1)
