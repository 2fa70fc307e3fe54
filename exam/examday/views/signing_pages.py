"""The candidate's results: the sheet, her signature, the retake, and the draw to repeat."""

from collections.abc import Callable
from uuid import UUID

from flask import Blueprint, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from exam import clock
from exam.examday import drawing, mine, services
from exam.examday.desk import read_sitting
from exam.examday.forms import DrawWordsForm
from exam.examday.models import SignatureRole
from exam.examday.rules import sheet_sha256
from exam.examday.signing import sheet, signature
from exam.examday.views.day_pages import act, names_of, shared
from exam.people.guards import current_actor
from exam.policy import scoring

signing = Blueprint("signing", __name__)


@signing.get("/")
def results() -> ResponseReturnValue:
    """All exams of the candidate."""
    rows = mine.sittings_of_person(current_actor())
    return render_template("examday/results.html", rows=rows, **shared())


@signing.get("/<uuid:sitting_id>")
def result(sitting_id: UUID) -> ResponseReturnValue:
    """The sheet with each deduction in words."""
    found = read_sitting(current_actor(), sitting_id)
    editions = {x.standard_edition for x in found.attempts}
    examiners: set[UUID | None] = {x.examiner_id for x in found.attempts}
    return render_template(
        "examday/result.html",
        sitting=found,
        standards={x: scoring.load(x) for x in editions},
        sha256=sheet_sha256(sheet(found)),
        examiner_signed=signature(found.id, SignatureRole.EXAMINER),
        candidate_signed=signature(found.id, SignatureRole.CANDIDATE),
        names=names_of(examiners | {found.examiner_id}),
        commitment=drawing.commitment(found),
        form=DrawWordsForm(words=found.candidate_words),
        **shared(),
    )


@signing.post("/<uuid:sitting_id>/sign")
def sign(sitting_id: UUID) -> ResponseReturnValue:
    """Sign what was read."""
    actor, seen = current_actor(), request.form.get("sheet", "")
    return _act(
        sitting_id,
        lambda: services.sign_as_candidate(
            actor, sitting_id, sheet_sha256_seen=seen, now=clock.now()
        ),
    )


@signing.post("/<uuid:sitting_id>/retake")
def retake(sitting_id: UUID) -> ResponseReturnValue:
    """Take the retake, or decline it."""
    actor, taken = current_actor(), request.form.get("taken") == "yes"
    return _act(
        sitting_id,
        lambda: services.answer_retake(actor, sitting_id, taken=taken, now=clock.now()),
    )


@signing.post("/<uuid:sitting_id>/words")
def words(sitting_id: UUID) -> ResponseReturnValue:
    """Add words of one's own to the draw."""
    actor, said = current_actor(), DrawWordsForm().words.data or ""
    return act(
        url_for("signing.result", sitting_id=sitting_id),
        lambda: services.add_words(actor, sitting_id, said, now=clock.now()),
        _("Your words are part of the draw now."),
    )


@signing.get("/<uuid:sitting_id>/draw")
def draw(sitting_id: UUID) -> ResponseReturnValue:
    """What was drawn, from what, and how to repeat it."""
    found = read_sitting(current_actor(), sitting_id)
    rows = drawing.draws_of(found.id)
    drawn = {UUID(o) for x in rows for o in x.record["examiner"]["options"]}
    return render_template(
        "examday/draw.html",
        sitting=found,
        draws=[(x, drawing.repeat(x.record)) for x in rows],
        names={str(k): v for k, v in names_of({*drawn}).items()},
        **shared(),
    )


@signing.get("/<uuid:sitting_id>/draw.json")
def draw_record(sitting_id: UUID) -> ResponseReturnValue:
    """The records as `python -m scheduler draw verify` reads them."""
    found = read_sitting(current_actor(), sitting_id)
    return jsonify([x for row in drawing.draws_of(found.id) for x in row.record.values()])


def _act(sitting_id: UUID, step: Callable[[], object]) -> ResponseReturnValue:
    return act(url_for("signing.result", sitting_id=sitting_id), step)
