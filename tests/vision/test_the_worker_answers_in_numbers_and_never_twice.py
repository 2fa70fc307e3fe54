from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

import psycopg
import pytest

from exam.db import db, transaction
from exam.vision import services, worker
from exam.vision.models import VisionQuestion
from exam.vision.rules import AnswerState
from proctor.models import store

if TYPE_CHECKING:
    from flask import Flask


def ask(reference: str, probe: str) -> UUID:
    with transaction() as session:
        key = services.ask_compare(reference, probe, now=datetime.now(UTC))
        session.flush()
    return key


def answered(key: UUID) -> services.Answer:
    found = services.answer_of(key)
    db.session.rollback()
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("reference", "probe", "state"),
    [
        ("book0.jpg", "book1.jpg", AnswerState.SAME),
        ("book0.jpg", "bird0.jpg", AnswerState.DIFFERENT),
        ("book0.jpg", "empty.jpg", AnswerState.NO_FACE),
        ("book0.jpg", "broken.jpg", AnswerState.UNREADABLE),
        ("book0.jpg", "missing.jpg", AnswerState.UNREADABLE),
        ("book0.jpg", "../outside.jpg", AnswerState.UNREADABLE),
    ],
)
def test_a_comparison_says_what_was_seen(
    app: Flask, reference: str, probe: str, state: AnswerState
) -> None:
    key = ask(reference, probe)
    assert worker.answer_next()
    assert answered(key).state is state
    assert not worker.answer_next()


def test_after_warming_up_no_model_is_loaded_while_somebody_waits(app: Flask) -> None:
    store.session.cache_clear()
    worker.warm_up()
    loaded = store.session.cache_info().misses
    assert loaded
    key = ask("book0.jpg", "book1.jpg")
    worker.answer_next()
    assert store.session.cache_info().misses == loaded
    assert answered(key).facts["score_pm"] > 520


def test_a_photo_is_judged_usable_or_named_for_what_it_lacks(app: Flask) -> None:
    with transaction():
        keys = [
            services.ask_photo(name, now=datetime.now(UTC)) for name in ("book0.jpg", "empty.jpg")
        ]
    while worker.answer_next():
        pass
    assert answered(keys[1]).state is AnswerState.UNUSABLE
    assert answered(keys[1]).facts["problems"] == ["no_face"]
    assert answered(keys[0]).facts["faces"] == 1


def test_somebody_at_the_desk_is_looked_at_before_photos_of_an_upload(app: Flask) -> None:
    with transaction():
        photo = services.ask_photo("book0.jpg", now=datetime.now(UTC))
    face = ask("book0.jpg", "book1.jpg")
    worker.answer_next()
    assert services.answer_of(face) is not None
    assert services.answer_of(photo) is None


def test_two_workers_never_answer_the_same_question(app: Flask) -> None:
    keys = [ask("book0.jpg", "book1.jpg") for _ in range(12)]
    seen: list[UUID] = []

    def look(question: VisionQuestion, _folder: object) -> dict[str, object]:
        seen.append(question.id)
        time.sleep(0.01)
        return {"state": "same", "facts": {}}

    def work() -> None:
        with app.app_context():
            while worker.answer_next(look):
                pass
            db.session.remove()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(seen) == sorted(keys)


def test_the_question_of_a_killed_worker_is_taken_over(app: Flask, database_url: str) -> None:
    key = ask("book0.jpg", "book1.jpg")
    with psycopg.connect(database_url) as killed:
        killed.execute("SELECT 1 FROM vision_question WHERE state = 'asked' FOR UPDATE")
        assert not worker.answer_next()
    assert worker.answer_next()
    assert answered(key).state is AnswerState.SAME


def test_a_question_wakes_the_worker_before_its_patience_ends(
    app: Flask, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "PATIENCE_SECONDS", 300.0)
    wakings = worker.woken(database_url, threading.Event())
    next(wakings)  # it looks once before it waits
    ask("book0.jpg", "book1.jpg")
    with ThreadPoolExecutor(1) as pool:
        pool.submit(next, wakings).result(timeout=60)
    wakings.close()


def test_a_running_worker_answers_until_it_is_told_to_end(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "PATIENCE_SECONDS", 0.1)
    stop, answered_one = threading.Event(), threading.Event()
    answer_next = worker.answer_next

    def watched() -> bool:
        done = answer_next()
        if done:
            answered_one.set()
        return done

    monkeypatch.setattr(worker, "answer_next", watched)
    key = ask("book0.jpg", "book1.jpg")
    thread = threading.Thread(target=worker.run, args=(app, stop))
    thread.start()
    try:
        assert answered_one.wait(60)
    finally:
        stop.set()
        thread.join(60)
    assert not thread.is_alive()
    assert answered(key).state is AnswerState.SAME
