"""Asking the vision worker and reading its answers; a process that serves pages never looks."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from exam.db import db, new_id, wake
from exam.vision.models import QuestionKind, QuestionState, VisionQuestion
from exam.vision.rules import AnswerState

CHANNEL = "vision"


@dataclass(frozen=True)
class Answer:
    """What the machine saw: a state and numbers, no verdict."""

    state: AnswerState
    facts: dict[str, Any]
    asked_at: datetime
    answered_at: datetime


def ask_photo(path: str, *, now: datetime) -> UUID:
    """Ask, in the caller's transaction, whether a picture is a usable portrait.

    Args:
        path: of the picture, below the data folder.
        now: the injected time.
    """
    return _ask(QuestionKind.PHOTO, None, path, now)


def ask_compare(reference: str, probe: str, *, now: datetime) -> UUID:
    """Ask, in the caller's transaction, whether two pictures show the same person.

    Args:
        reference: the registered photo, below the data folder.
        probe: the picture taken at the desk, below the data folder.
        now: the injected time.
    """
    return _ask(QuestionKind.COMPARE, reference, probe, now)


def answer_of(question_id: UUID) -> Answer | None:
    """The answer, or None while there is none."""
    found = db.session.get(VisionQuestion, question_id, populate_existing=True)
    if found is None or found.answered_at is None:
        return None
    return Answer(
        AnswerState(found.answer["state"]), found.answer["facts"], found.asked_at, found.answered_at
    )


def asked_at(question_id: UUID) -> datetime | None:
    """When a question was asked."""
    found = db.session.get(VisionQuestion, question_id)
    return found.asked_at if found else None


def _ask(kind: QuestionKind, reference: str | None, probe: str, now: datetime) -> UUID:
    question = VisionQuestion(
        id=new_id(),
        kind=kind,
        state=QuestionState.ASKED,
        reference=reference,
        probe=probe,
        asked_at=now,
        answer={},
    )
    db.session.add(question)
    wake(CHANNEL, str(question.id))
    return question.id
