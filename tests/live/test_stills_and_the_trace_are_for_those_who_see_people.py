from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from exam.audit.models import AuditRecord
from exam.db import db
from exam.people.roles import Actor, Role
from tests.live.conftest import Worker, forward_all

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient


@pytest.fixture
def kept(worker: Worker) -> Worker:
    """An event with a clip and, beside it, two stills and a trace."""
    number = worker.seen(severity="alert")
    worker.clip(number)
    for name in ("opened.jpg", "last.jpg", "trace.jsonl"):
        (worker.folder / "evidence" / f"{number:04}-{name}").write_bytes(name.encode())
    forward_all(worker)
    return worker


def viewings() -> int:
    query = sa.select(sa.func.count()).select_from(AuditRecord)
    return db.session.scalar(query.where(AuditRecord.act == "evidence.viewed")) or 0


def test_the_opening_picture_is_the_clips_cover_and_no_viewing(
    kept: Worker, client_of: Callable[[Actor], FlaskClient], actor_with: Callable[..., Actor]
) -> None:
    examiner = client_of(actor_with(Role.EXAMINER))
    page = examiner.get("/wall").get_data(as_text=True)
    poster = page.split('poster="')[1].split('"')[0]
    answer = examiner.get(poster)
    assert (answer.data, answer.mimetype) == (b"opened.jpg", "image/jpeg")
    assert answer.headers["Cache-Control"] == "no-store"
    assert viewings() == 0
    operator = client_of(actor_with(Role.SITE_OPERATOR))
    assert operator.get(poster).status_code == 403


def test_the_other_pictures_are_viewings_and_what_was_not_kept_is_not_found(
    kept: Worker, client_of: Callable[[Actor], FlaskClient], actor_with: Callable[..., Actor]
) -> None:
    examiner = client_of(actor_with(Role.EXAMINER))
    page = examiner.get("/wall").get_data(as_text=True)
    poster = page.split('poster="')[1].split('"')[0]
    assert examiner.get(poster.replace("/opened", "/last")).data == b"last.jpg"
    assert viewings() == 1
    for other in ("peak", "trace", "..", "baseline"):
        assert examiner.get(poster.replace("/opened", f"/{other}")).status_code == 404


def test_the_trace_can_be_taken_away_as_it_was_written(
    kept: Worker, client_of: Callable[[Actor], FlaskClient], actor_with: Callable[..., Actor]
) -> None:
    examiner, operator = (
        client_of(actor_with(role)) for role in (Role.EXAMINER, Role.SITE_OPERATOR)
    )
    page = examiner.get("/wall").get_data(as_text=True)
    address = page.split('poster="')[1].split('"')[0]
    address = address.replace("/stills/", "/traces/").removesuffix("/opened")
    answer = examiner.get(address)
    assert answer.data == b"trace.jsonl"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert operator.get(address).status_code == 403
