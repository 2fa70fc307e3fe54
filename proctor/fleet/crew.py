"""A worker: one process with one set of networks and a thread for each of its cameras.

`python -m proctor.fleet.crew [KEY]` takes orders on standard input and tells on standard output
what becomes of them; when the input ends, so does it, with every ledger ended. A camera that fails
is tried again for ever, more and more slowly.
"""

import contextlib
import ctypes
import itertools
import json
import os
import queue
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any, BinaryIO

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from proctor.effort import Effort
from proctor.errors import ProctorError
from proctor.fleet.costs import machine_pace
from proctor.fleet.governor import FullError, Governor
from proctor.fleet.orders import CameraOrder, line
from proctor.fusion import Change
from proctor.keyring import KeyRing
from proctor.kinds import Kind
from proctor.ledger import keys
from proctor.link import RoomTurn, Shape
from proctor.models import store
from proctor.watch import utc_now, watch

_SHORTEST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0
_HEALTHY = 60.0
_LOAD_EVERY = 5.0
_GIVE_BACK_EVERY = 12
"""Tellings of the load after which unused memory goes back to the system: a minute."""


class Crew:
    """The cameras of one process, and the governor that they share."""

    def __init__(self, told: BinaryIO, key: Ed25519PrivateKey | None, governor: Governor) -> None:
        """Tell on `told`; sign with `key`."""
        self._told, self._key, self._governor = told, key, governor
        self._lock = threading.Lock()
        self._cameras: dict[str, Camera] = {}

    def tell(self, **message: Any) -> None:
        """Tell the manager, whole lines only.

        Race stopped: two cameras' messages mixed into one line.
        """
        with self._lock, contextlib.suppress(OSError):
            # A manager that is gone is told nothing: the input has ended too, and so do we.
            self._told.write(line(message))
            self._told.flush()

    def obey(self, order: dict[str, Any]) -> None:
        """Do what a message says; what is not known is passed over."""
        if order["do"] == "watch":
            camera = CameraOrder.read(order["camera"])
            self.leave(camera.stream)
            self._cameras[camera.stream] = Camera(camera, self, self._governor, self._key)
            return
        camera_of = self._cameras.get(order.get("stream", ""))
        if order["do"] == "leave":
            self.leave(order["stream"])
        elif order["do"] == "room" and camera_of is not None:
            camera_of.changing = order["changing"]
        elif order["do"] == "say" and camera_of is not None:
            told = {name: order[name] for name in ("age", "start_age", "cameras", "of")}
            camera_of.turns.put(RoomTurn(Change(order["change"]), **told))

    def leave(self, stream: str) -> None:
        """End one camera's watch, and wait for its ledger's end."""
        camera = self._cameras.pop(stream, None)
        if camera is not None:
            camera.end()

    def finish(self) -> None:
        """End all of them."""
        for camera in self._cameras.values():
            camera.stop.set()
        for stream in list(self._cameras):
            self.leave(stream)


class Camera:
    """One camera's thread, and its link to process and room."""

    def __init__(
        self, order: CameraOrder, crew: Crew, governor: Governor, key: Ed25519PrivateKey | None
    ) -> None:
        """Begin to watch."""
        self._order, self._crew, self._governor, self._key = order, crew, governor, key
        self.stop = threading.Event()
        self.changing = False
        self.turns: queue.SimpleQueue[RoomTurn] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._keep, name=order.stream)
        self._thread.start()

    def end(self) -> None:
        """Stop, and wait for the ledger's end."""
        self.stop.set()
        self._thread.join()

    def admit(self, shape: Shape) -> None:
        """Ask the governor for a place, and say that this camera is being watched."""
        self._governor.admit(self._order.stream, shape)
        self._tell("watching", shape=str(shape), left_ms=round(self._governor.left_ms))

    def effort(self) -> Effort:
        """Return how hard to look at this moment."""
        return self._governor.effort()

    def note(self, *, late: bool) -> None:
        """Tell the governor of a picture that was due."""
        self._governor.note(late=late)

    def told(self, kind: Kind, since: float | None) -> None:
        """Tell the manager of a fault that other cameras of the room may have too."""
        if self._order.room:
            self._tell("fault", kind=str(kind), since=since)

    def room_changing(self) -> bool:
        """Tell what the manager last said about the room."""
        return self.changing

    def room_turns(self) -> list[RoomTurn]:
        """Take what the manager wants written about the room."""
        turns = []
        while not self.turns.empty():
            turns.append(self.turns.get())
        return turns

    def _tell(self, state: str, **more: Any) -> None:
        self._crew.tell(state=state, stream=self._order.stream, **more)

    def _keep(self) -> None:
        pause = _SHORTEST_PAUSE
        while not self.stop.is_set():
            began = time.monotonic()
            if not self._watched():
                return
            if time.monotonic() - began >= _HEALTHY:
                pause = _SHORTEST_PAUSE
            self.stop.wait(pause)
            pause = min(_LONGEST_PAUSE, pause * 2)

    def _watched(self) -> bool:
        """Watch until it ends; tells whether to try again."""
        ring = KeyRing(Path(self._order.keys)) if self._order.keys else None
        try:
            summary = watch(
                self._order.source,
                self._order.settings(),
                Path(self._order.out),
                key=self._key,
                stop=self.stop,
                seal=(lambda: ring.of_day(self._order.stream, utc_now())) if ring else None,
                link=self,
            )
            self._tell("ended", why=str(summary.ending), skipped=summary.skipped)
        except FullError as error:
            self._tell("full", why=str(error), left_ms=round(error.left))
            return False
        except ProctorError as error:
            self._tell("failed", why=str(error))
        except Exception as error:  # noqa: BLE001 - one camera's defect must not end the others
            self._tell("defect", why=f"{type(error).__name__}: {error}")
        finally:
            self._governor.release(self._order.stream)
        return True


def main(argv: list[str]) -> int:
    """Obey until the input ends."""
    # An interrupt typed at the terminal is the manager's to act on: it closes the input.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    told = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    for name in (store.FACES, store.OBJECTS, store.IDENTITY):
        store.session(name)
    governor = Governor(pace=machine_pace())
    crew = Crew(told, keys.load_or_create(Path(argv[0])) if argv else None, governor)
    crew.tell(state="ready", left_ms=round(governor.left_ms))
    over = threading.Event()
    load = threading.Thread(target=_tell_load, args=(crew, governor, over), daemon=True)
    load.start()
    try:
        for raw in sys.stdin.buffer:
            crew.obey(json.loads(raw))
    finally:
        over.set()
        crew.finish()
    return 0


def _tell_load(crew: Crew, governor: Governor, over: threading.Event) -> None:
    """Tell now and then how the process fares."""
    step, used = 0, time.process_time()
    rounds = itertools.count(1)
    while not over.wait(_LOAD_EVERY):
        if next(rounds) % _GIVE_BACK_EVERY == 0:
            give_back()
        now = time.process_time()
        effort = governor.effort()
        share, used = (now - used) / _LOAD_EVERY, now
        crew.tell(
            state="load",
            core_pm=round(1000 * share),
            step=effort.step,
            says=effort.says,
            changed=effort.step != step,
            late=governor.late,
            left_ms=round(governor.left_ms),
        )
        step = effort.step


def give_back() -> None:
    """Give memory that nothing uses back to the system, where the C library can.

    Cameras of a room open events together: without this a worker holds for ever what their clips
    and stills took at that moment, and nobody could tell that from a leak.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
