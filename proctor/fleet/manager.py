"""Many cameras on one machine: workers with as few networks as cores, each with many cameras.

The manager decodes nothing and waits for nobody. It gives each camera to the worker with the most
room, starts another worker for some more cameras each while a core is free, and refuses the camera
with a sentence where the machine is full. One worker more than needed stands by with its networks
loaded: when a worker is killed, that one takes its cameras over at once.
"""

import os
import queue
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from proctor.fleet.orders import CameraOrder
from proctor.fleet.rooms import Rooms
from proctor.fleet.worker import Told, Worker

_RETRY_REFUSED = 60.0
_RAPID_DEATH = 5.0
_TOGETHER = 8
"""Cameras a worker that are worth another one: networks of its own, for a core of its own."""
Say = Callable[..., None]


@dataclass
class _Place:
    """A camera that is wanted: its order, who watches it, who had no room for it."""

    order: CameraOrder
    worker: Worker | None = None
    full: set[int] = field(default_factory=set)
    refused_at: float | None = None
    watching: bool = False


class Fleet:
    """Keeps the wanted cameras watched; used from one thread.

    say(event, **facts) is told what happens: camera.watching, .failed, .refused, .ended, .left,
    worker.started, .gone, .effort.
    """

    def __init__(
        self, say: Say, *, key: Path | None = None, workers: int | None = None, spare: bool = True
    ) -> None:
        """Take the most workers there may be (the cores that we may use) and the signing key."""
        self._say, self._key, self._spare_wanted = say, key, spare
        self._most = workers or len(os.sched_getaffinity(0))
        self._told: queue.Queue[Told] = queue.Queue()
        self._workers: dict[int, Worker] = {}
        self._spare: Worker | None = None
        self._spare_due = 0.0
        self._places: dict[str, _Place] = {}
        self._rooms = Rooms(self._order)

    def want(self, orders: Iterable[CameraOrder]) -> None:
        """Watch exactly these from now on: what is new begins, what changed begins anew."""
        wanted = {order.stream: order for order in orders}
        for stream in [name for name in self._places if name not in wanted]:
            self._leave(stream)
            self._say("camera.left", stream=stream)
        for stream, order in wanted.items():
            known = self._places.get(stream)
            if known is None or known.order != order:
                self._leave(stream)
                self._places[stream] = _Place(order)
                self._give(stream)
        self._rooms.of(wanted.values())

    def step(self, within: float) -> None:
        """Act on what the workers tell, for at most `within` seconds."""
        deadline = time.monotonic() + within
        while (left := deadline - time.monotonic()) > 0:
            try:
                told = self._told.get(timeout=min(left, 0.2))
            except queue.Empty:
                pass
            else:
                self._hear(told)
            self._rooms.look(time.monotonic())
            self._stand_by()
            self._try_refused()

    def close(self) -> None:
        """End every worker, and wait until every ledger has its end."""
        workers = [*self._workers.values(), *([self._spare] if self._spare else [])]
        for worker in workers:
            worker.finish()
        for worker in workers:
            worker.wait()
        self._workers.clear()
        self._spare = None

    def worker_pids(self) -> dict[int, list[str]]:
        """Return each worker's process id and the streams that it watches."""
        return {
            worker.pid: sorted(
                name for name, place in self._places.items() if place.worker is worker
            )
            for worker in self._workers.values()
        }

    def _order(self, stream: str, message: dict[str, Any]) -> bool:
        place = self._places.get(stream)
        if place is None or place.worker is None or not place.watching:
            return False
        place.worker.order(message)
        return True

    def _leave(self, stream: str) -> None:
        place = self._places.pop(stream, None)
        if place is not None and place.worker is not None:
            place.worker.order({"do": "leave", "stream": stream})
            # What it took is free again: who was refused may fit now.
            for other in self._places.values():
                other.full.clear()
                if other.refused_at is not None:
                    other.refused_at = float("-inf")

    def _give(self, stream: str) -> None:
        """Hand a camera to the worker with the most room left, or refuse it."""
        place = self._places[stream]
        place.watching = False
        held = Counter(other.worker.pid for other in self._places.values() if other.worker)
        free = [x for x in self._workers.values() if x.pid not in place.full]
        crowded = held.total() >= _TOGETHER * len(self._workers)
        if (crowded or not free) and len(self._workers) < self._most:
            free = [self._recruit()]
        if not free:
            place.worker, place.refused_at = None, time.monotonic()
            return
        # Each admits by what it has promised; one that has not told yet is taken to have all.
        place.worker = max(free, key=lambda worker: (worker.left_ms, -held[worker.pid]))
        place.worker.left_ms -= 1
        place.worker.order(place.order.message())

    def _recruit(self) -> Worker:
        worker, self._spare = self._spare or Worker(self._told, self._key), None
        self._workers[worker.pid] = worker
        self._say("worker.started", pid=worker.pid, workers=len(self._workers))
        return worker

    def _stand_by(self) -> None:
        wanted = self._spare_wanted and bool(self._workers)
        if wanted and self._spare is None and time.monotonic() >= self._spare_due:
            self._spare = Worker(self._told, self._key)

    def _hear(self, told: Told) -> None:
        worker, message = told
        state = message["state"]
        if state == "gone":
            self._gone(worker)
        elif state == "load":
            worker.left_ms = message["left_ms"]
            if message["changed"]:
                facts = {name: message[name] for name in ("step", "says", "core_pm", "late")}
                self._say("worker.effort", pid=worker.pid, **facts)
        elif "stream" in message:
            self._hear_of_camera(worker, message)

    def _hear_of_camera(self, worker: Worker, message: dict[str, Any]) -> None:
        stream, state = message["stream"], message["state"]
        place = self._places.get(stream)
        if place is None or place.worker is not worker:
            return
        if state == "watching":
            worker.left_ms, place.watching = message["left_ms"], True
            self._say("camera.watching", stream=stream, pid=worker.pid, shape=message["shape"])
            self._rooms.arrived(stream)
        elif state == "fault":
            self._rooms.fault(stream, message["kind"], message["since"], time.monotonic())
        elif state == "full":
            self._full(stream, place, worker, message)
        else:
            place.watching = False
            self._say(f"camera.{state}", stream=stream, why=message["why"])

    def _full(self, stream: str, place: _Place, worker: Worker, message: dict[str, Any]) -> None:
        worker.left_ms = message["left_ms"]
        place.full.add(worker.pid)
        again = place.refused_at is not None
        self._give(stream)
        if place.worker is None and not again:
            watched = sum(1 for other in self._places.values() if other.worker is not None)
            self._say(
                "camera.refused",
                stream=stream,
                why=f"{message['why']}; this machine's {self._most} cores carry {watched} cameras "
                "of those listed. Take one out, lower its pictures a second or its size, or add a "
                "machine.",
            )

    def _try_refused(self) -> None:
        now = time.monotonic()
        for stream, place in self._places.items():
            if place.worker is None and now - (place.refused_at or 0.0) >= _RETRY_REFUSED:
                place.full.clear()
                self._give(stream)

    def _gone(self, worker: Worker) -> None:
        """Give a dead worker's cameras to the one that stands by."""
        code = worker.wait()
        if worker is self._spare:
            # One that cannot even start is not started again and again at once.
            self._spare, self._spare_due = None, time.monotonic() + _RAPID_DEATH
            self._say("worker.gone", pid=worker.pid, code=code, cameras=0)
            return
        if self._workers.pop(worker.pid, None) is None:
            return
        orphans = [name for name, place in self._places.items() if place.worker is worker]
        self._say("worker.gone", pid=worker.pid, code=code, cameras=len(orphans))
        for stream in orphans:
            self._places[stream].worker = None
            self._rooms.left(stream)
        for stream in orphans:
            self._places[stream].full.discard(worker.pid)
            self._give(stream)
