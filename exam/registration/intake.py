"""Uploads that take longer than a reader waits: kept, worked off by the jobs process, followed.

What is on its way lies sealed below the data folder, one folder an upload, and is gone when its
rows stand in the database. The name of the folder is the id that the upload will have, made from
school and content: the same file handed in twice is one piece of work. A process that is killed in
the middle loses nothing: pictures that were made plain are found again. Of an upload that failed
the order alone is left, so that its page can say so, until the term of an upload is over.
"""

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import structlog
from flask import current_app

from exam import clock
from exam.db import db
from exam.errors import NotFound
from exam.people.roles import Actor, Role
from exam.policy.pack import Pack
from exam.registration import photos
from exam.registration.cells import Finding, text_of
from exam.registration.columns import Key
from exam.registration.reading import delivery_of
from exam.registration.uploads import Delivery, earlier, register_rows, school_of
from exam.sealing import files
from exam.sealing.keyring import CannotOpen

log = structlog.get_logger()
FOLDER = "incoming"
ORDER, TABLE, ZIP = "order.json", "table", "photos.zip"
AT_ONCE_PHOTOS = 10
"""A picture of a phone takes up to 140 ms of a core to be made plain."""
AT_ONCE_ROWS = 400
"""A row takes 1.2 to 1.5 ms of web and database together, a refused one 0.4 (measured,
`benchmarks/acts.py`): with ten large pictures besides, two seconds are not reached."""
NEVER_WHOLE = timedelta(days=1)
UNREADABLE = (CannotOpen, ValueError, TypeError)
"""What reading an order raises that is damaged, or whose key is missing."""
SLICE = 10
"""Pictures between two looks at the other jobs."""


@dataclass(frozen=True)
class Order:
    """An upload on its way: who handed it in, and how far it has come."""

    school_id: str
    account_id: str
    role: str
    office_id: str
    file_name: str
    sha256: str
    total: int
    done: int = 0
    failed: bool = False
    failed_at: str = ""
    """RFC 3339, by the application's clock; empty where it has not failed."""

    @property
    def actor(self) -> Actor:
        """Who handed it in."""
        ids = [UUID(x) for x in (self.account_id, self.office_id, self.school_id)]
        return Actor(ids[0], Role(self.role), ids[1], school_id=ids[2])


@dataclass(frozen=True)
class File:
    """What a school hands in: a table, and the zip of its photos."""

    name: str
    content: bytes
    photos: bytes | None


def hand_in(actor: Actor, file: File, *, now: datetime, pack: Pack) -> UUID:
    """Take a school's file: a small one at once, a large one on its way; returns the upload's id.

    Raises:
        InvalidInput: the file as a whole cannot be taken; nothing is kept.
        NotFound: the actor works for no school.
    """
    delivery = delivery_of(file.name, file.content, file.photos)
    names = _wanted(delivery)
    if len(names) <= AT_ONCE_PHOTOS and len(delivery.rows) <= AT_ONCE_ROWS:
        return register_rows(actor, delivery, now=now, pack=pack).id
    school = school_of(actor)
    known = earlier(school, delivery)
    if known is not None:
        return known.id
    order = Order(
        school_id=str(school.id),
        account_id=str(actor.account_id),
        role=actor.role.value,
        office_id=str(actor.office_id),
        file_name=delivery.file_name,
        sha256=delivery.sha256,
        total=len(names),
    )
    key = uuid5(school.id, delivery.sha256)
    try:
        _keep(key, TABLE, file.content)
        if file.photos:
            _keep(key, ZIP, file.photos)
        # The order comes last: whoever finds it finds all of it.
        _write(key, order)
    except BaseException:
        shutil.rmtree(_path(key), ignore_errors=True)
        raise
    return key


def order_of(actor: Actor, upload_id: UUID) -> Order | None:
    """How far an upload of one's own school has come; None where none is on its way."""
    order = _read(upload_id)
    return order if order and str(actor.school_id) == order.school_id else None


def work_off(now: datetime, pack: Pack) -> dict[str, Any]:
    """Do a slice of every upload on its way; safe to be killed and to be run again."""
    worked = 0
    for key, order in list(_waiting()):
        try:
            _advance(key, order, now=now, pack=pack)
        except (OSError, ValueError, KeyError, NotFound) as error:
            db.session.rollback()
            log.exception("upload.failed", upload=str(key), kind=type(error).__name__)
            _give_up(key, order, now)
        worked += 1
    return {"worked": worked}


