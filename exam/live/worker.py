"""The camera worker: one process, one thread for each of its cameras, no database.

A camera that fails is tried again for ever, more and more slowly. What a killed worker left in a
folder is settled by the engine when the next one begins there. All evidence is sealed, with one key
for each stream and day.
"""

import threading
import time
from collections.abc import Sequence
from pathlib import Path

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import current_app

from exam.errors import InvalidInput
from exam.live import orders
from exam.live.evidence_keys import ring_of
from exam.live.sources import Reach, check_source, reach_of
from exam.live.streams import WatchedCamera, folder_of, signing_key
from proctor.errors import ProctorError
from proctor.kinds import View
from proctor.ledger import keys
from proctor.settings import Settings
from proctor.watch import utc_now, watch

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
        for camera in reachable(cameras, reach_of(current_app.config["KAOCHANG"]))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def reachable(cameras: Sequence[WatchedCamera], reach: Reach) -> list[WatchedCamera]:
    """The cameras that may be opened; the others are told of, and end nobody else's watch.

    Asked again here, at the last door before a connection: the list is a file, and what the
    installation allows may be narrower than when a camera was put into the house.
    """
    allowed = []
    for camera in cameras:
        try:
            check_source(camera.source, reach)
        except InvalidInput as error:
            log.warning("camera.source_refused", stream=camera.stream, why=str(error))
        else:
            allowed.append(camera)
    return allowed


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


def _keep(
    camera: WatchedCamera,
    settings: Settings,
    data_folder: Path,
    key: Ed25519PrivateKey,
    stop: threading.Event,
) -> None:
    source = camera.source if is_address(camera.source) else str(data_folder / camera.source)
    ring = ring_of(data_folder)
    pause = SHORTEST_PAUSE
    while not stop.is_set():
        began = time.monotonic()
        log.info("camera.watching", stream=camera.stream)
        try:
            out = folder_of(data_folder, camera.stream)
            if orders.obey(out, key):
                began = time.monotonic() - HEALTHY_SECONDS
            summary = watch(
                source,
                settings,
                out,
                key=key,
                stop=orders.Until(stop, out),
                seal=lambda: ring.of_day(camera.stream, utc_now()),
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
