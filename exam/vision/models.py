"""Questions to the vision worker, asked and answered through the database."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from exam.db import Base, Id, Instant, Json, UTCDateTime, one_of


class QuestionKind(StrEnum):
    """What is asked."""

    PHOTO = "photo"
    """Is this a usable portrait: one face, large, sharp, lit."""
    COMPARE = "compare"
    """Is this the person of the registered photo, one to one."""


class QuestionState(StrEnum):
    """Life of a question; after its time a person checks, and a late answer is only kept.

    A worker holds the row's lock while it looks, so a killed one leaves the question asked.
    """

    ASKED = "asked"
    ANSWERED = "answered"


class VisionQuestion(Base):
    """One question with its answer in numbers. Pictures are paths below the data folder."""

    __tablename__ = "vision_question"
    __table_args__ = (
        sa.Index(
            "ix_vision_question_asked", "asked_at", postgresql_where=sa.text("state = 'asked'")
        ),
        sa.CheckConstraint(
            "(kind = 'compare') = (reference IS NOT NULL)", name="compare_has_reference"
        ),
        sa.CheckConstraint(
            "(state = 'answered') = (answered_at IS NOT NULL)", name="answered_has_time"
        ),
    )

    id: Mapped[Id]
    kind: Mapped[QuestionKind] = one_of(QuestionKind, "kind")
    state: Mapped[QuestionState] = one_of(QuestionState, "state")
    reference: Mapped[str | None] = mapped_column(sa.String(200))
    probe: Mapped[str] = mapped_column(sa.String(200))
    asked_at: Mapped[Instant]
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    answer: Mapped[Json] = mapped_column(default=dict)
    """{"state": …, "facts": {…}}; states: `exam.vision.rules.AnswerState`."""
