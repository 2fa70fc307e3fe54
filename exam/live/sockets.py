"""Socket.IO of the wall: ids and states to rooms, rights checked in every handler.

A room is one group of items at one site, or at all sites of an office for those who cover all.
What was missed is found by number: the client tells the last one it has.
"""

from typing import Any, cast

import structlog
from flask import Flask, Request, request
from flask_socketio import ConnectionRefusedError as Refused
from flask_socketio import Namespace, SocketIO, join_room

from exam.errors import KaochangError, NotAllowed
from exam.live import reading, rules
from exam.live.listener import Listener
from exam.people.guards import current_actor
from exam.people.roles import Actor
from exam.people.sign_in import current_visit

log = structlog.get_logger()
NAMESPACE = "/wall"
MESSAGE_BYTES = 16 * 1024
"""Pages say one number; a batch of a polling browser is several such messages."""


def init_app(app: Flask) -> None:
    """Attach Socket.IO in threading mode, for pages of our own host only."""
    socketio = SocketIO()
    app.extensions["kaochang.wall"] = listener = Listener(app, socketio, NAMESPACE)
    socketio.on_namespace(WallNamespace(listener))
    socketio.init_app(
        app,
        async_mode="threading",
        cors_allowed_origins=None,
        max_http_buffer_size=MESSAGE_BYTES,
    )


def watching_actor() -> Actor:
    """Whoever asks, if the role may watch.

    Raises:
        NotSignedIn: nobody, or the sign-in has ended since.
        NotAllowed: another role.
    """
    actor = current_actor()
    if actor.role not in rules.WATCHING:
        raise NotAllowed
    return actor


def rooms_of(actor: Actor) -> list[str]:
    """The rooms whose news concerns this person."""
    scope = f"office:{actor.office_id}" if actor.site_id is None else f"site:{actor.site_id}"
    groups = [f"{scope}:{group}" for group in rules.groups_for(actor.role)]
    return [*groups, f"{scope}:cameras"]


class WallNamespace(Namespace):
    """What a page of the wall may say."""

    def __init__(self, listener: Listener) -> None:
        super().__init__(NAMESPACE)
        self._listener = listener

    def on_connect(self, _auth: Any = None) -> None:
        """Let those in who may watch, into the rooms of their scope."""
        try:
            actor = watching_actor()
        except KaochangError as error:
            raise Refused(error.code) from error
        for room in rooms_of(actor):
            join_room(room)
        self._listener.joined(_page(), current_visit().id, actor)
        log.info("wall.connected", role=actor.role)

    def on_disconnect(self, _reason: Any = None) -> None:
        """Forget who has left."""
        self._listener.left(_page())

    def on_newer(self, after: Any) -> dict[str, Any]:
        """Answer what is newer than the last number the page has."""
        try:
            actor = watching_actor()
            number = after if isinstance(after, int) and not isinstance(after, bool) else 0
            items = reading.told(reading.newer(actor, number))
        except KaochangError as error:
            return {"error": error.code}
        return {"items": items}


class _SocketRequest(Request):
    """A request as Flask-SocketIO hands it to a handler."""

    sid: str


def _page() -> str:
    """The id of the page that speaks."""
    return cast("_SocketRequest", request).sid
