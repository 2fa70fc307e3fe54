"""Socket.IO: ids and states to rooms, rights checked in every handler."""

from flask import Flask
from flask_socketio import SocketIO

socketio = SocketIO()


def init_app(app: Flask) -> None:
    """Attach Socket.IO in threading mode."""
    socketio.init_app(app, async_mode="threading", cors_allowed_origins=[])
