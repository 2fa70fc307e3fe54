"""The vision worker: takes questions from the database, looks, answers; only here models load.

Race stopped: two workers answering one question. A worker holds the row's lock while it looks
(SKIP LOCKED gives the next one to the others), so the question of a killed worker is free again the
moment its connection ends.
"""

import dataclasses
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import sqlalchemy as sa
import structlog
from flask import Flask, current_app

from exam import clock
from exam.db import db, transaction
from exam.sealing import files
from exam.sealing.keyring import CannotOpen
from exam.vision.models import QuestionKind, QuestionState, VisionQuestion
from exam.vision.rules import AnswerState, photo_problems
from exam.vision.services import CHANNEL
from proctor import faces
from proctor.detector import find_faces
from proctor.errors import BadInputError
from proctor.models import store

log = structlog.get_logger()
PATIENCE_SECONDS = 2.0
"""How long to sleep without being woken; what was missed is then found in the table."""

Look = Callable[[VisionQuestion, Path], dict[str, Any]]


def run(app: Flask, stop: threading.Event) -> None:
    """Answer until told to end; a lost connection is tried again every second."""
    warm_up()
    log.info("vision.ready")
    while not stop.is_set():
        try:
            for _ in woken(app.config["KAOCHANG"].database_url, stop):
                with app.app_context():
                    while not stop.is_set() and answer_next():
                        pass
                    db.session.remove()
        except (psycopg.OperationalError, sa.exc.OperationalError):
            log.warning("vision.connection_lost")
            stop.wait(1)


def woken(url: str, stop: threading.Event) -> Iterator[None]:
    """Yield at once, then at each notice and at least every two seconds."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"LISTEN {CHANNEL}")
        while not stop.is_set():
            yield
            for _ in connection.notifies(timeout=PATIENCE_SECONDS, stop_after=1):
                pass


def warm_up() -> None:
    """Load both models once, so that the first question is as fast as the others."""
    store.session(store.IDENTITY)
    blank = np.full((160, 120, 3), 127, np.uint8)
    find_faces(blank, longest=640)


def answer_next(look: Look | None = None) -> bool:
    """Answer one waiting question; False when there is none.

    Somebody at the desk waits for a comparison, so these come first, the newest first; photos of
    uploads come in order.
    """
    waiting = (
        sa.select(VisionQuestion)
        .where(VisionQuestion.state == QuestionState.ASKED)
        .order_by(
            VisionQuestion.kind == QuestionKind.PHOTO,
            sa.case((VisionQuestion.kind == QuestionKind.COMPARE, VisionQuestion.id)).desc(),
            VisionQuestion.asked_at,
        )
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    with transaction() as session:
        question = session.scalar(waiting)
        if question is None:
            return False
        question.answer = (look or _look)(question, _folder())
        question.state = QuestionState.ANSWERED
        question.answered_at = clock.now()
        log.info("vision.answered", question=str(question.id), state=question.answer["state"])
    return True


def _folder() -> Path:
    folder: Path = current_app.config["KAOCHANG"].data_folder
    return folder.resolve()


def _look(question: VisionQuestion, folder: Path) -> dict[str, Any]:
    try:
        probe = _picture(folder, question.probe)
        if question.kind is QuestionKind.COMPARE:
            assert question.reference is not None
            return compare(_picture(folder, question.reference), probe)
        return check_photo(probe)
    except (BadInputError, CannotOpen, OSError) as error:
        return {"state": AnswerState.UNREADABLE, "facts": {"error": type(error).__name__}}


def compare(reference: bytes, probe: bytes) -> dict[str, Any]:
    """Compare two pictures: a state and numbers."""
    seen = faces.compare(reference, probe)
    score = None if seen.score is None else round(seen.score * 1000)
    facts = {"score_pm": score, "probe": dataclasses.asdict(seen.probe)}
    return {"state": AnswerState(seen.state), "facts": facts}


def check_photo(photo: bytes) -> dict[str, Any]:
    """Look at a registration photo: usable, or what stands against it."""
    facts = dataclasses.asdict(faces.check_photo(photo))
    problems = photo_problems(facts)
    state = AnswerState.UNUSABLE if problems else AnswerState.USABLE
    return {"state": state, "facts": {**facts, "problems": list(problems)}}


def _picture(folder: Path, name: str) -> bytes:
    """The bytes of a picture below the data folder; a path that leads outside is not read."""
    return files.read(name, folder)