def forget_failed(before: datetime) -> int:
    """Erase what is left of uploads that failed before then, or that never arrived whole.

    Whoever is killed while a school hands in leaves files without an order; these go after a day
    of the machine, by whose clock files have their times. What is still worked off stays.

    Returns:
        How many uploads something was erased of.
    """
    gone = 0
    for folder in sorted((_data() / FOLDER).glob("[!.]*")):
        key = UUID(folder.name)
        try:
            order = _read(key)
        except UNREADABLE as error:
            _note_unreadable(key, error)
            continue
        if order is None and _written(folder) < clock.real_now() - NEVER_WHOLE:
            shutil.rmtree(folder, ignore_errors=True)
        elif order is not None and order.failed and _failed(order, folder) < before:
            # The order alone: the same file may be arriving anew in the same folder.
            (folder / ORDER).unlink(missing_ok=True)
            with suppress(OSError):
                folder.rmdir()
        else:
            continue
        gone += 1
    return gone


def _failed(order: Order, folder: Path) -> datetime:
    """When it failed; orders of earlier releases do not say it, their files do."""
    if order.failed_at:
        return datetime.fromisoformat(order.failed_at)
    return _written(folder / ORDER)


def _written(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _advance(key: UUID, order: Order, *, now: datetime, pack: Pack) -> None:
    zipped = files.read(_name(key, ZIP), _data()) if _path(key, ZIP).exists() else None
    delivery = delivery_of(order.file_name, files.read(_name(key, TABLE), _data()), zipped)
    plain = PlainPictures(key)
    open_still = [x for x in _wanted(delivery) if plain.lacks(x)]
    for name in open_still[:SLICE]:
        plain.make(name, delivery.pictures)
    if len(open_still) > SLICE:
        _write(key, replace(order, done=order.total - len(open_still) + SLICE))
        return
    whole = replace(delivery, plain=plain.of, key=key)
    register_rows(order.actor, whole, now=now, pack=pack)
    shutil.rmtree(_path(key), ignore_errors=True)


class PlainPictures:
    """Pictures of an upload that have been made plain, or what is wrong with them."""

    def __init__(self, key: UUID) -> None:
        self._key = key

    def make(self, name: str, pictures: Mapping[str, bytes]) -> None:
        """Make one plain and keep it under a name of our own."""
        made = photos.picture_for(name, pictures)
        if isinstance(made, Finding):
            _keep(self._key, _plain_name(name, "json"), json.dumps(made.as_json()).encode())
        elif made is not None:
            _keep(self._key, _plain_name(name, "jpg"), made)

    def of(self, name: str) -> bytes | Finding | None:
        """The picture or the finding; None where it has not been looked at."""
        if self._has(name, "json"):
            told = json.loads(files.read(_name(self._key, _plain_name(name, "json")), _data()))
            return Finding(Key(told["column"]), told["code"], told["facts"])
        if self._has(name, "jpg"):
            return files.read(_name(self._key, _plain_name(name, "jpg")), _data())
        return None

    def lacks(self, name: str) -> bool:
        """Whether it has not been looked at."""
        return not (self._has(name, "json") or self._has(name, "jpg"))

    def _has(self, name: str, kind: str) -> bool:
        return _path(self._key, _plain_name(name, kind)).exists()


def _plain_name(name: str, kind: str) -> str:
    return f"plain-{uuid5(UUID(int=0), photos.plain_name(name)).hex}.{kind}"


def _wanted(delivery: Delivery) -> Sequence[str]:
    """Pictures that rows name and the zip holds, each once."""
    named = (text_of(x.cells.get(Key.PHOTO)) for x in delivery.rows)
    return list(dict.fromkeys(x for x in named if x and x in delivery.pictures))


def _data() -> Path:
    return Path(current_app.config["KAOCHANG"].data_folder)


def _name(key: UUID, file: str) -> str:
    return f"{FOLDER}/{key}/{file}"


def _path(key: UUID, file: str = "") -> Path:
    return _data() / FOLDER / str(key) / file


def _keep(key: UUID, file: str, content: bytes) -> None:
    files.write(_name(key, file), content, _data())


def _write(key: UUID, order: Order) -> None:
    _keep(key, ORDER, json.dumps(asdict(order)).encode())


def _read(key: UUID) -> Order | None:
    try:
        return Order(**json.loads(files.read(_name(key, ORDER), _data())))
    except FileNotFoundError:
        return None


def _waiting() -> Iterator[tuple[UUID, Order]]:
    """Uploads on their way with their orders, the oldest first.

    One whose order is damaged, or whose key is missing, waits for a person; others go on.
    """
    for path in sorted((_data() / FOLDER).glob(f"*/{ORDER}"), key=lambda x: x.stat().st_mtime):
        key = UUID(path.parent.name)
        try:
            order = _read(key)
        except UNREADABLE as error:
            _note_unreadable(key, error)
            continue
        if order is not None and not order.failed:
            yield key, order


def _note_unreadable(key: UUID, error: Exception) -> None:
    """Tell the log; the content stays out of it."""
    log.error("upload.unreadable", upload=str(key), kind=type(error).__name__)


def _give_up(key: UUID, order: Order, now: datetime) -> None:
    """Keep only that it failed; what it held is the school's to hand in again."""
    shutil.rmtree(_path(key), ignore_errors=True)
    _write(key, replace(order, failed=True, failed_at=now.isoformat()))
