"""The ring of the running application: read when it is first needed, made only for the demo."""

import contextlib
import threading

from flask import Flask, current_app

from exam.config import Settings
from exam.sealing import keyring
from exam.sealing.keyring import Keyring

NAME = "kaochang.keyring"


class Holder:
    """Reads the key file once."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._ring: Keyring | None = None

    def ring(self) -> Keyring:
        """The installation's keys.

        Race stopped: two threads of the demo making the first key file; the file itself decides
        between two processes, and whoever comes second reads the first one's.

        Raises:
            ConfigurationError: there is no whole key file.
        """
        if self._ring is None:
            with self._lock:
                path = self._settings.keys_at
                if self._settings.demo and not path.exists():
                    with contextlib.suppress(FileExistsError):
                        keyring.write(keyring.new_ring(), path)
                self._ring = keyring.read(path)
        return self._ring

    def forget(self) -> None:
        """Read the file again at the next question."""
        self._ring = None


def init_app(app: Flask, settings: Settings) -> None:
    """Give the application its ring, unread."""
    app.extensions[NAME] = Holder(settings)


def ring() -> Keyring:
    """The keys of the current application."""
    holder: Holder = current_app.extensions[NAME]
    return holder.ring()


def forget() -> None:
    """The key file has changed."""
    current_app.extensions[NAME].forget()
