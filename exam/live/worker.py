"""The camera worker: one process, one thread for each of its cameras, no database.

A camera that fails is tried again for ever, more and more slowly. What a killed worker left in a
folder is settled by the engine when the next one begins there.
"""

import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import current_app

from exam.live import orders
from exam.live.streams import STILLS, WatchedCamera, folder_of, signing_key
from proctor.errors import ProctorError
from proctor.kinds import View
from proctor.ledger import keys
from proctor.ledger.lines import LineType
from proctor.settings import Settings
from proctor.watch import watch

log = structlog.get_logger()
SHORTEST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
HEALTHY_SECONDS = 60.0
DEMO_KEEP_BYTES = 200_000_000
"""What each of the demo's cameras, which loop for ever, may fill; an office's evidence is only
erased by order."""


def run(cameras: Sequence[WatchedCamera], data_folder: Path, stop: threading.Event) -> None:
    """Watch until `stop` is set; returns when every ledger has its end."""
    key = keys.load_or_create(signing_key(data_folder))
    keep_bytes = DEMO_KEEP_BYTES if current_app.config["KAOCHANG"].demo else None
    threads = [
        threading.Thread(
            target=_keep,
            args=(camera, settings_of(camera, keep_bytes=keep_bytes), data_folder, key, stop),
            name=camera.stream,
        )
        for camera in cameras
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def settings_of(camera: WatchedCamera, *, keep_bytes: int | None) -> Settings:
    """How the engine is to watch it: files are played in a loop at their own speed.

    `keep_bytes` is the demo's: clips beyond it are erased, oldest first.
    """
    return Settings(
        view=View(camera.view),
        people=camera.people,
        seat=camera.seat,
        stream=camera.stream,
        realtime=True,
        loop=not is_address(camera.source),
        keep_bytes=keep_bytes,
    )


def is_address(source: str) -> bool:
    """Whether a source is reached over the network or is a device, rather than a file of ours."""
    return "://" in source or source.startswith("/dev/")


class Stills:
    """Keeps, for each event that opens, the camera's newest small picture: a clip's cover."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._newest = folder / STILLS, b""

    def tile(self, picture: bytes) -> None:
        """Remember the newest picture."""
        self._newest = picture

    def event(self, line: dict[str, Any]) -> None:
        """Put a picture beside an event that has just opened, whole or not at all."""
        if line["type"] != LineType.OPENED or not self._newest:
            return
        self._folder.mkdir(exist_ok=True)
        path = self._folder / f"{line['payload']['event']:04}.jpg"
        draft = path.with_suffix(".draft")
        draft.write_bytes(self._newest)
        draft.replace(path)


def _keep(
    camera: WatchedCamera,
    settings: Settings,
    data_folder: Path,
    key: Ed25519PrivateKey,
    stop: threading.Event,
) -> None:
    source = camera.source if is_address(camera.source) else str(data_folder / camera.source)
    pause = SHORTEST_PAUSE
    while not stop.is_set():
        began = time.monotonic()
        log.info("camera.watching", stream=camera.stream)
        try:
            out = folder_of(data_folder, camera.stream)
            if orders.obey(out, key):
                began = time.monotonic() - HEALTHY_SECONDS
            stills = Stills(out)
            summary = watch(
                source,
                settings,
                out,
                key=key,
                stop=orders.Until(stop, out),
                on_event=stills.event,
                on_tile=stills.tile,
            )
            log.info("camera.ended", stream=camera.stream, ending=str(summary.ending))
        except ProctorError as error:
            log.warning("camera.failed", stream=camera.stream, why=str(error))
        except Exception:
            # One camera's defect must not end the others; it is told and tried again.
            log.exception("camera.defect", stream=camera.stream)
        if time.monotonic() - began >= HEALTHY_SECONDS:
            pause = SHORTEST_PAUSE
        stop.wait(pause)
        pause = min(LONGEST_PAUSE, pause * 2)
