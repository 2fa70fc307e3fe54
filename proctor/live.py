"""Cameras that never end: RTSP and devices, with reconnection, on the same timeline as files.

A reader thread takes packets off the line at once, so that the camera never waits for us; the
watch takes them from a queue and sees by their age how far it is behind. The timeline follows the
source's own clock between packets and the monotonic clock across gaps and reconnections.
"""

import queue
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

import av
from av.container import InputContainer

from proctor.addresses import DEVICE
from proctor.errors import BadInputError, SourceFailedError
from proctor.link import Shape
from proctor.packets import VideoPacket
from proctor.source import Piece, open_container, shape_of, video_stream

_FAREWELL = 6.0
_IDLE = 0.5
_JUMP = 2.0
_BACKWARDS = 0.1
_SETTLING = 5.0
_FOLLOW = 0.01
_QUEUE = 2000
_QUICK = {"analyzeduration": "500000", "probesize": "200000"}
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 8.0


@dataclass(frozen=True)
class _Arrival:
    packet: VideoPacket
    at: float
    connection: int


def masked(url: str) -> str:
    """Return an address without its user and password, fit for messages."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, "", ""))


class LiveSource:
    """One camera on the line; `patience` is how long it may be gone, in seconds."""

    def __init__(self, url: str, *, stop: threading.Event, transport: str, patience: float) -> None:
        """Connect; raises BadInputError if there is no video to be had."""
        self._url, self._stop, self._patience = url, stop, patience
        self._options = dict(_QUICK)
        if url.startswith("rtsp"):
            self._options["rtsp_transport"] = transport
        self._origin = 0.0
        self._began = time.monotonic()
        self._queue: queue.Queue[_Arrival] = queue.Queue(_QUEUE)
        self._closing = threading.Event()
        self._ended = threading.Event()
        self._containers: dict[int, InputContainer] = {0: self._connect()}
        self._shape = shape_of(video_stream(self._containers[0], masked(self._url)))
        self._reader = threading.Thread(target=self._read, name="camera reader", daemon=True)
        self._reader.start()

    def begin_at(self, origin: float) -> None:
        """Let the first packet stand at `origin` seconds of the timeline."""
        self._origin = origin

    def shape(self) -> Shape:
        """Return the size of its pictures and how many come a second."""
        return self._shape

    def close(self) -> None:
        """Hang up; waits for the reader, which notices within its read timeout.

        A reader that is held longer keeps its connection until it returns: closing a container
        under a thread that reads from it ends the process.
        """
        self._closing.set()
        self._reader.join(timeout=_FAREWELL)
        if self._reader.is_alive():
            return
        for container in self._containers.values():
            container.close()

    def pieces(self) -> Iterator[Piece]:
        """Yield packets, and an idle piece each half second in which none came."""
        placed = _Placed(self._origin)
        heard = self._began = time.monotonic()
        began = False
        while not self._stop.is_set():
            try:
                arrival = self._queue.get(timeout=_IDLE)
            except queue.Empty:
                if self._ended.is_set():
                    return
                if time.monotonic() - heard > self._patience:
                    raise SourceFailedError(
                        f"{masked(self._url)}: gone for {self._patience:.0f} s"
                    ) from None
                yield placed.idle(self._on_timeline(time.monotonic()))
                continue
            if not began:
                self._began, began = arrival.at, True
            heard = time.monotonic()
            self._hang_up_before(arrival.connection)
            piece = placed.place(arrival, self._on_timeline(arrival.at))
            yield piece._replace(note=self._lost())

    def _lost(self) -> str:
        """Say what did not come, once; a camera on the line cannot know."""
        return ""

    def _on_timeline(self, at: float) -> float:
        return self._origin + max(0.0, at - self._began)

    def _hang_up_before(self, connection: int) -> None:
        """Close older connections here, where nothing decodes their packets any more."""
        for number in [number for number in self._containers if number < connection]:
            self._containers.pop(number).close()

    def _connect(self) -> InputContainer:
        try:
            form = "v4l2" if self._url.startswith(DEVICE) else None
            return open_container(self._url, self._options, form=form)
        except BadInputError as error:
            raise BadInputError(
                f"SOURCE {masked(self._url)}: no video there; check address, user and password"
            ) from error

    def _read(self) -> None:
        number, pause = 0, _FIRST_PAUSE
        while not (self._gone() or self._ended.is_set()):
            try:
                if number not in self._containers:
                    self._containers[number] = self._connect()
                if self._take(self._containers[number], number):
                    pause = _FIRST_PAUSE
            except (BadInputError, av.FFmpegError, OSError):
                pass
            number += 1
            self._closing.wait(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _take(self, container: InputContainer, number: int) -> bool:
        """Queue a connection's packets until it breaks; tells whether any came."""
        came = False
        stream = video_stream(container, masked(self._url))
        for packet in container.demux(stream):
            if self._gone():
                break
            if packet.size:
                came = True
                if not self._queued(packet, number):
                    break
        return came

    def _queued(self, packet: VideoPacket, number: int) -> bool:
        try:
            self._queue.put(_Arrival(packet, time.monotonic(), number), timeout=_JUMP)
        except queue.Full:
            return False
        return True

    def _gone(self) -> bool:
        return self._stop.is_set() or self._closing.is_set()


class _Placed:
    """Follows the source's clock while it agrees with ours, and ours where it does not.

    `ahead` is the source's clock less ours for packets that came without delay. A packet that is
    only late, though in order, is no jump: networks and parsers hold packets back.
    """

    def __init__(self, origin: float) -> None:
        self._time = origin
        self._connection = -1
        self._settled = origin
        self._shift = self._source = self._ahead = 0.0

    def idle(self, now: float) -> Piece:
        self._time = max(self._time, now)
        return Piece(None, self._time)

    def place(self, arrival: _Arrival, now: float) -> Piece:
        packet = arrival.packet
        ticks = packet.dts if packet.dts is not None else packet.pts
        late = max(0.0, time.monotonic() - arrival.at)
        if ticks is None:
            self._time = max(self._time, now)
            return Piece(packet, self._time, self._shift, late=late)
        seconds = float(ticks * (packet.time_base or 0))
        fresh = arrival.connection != self._connection
        jumped = not fresh and self._jumped(seconds, now)
        if fresh or jumped:
            self._shift = max(now, self._time) - seconds
            self._ahead = seconds - now
        if fresh:
            self._settled = now + _SETTLING
        self._connection, self._source = arrival.connection, seconds
        self._time = max(self._time, seconds + self._shift)
        return Piece(packet, self._time, self._shift, jumped=jumped, late=late, fresh=fresh)

    def _jumped(self, seconds: float, now: float) -> bool:
        apart = seconds - now - self._ahead
        if now < self._settled:
            self._ahead += max(0.0, min(apart, _JUMP))
            return seconds < self._source - _JUMP or apart > _SETTLING + _JUMP
        if abs(apart) < _JUMP:
            self._ahead += _FOLLOW * apart
        return seconds < self._source - _BACKWARDS or apart > _JUMP
