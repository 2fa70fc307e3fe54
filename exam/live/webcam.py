"""A candidate's own camera: what her browser records is put where a camera worker takes it.

For the exam that she is sitting at this moment and no other, after she has agreed to it. Each
terminal has one such camera at most; its source names the sitting, so that two candidates' pictures
never meet in one folder. What nobody has watched when the exam ends is removed.
"""

import shutil
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from exam.audit import services as audit
from exam.db import db, new_id, transaction
from exam.errors import Busy, InvalidInput, NotFound, WrongState
from exam.examday.desk import WHOLE, sitting_in_scope
from exam.examday.models import Sitting, SittingState, Terminal
from exam.live.models import Camera
from exam.live.sources import PUSHED
from exam.live.states import View
from exam.live.streams import inbox_of
from exam.people.roles import Actor
from proctor.errors import BadInputError
from proctor.inbox import ChunkKind, Inbox, InboxFullError

KINDS = {"video/webm": ChunkKind.WEBM, "video/mp4": ChunkKind.MP4}
"""What a browser may send, by its Content-Type."""
BETWEEN = frozenset(
    {
        SittingState.RETAKE_OFFERED,
        SittingState.CHECKED_IN,
        SittingState.CALLED,
        SittingState.DRAWN,
    }
)
"""With an attempt behind her: she waits for her retake."""


def running(actor: Actor, sitting_id: UUID, *, locked: bool = False) -> Sitting:
    """The candidate's own sitting, at a terminal and under way.

    Raises:
        NotFound: unknown, or somebody else's.
        WrongState: it does not run now, or not at a terminal.
    """
    found = _own(actor, sitting_id, locked=locked)
    if found.state is not SittingState.TESTING or found.terminal_id is None:
        raise WrongState(
            _("Your camera is watched only while you sit an exam at a terminal."),
            current=found.state.value,
            wanted=SittingState.TESTING.value,
        )
    return found


def running_or_between(actor: Actor, sitting_id: UUID) -> tuple[Sitting, bool]:
    """The candidate's sitting, and whether it waits for its retake: then nothing is recorded.

    Raises:
        NotFound, WrongState: as `running` says, and it does not wait for a retake either.
    """
    found = _own(actor, sitting_id, locked=False)
    if found.state in BETWEEN and found.attempts:
        return found, True
    return running(actor, sitting_id), False


def _own(actor: Actor, sitting_id: UUID, *, locked: bool) -> Sitting:
    query = sa.select(Sitting).where(Sitting.id == sitting_id, sitting_in_scope(actor))
    query = query.options(*WHOLE).execution_options(populate_existing=True)
    found = db.session.scalar(query.with_for_update(of=Sitting) if locked else query)
    if found is None:
        raise NotFound
    return found


def begin(actor: Actor, sitting_id: UUID, *, agreed: bool, data_folder: Path, now: datetime) -> int:
    """Take note that she agrees, put her camera on the wall, and number her recorder.

    Race stopped: two pages of one candidate begin at once. The sitting is locked, so that there is
    one camera; each page gets a recorder of its own.

    Raises:
        NotFound, WrongState: as `running` says.
        InvalidInput: she has not agreed.
    """
    with transaction():
        sitting = running(actor, sitting_id, locked=True)
        if not agreed:
            raise InvalidInput(_("Agree first: without it nothing is recorded."), field="agreed")
        camera = _camera(sitting)
        source = _source(camera.stream, sitting.id)
        if not camera.enabled or camera.source != source:
            camera.enabled, camera.source = True, source
            audit.record(
                "webcam.agreed",
                sitting,
                now=now,
                account_id=actor.account_id,
                role=actor.role,
                for_person_id=actor.person_id,
                stream=camera.stream,
            )
        inbox = Inbox(inbox_of(data_folder, source))
    return inbox.new_recorder()


def take(
    actor: Actor,
    sitting_id: UUID,
    *,
    recorder: int,
    number: int,
    kind: str,
    data: bytes,
    data_folder: Path,
) -> None:
    """Put one chunk where the worker takes it; one that is there already stays as it is.

    Raises:
        NotFound, WrongState: as `running` says, or she has not begun.
        InvalidInput: naming what is wrong with the chunk.
        Busy: nobody takes what waits already; to be sent again a little later.
    """
    sitting = running(actor, sitting_id)
    stream = _stream(sitting)
    source = _source(stream, sitting.id)
    begun = sa.select(Camera.id).where(Camera.source == source, Camera.enabled)
    if db.session.scalar(begun) is None:
        raise WrongState(_("Switch your camera on first."), current="off", wanted="on")
    if kind not in KINDS:
        raise InvalidInput(_("Send WebM or MP4."), field="Content-Type")
    inbox = Inbox(inbox_of(data_folder, source))
    if not inbox.knows(recorder):
        raise InvalidInput(_("Load the page again: it has no recorder."), field="recorder")
    try:
        inbox.put(recorder, number, KINDS[kind], data)
    except BadInputError as error:
        raise InvalidInput(str(error), field="chunk") from error
    except InboxFullError as error:
        raise Busy from error


def retire(cameras: Iterable[Camera], data_folder: Path) -> None:
    """Take candidates' cameras whose exam is over off the wall, with what nobody watched of it."""
    pushed = [camera for camera in cameras if camera.source.startswith(PUSHED) and camera.enabled]
    if not pushed:
        return
    under_way = sa.select(Sitting.id, Sitting.terminal_id).where(
        Sitting.state == SittingState.TESTING,
        Sitting.terminal_id.in_({camera.terminal_id for camera in pushed}),
    )
    live = {_source(_named(row.terminal_id), row.id) for row in db.session.execute(under_way)}
    for camera in pushed:
        if camera.source not in live:
            camera.enabled = False
            shutil.rmtree(inbox_of(data_folder, camera.source), ignore_errors=True)


def _camera(sitting: Sitting) -> Camera:
    """The camera of her terminal, made when it is used for the first time."""
    stream = _stream(sitting)
    camera = db.session.scalar(
        sa.select(Camera).where(Camera.stream == stream).with_for_update(of=Camera)
    )
    if camera is None:
        terminal = db.session.get_one(Terminal, sitting.terminal_id)
        camera = Camera(
            id=new_id(),
            site_id=sitting.day.site_id,
            stream=stream,
            name_zh=f"{terminal.code} 号终端考生摄像头",
            name_en=f"Candidate’s camera at terminal {terminal.code}",
            view=View.SEAT,
            source="",
            people=1,
            terminal_id=terminal.id,
            enabled=False,
        )
        db.session.add(camera)
        db.session.flush()
    return camera


def _stream(sitting: Sitting) -> str:
    return _named(sitting.terminal_id)


def _named(terminal_id: UUID | None) -> str:
    return f"webcam-{terminal_id.hex}" if terminal_id else ""


def _source(stream: str, sitting_id: UUID) -> str:
    return f"{PUSHED}{stream}/{sitting_id.hex}"
