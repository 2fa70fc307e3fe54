"""The rooms of a machine: hears the faults of their cameras, lets one camera write for all."""

from collections.abc import Callable, Iterable
from typing import Any

from proctor.fleet.orders import CameraOrder
from proctor.fusion import Change
from proctor.kinds import View
from proctor.link import RoomTurn
from proctor.room import RoomWatch

Order = Callable[[str, dict[str, Any]], bool]


class Rooms:
    """Tells cameras through `order` (stream, message; False: nobody there) what their room does."""

    def __init__(self, order: Order) -> None:
        """Start without any room."""
        self._order = order
        self._rooms: dict[str, RoomWatch] = {}
        self._room_of: dict[str, str] = {}
        self._seats: set[str] = set()
        self._voice: dict[str, str] = {}
        self._changing: dict[str, bool] = {}

    def of(self, orders: Iterable[CameraOrder]) -> None:
        """Take which camera hangs in which room."""
        orders = list(orders)
        self._room_of = {order.stream: order.room for order in orders if order.room}
        self._seats = {order.stream for order in orders if order.view != View.ROOM}
        for name in self._room_of.values():
            self._rooms.setdefault(name, RoomWatch())
        for name, room in self._rooms.items():
            cameras = {stream for stream, known in self._room_of.items() if known == name}
            for stream in room.cameras - cameras:
                room.leave(stream)
            room.cameras = cameras

    def fault(self, stream: str, kind: str, since: float | None, now: float) -> None:
        """Take that a camera's fault began `since` seconds ago, or (None) that it is over."""
        room = self._rooms.get(self._room_of.get(stream, ""))
        if room is not None:
            room.tell(stream, kind, None if since is None else now - since)

    def arrived(self, stream: str) -> None:
        """Tell a camera whose watch begins what its room is doing."""
        name = self._room_of.get(stream, "")
        if self._changing.get(name):
            self._order(stream, {"do": "room", "stream": stream, "changing": True})

    def left(self, stream: str) -> None:
        """Take that a camera's watch was killed: who wrote for the room does so no more."""
        name = self._room_of.get(stream, "")
        if self._voice.get(name) == stream:
            del self._voice[name]
            self._rooms[name].forget()

    def look(self, now: float) -> None:
        """Tell every room's cameras what has changed."""
        for name, room in self._rooms.items():
            turn = room.look(now)
            if room.changing != self._changing.get(name, False):
                self._changing[name] = room.changing
                for stream in sorted(room.cameras):
                    message = {"do": "room", "stream": stream, "changing": room.changing}
                    self._order(stream, message)
            if turn is not None:
                self._say(name, room, turn)

    def _say(self, name: str, room: RoomWatch, turn: RoomTurn) -> None:
        """Let the room's own camera write it down, or the first that is there."""
        told = {"change": str(turn.change.value), "age": turn.age, "start_age": turn.start_age}
        message = {"do": "say", **told, "cameras": turn.cameras, "of": turn.of}
        voices = sorted(room.cameras, key=lambda stream: (stream in self._seats, stream))
        if turn.change is Change.CLOSED:
            voices = [self._voice.pop(name)] if name in self._voice else []
        for stream in voices:
            if self._order(stream, message | {"stream": stream}):
                self._voice[name] = stream
                break
        if turn.change is Change.CLOSED:
            self._voice.pop(name, None)
