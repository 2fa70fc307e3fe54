"""The cameras' process: follows the list, and lets the engine watch what stands in it.

It asks no database. The engine's workers are processes of their own, as many as the cameras need
and the machine has cores. All evidence is sealed, with one key for each stream and day.
"""

import threading
from collections.abc import Sequence
from pathlib import Path

import structlog

from exam.errors import ConfigurationError, InvalidInput
from exam.live import orders
from exam.live.sources import Reach, check_source
from exam.live.streams import (
    WatchedCamera,
    evidence_keys,
    folder_of,
    inbox_of,
    list_version,
    read_list,
    signing_key,
)
from proctor.addresses import PUSHED, is_file, is_pushed
from proctor.fleet.manager import Fleet
from proctor.fleet.orders import CameraOrder
from proctor.ledger import keys

log = structlog.get_logger()
LOOK_SECONDS = 1.0
WARNED = frozenset({"camera.failed", "camera.refused", "camera.defect", "worker.gone"})
DEMO_KEEP_BYTES = 200_000_000
"""What each of the demo's cameras, which loop for ever, may fill; an office's evidence is only
erased by order."""


def run(
    reach: Reach, stop: threading.Event, *, streams: frozenset[str] = frozenset(), demo: bool
) -> None:
    """Watch until `stop` is set; returns when every ledger has its end.

    streams: only these of the list, all where empty.
    """
    data_folder = reach.data_folder
    keys.load_or_create(signing_key(data_folder))  # once, before several workers want it
    fleet = Fleet(_say, key=signing_key(data_folder))
    keep_bytes = DEMO_KEEP_BYTES if demo else None
    seen = None
    try:
        while not stop.is_set():
            version = list_version(data_folder)
            if version != seen:
                seen = version
                _follow(fleet, reach, streams, keep_bytes)
            fleet.step(LOOK_SECONDS)
    finally:
        fleet.close()


def order_of(camera: WatchedCamera, data_folder: Path, *, keep_bytes: int | None) -> CameraOrder:
    """How the engine is to watch it: files are played in a loop at their own speed.

    `keep_bytes` is the demo's: clips beyond it are erased, oldest first.
    """
    source = camera.source
    if is_file(source):
        source = str(data_folder / source)
    elif is_pushed(source):
        source = PUSHED + str(inbox_of(data_folder, source))
    profile = data_folder / "profiles" / f"{camera.stream}.toml"
    return CameraOrder(
        stream=camera.stream,
        source=source,
        out=str(folder_of(data_folder, camera.stream)),
        view=camera.view,
        people=camera.people,
        seat=camera.seat,
        room=camera.room,
        profile=str(profile) if profile.exists() else "",
        keep_bytes=keep_bytes,
        keys=str(evidence_keys(data_folder)),
    )


def reachable(cameras: Sequence[WatchedCamera], reach: Reach) -> list[WatchedCamera]:
    """The cameras that may be opened; the others are told of, and end nobody else's watch.

    Asked again here, at the last door before a connection: the list is a file, and what the
    installation allows may be narrower than when a camera was put into the house.
    """
    allowed = []
    for camera in cameras:
        try:
            check_source(camera.source, reach, stream=camera.stream)
        except InvalidInput as error:
            log.warning("camera.source_refused", stream=camera.stream, why=str(error))
        else:
            allowed.append(camera)
    return allowed


def _follow(fleet: Fleet, reach: Reach, streams: frozenset[str], keep_bytes: int | None) -> None:
    """Watch what the list says now; one that cannot be read leaves everything as it is."""
    try:
        listed = reachable(read_list(reach.data_folder), reach)
    except ConfigurationError as error:
        log.warning("cameras.list_unreadable", why=str(error))
        return
    # A camera with an order to erase is let go; its folder is free within a look or two.
    key = keys.load_or_create(signing_key(reach.data_folder))
    waiting = {x.stream for x in listed if not orders.settled(reach.data_folder, x.stream, key)}
    listed = [x for x in listed if x.stream not in waiting]
    fleet.want(
        order_of(camera, reach.data_folder, keep_bytes=keep_bytes)
        for camera in listed
        if not streams or camera.stream in streams
    )


def _say(event: str, **facts: object) -> None:
    tell = log.warning if event in WARNED else log.info
    tell(event, **facts)
