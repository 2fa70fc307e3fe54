from pathlib import Path

import pytest

from tools import steps


@pytest.fixture(autouse=True)
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(steps, "ROOT", tmp_path)
    monkeypatch.setattr(steps, "STAMPS", tmp_path / ".local" / "stamps")
    (tmp_path / "sources" / "below").mkdir(parents=True)
    (tmp_path / "sources" / "a.js").write_text("one")
    (tmp_path / "sources" / "below" / "b.js").write_text("two")
    return tmp_path


def test_a_step_is_done_for_the_inputs_it_was_done_with(checkout: Path) -> None:
    before = steps.digest([checkout / "sources"])
    assert not steps.is_done("build", before)
    steps.mark_done("build", before)
    assert steps.is_done("build", before)
    (checkout / "sources" / "below" / "b.js").write_text("three")
    assert not steps.is_done("build", steps.digest([checkout / "sources"]))


def test_another_name_another_place_and_another_text_are_other_inputs(checkout: Path) -> None:
    sources = checkout / "sources"
    seen = {steps.digest([sources]), steps.digest([sources], also="3.12"), steps.digest([])}
    (sources / "a.js").rename(sources / "c.js")
    seen.add(steps.digest([sources]))
    (sources / "c.js").rename(sources / "below" / "c.js")
    seen.add(steps.digest([sources]))
    assert len(seen) == 5


def test_what_a_build_makes_among_its_sources_is_no_input(checkout: Path) -> None:
    before = steps.digest([checkout / "sources"])
    for made in ("node_modules", "__pycache__"):
        (checkout / "sources" / made).mkdir()
        (checkout / "sources" / made / "x").write_text("made")
    assert steps.digest([checkout / "sources"]) == before


def test_a_command_that_fails_is_named_and_a_quiet_one_then_speaks(
    checkout: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    words = ("sh", "-c", "echo the reason; exit 3")
    steps.run("sh", "-c", "echo nothing of interest", cwd=checkout, quiet=True)
    assert capfd.readouterr() == ("", "")
    with pytest.raises(steps.StepFailedError, match=r"`sh -c .*` ended with 3"):
        steps.run(*words, cwd=checkout, quiet=True)
    assert "the reason" in capfd.readouterr().err


def test_a_command_that_is_not_there_is_named(checkout: Path) -> None:
    with pytest.raises(
        steps.StepFailedError, match="kaochang-none cannot be started: No such file"
    ):
        steps.run("kaochang-none", cwd=checkout)
    assert steps.answers("kaochang-none", "--version") is None


def test_a_command_gets_no_standard_input(checkout: Path) -> None:
    steps.run("sh", "-c", 'test -z "$(cat)"', cwd=checkout)
