"""Hears what the forwarder and other servers tell, and passes it on to the rooms it concerns.

One thread in a process that serves the wall; it starts with the first page that connects, since
nothing is done while an application is wired. A lost connection is made anew, and pages are told
to ask for what they have missed.
"""

import json
import threading
import time
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
import sqlalchemy as sa
import structlog
from flask import Flask
from flask_socketio import SocketIO

from exam.db import db
from exam.live.news import CHANNEL
from exam.people import visits
from exam.people.guards import actor_in
from exam.people.roles import Actor

log = structlog.get_logger()
RECHECK_SECONDS = 15.0
RECONNECT_SECONDS = 1.0


@dataclass(frozen=True)
class News:
    """A message for some rooms: the name of the event, and ids and states."""

    name: str
    rooms: list[str]
    message: dict[str, Any]


class Listener:
    """LISTENs on the wall's channel; knows who is connected, to end what is no longer allowed."""

    def __init__(self, app: Flask, socketio: SocketIO, namespace: str) -> None:
        self._app, self._socketio, self._namespace = app, socketio, namespace
        self._present: dict[str, tuple[UUID, Actor]] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()

    def joined(self, sid: str, visit_id: UUID, actor: Actor) -> None:
        """Note a page of a visit, and begin to listen with the first.

        Race stopped: two first pages starting two threads, so that all news would come twice.
        """
        with self._lock:
            self._present[sid] = (visit_id, actor)
            if self._thread is None or not self._thread.is_alive():
                self._stop.clear()
                self._thread = threading.Thread(target=self._run, daemon=True, name="wall")
                self._thread.start()

    def left(self, sid: str) -> None:
        """Forget a page."""
        with self._lock:
            self._present.pop(sid, None)

    def close(self) -> None:
        """End the thread; the next page starts a new one."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        url = self._app.config["KAOCHANG"].database_url
        while not self._stop.is_set():
            try:
                with psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
                    for channel in (CHANNEL, visits.CHANNEL):
                        connection.execute(f"LISTEN {channel}")
                    self._socketio.emit("missed", {}, namespace=self._namespace)
                    self._listen(connection)
            except (psycopg.OperationalError, sa.exc.DBAPIError):
                log.warning("wall.connection_lost")
                self._stop.wait(RECONNECT_SECONDS)

    def _listen(self, connection: psycopg.Connection[Any]) -> None:
        due = time.monotonic() + RECHECK_SECONDS
        while not self._stop.is_set():
            for heard in connection.notifies(timeout=0.5, stop_after=1):
                if heard.channel == visits.CHANNEL:
                    self._recheck()
                    continue
                news = news_of(heard.payload)
                self._socketio.emit(
                    news.name, news.message, to=news.rooms, namespace=self._namespace
                )
            if time.monotonic() >= due:
                self._recheck()
                due = time.monotonic() + RECHECK_SECONDS

    def _recheck(self) -> None:
        """Disconnect those whose visit, account or role has ended since they connected."""
        with self._lock:
            present = dict(self._present)
        with self._app.app_context():
            found = visits.with_ids({visit_id for visit_id, _actor in present.values()})
            allowed = {key: actor_in(visit) for key, visit in found.items()}
            db.session.rollback()
        for sid, (visit_id, actor) in present.items():
            if allowed.get(visit_id) != actor:
                self._socketio.server.disconnect(sid, namespace=self._namespace)


def news_of(payload: str) -> News:
    """Which rooms a notification concerns, and what they are told."""
    told = json.loads(payload)
    office, site = told.pop("office"), told.pop("site")
    name, about = ("item", told.get("group")) if "item" in told else ("tile", "cameras")
    return News(name, [f"office:{office}:{about}", f"site:{site}:{about}"], told)
