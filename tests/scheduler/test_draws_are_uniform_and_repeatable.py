"""Exam-day draws: committed before, revealed after, exactly uniform, repeated by anybody."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from scheduler import draw as draws
from scheduler.cli import main

PARTS = (bytes(range(32)), bytes(range(32, 64)))


def test_the_order_of_options_does_not_matter_and_the_context_does() -> None:
    one = draws.draw(["b", "a", "c"], PARTS, "sitting 7, vehicle")
    assert one == draws.draw(["c", "a", "b"], PARTS, "sitting 7, vehicle")
    results = {draws.draw(["b", "a", "c"], PARTS, f"sitting {n}").result for n in range(50)}
    assert results == {"a", "b", "c"}


def test_every_option_comes_as_often() -> None:
    options = [f"vehicle {number}" for number in range(5)]
    counts = Counter(draws.draw(options, PARTS, str(n)).result for n in range(5000))
    # Chi-square with 4 degrees of freedom: 27.9 is passed once in 100 000 honest sets.
    assert sum((count - 1000) ** 2 / 1000 for count in counts.values()) < 27.9


def test_numbers_that_would_favour_an_option_are_thrown_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = iter([b"\xff" * 32, (2).to_bytes(32, "big")])
    monkeypatch.setattr("hmac.digest", lambda *_: next(answers))
    assert draws.draw(["a", "b", "c"], PARTS, "x").result == "c"


def test_each_party_alone_can_change_the_draw() -> None:
    options = [str(number) for number in range(1000)]
    first = draws.draw(options, PARTS, "x").result
    assert draws.draw(options, (PARTS[0], b"\x01" * 32), "x").result != first
    assert draws.draw(options, (b"\x01" * 32, PARTS[1]), "x").result != first


@pytest.mark.parametrize(
    ("options", "parts"),
    [([], PARTS), (["a", "a"], PARTS), (["a"], ()), (["a"], (b"short",))],
)
def test_a_draw_that_cannot_be_fair_is_refused(options: list[str], parts: tuple) -> None:
    with pytest.raises(draws.DrawError):
        draws.draw(options, parts, "x")


def test_the_command_repeats_an_honest_record_and_names_a_changed_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = [draws.draw(["a", "b"], PARTS, str(n)).to_json() for n in range(3)]
    path = tmp_path / "draws.json"
    path.write_text(json.dumps(made))
    assert main(["draw", "verify", str(path), "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["results"] == [record["result"] for record in made]
    other = {"a": "b", "b": "a"}[made[1]["result"]]
    for change in (
        {"result": other},
        {"commitments": ["0" * 64, made[1]["commitments"][1]]},
        {"commitments": made[1]["commitments"][:1]},
        {"options": "ab"},
        {"seed_parts": ["zz"]},
        {"format": "other"},
    ):
        path.write_text(json.dumps([made[0], made[1] | change]))
        assert main(["draw", "verify", str(path)]) == 1
        assert "draw 2:" in capsys.readouterr().err
    path.write_text("{")
    assert main(["draw", "verify", str(path)]) == 1
    assert main(["draw", "verify", str(tmp_path / "nothing")]) == 2


def test_commitments_tell_nothing_but_bind() -> None:
    secret = draws.new_secret()
    assert len(draws.commit(secret)) == 64
    assert draws.commit(secret) == draws.commit(secret) != draws.commit(draws.new_secret())
