import json
from collections.abc import Callable
from pathlib import Path

import pytest

from proctor.cli import main
from proctor.errors import BadInputError
from proctor.kinds import View
from proctor.precheck import SENTENCES, Advice, Precheck, precheck
from proctor.scenes import Part, Script
from proctor.settings import Settings

SEAT = Settings(view=View.SEAT)


@pytest.fixture(scope="session")
def checked(session_of: Callable[..., Path]) -> Callable[..., Precheck]:
    def made(part: Part = Part.NORMAL, settings: Settings = SEAT, **changes: float) -> Precheck:
        script = Script("B", ((part, 6.0),), seed=71, fps=5, **changes)
        return precheck(str(session_of(script)), settings, seconds=5.0)

    return made


def test_a_well_seen_candidate_needs_nothing(
    checked: Callable[..., Precheck], portrait: Callable[[str], Path]
) -> None:
    told = checked(settings=Settings(view=View.SEAT, references=(portrait("B"),)))
    assert told.advice == ()
    assert not told.human_watch
    assert told.detection_pm == 1000
    assert told.margin_pm is not None
    assert told.margin_pm > 0
    assert told.told()["sentences"] == []


def test_a_dark_face_is_told_to_be_lit_from_the_front(checked: Callable[..., Precheck]) -> None:
    told = checked(gain=0.3, noise=1.0)
    assert Advice.TOO_DARK in told.advice
    assert any("in front" in sentence for sentence in told.told()["sentences"])


def test_where_no_face_is_found_a_person_watches(checked: Callable[..., Precheck]) -> None:
    told = checked(Part.FACE_ABSENT)
    assert told.advice == (Advice.NO_FACE,)
    assert told.human_watch
    assert told.face_share_pm is None


def test_somebody_beside_the_candidate_is_told(checked: Callable[..., Precheck]) -> None:
    told = checked(Part.SEVERAL_FACES)
    assert Advice.SEVERAL_FACES in told.advice
    assert told.human_watch


def test_a_face_unlike_the_photo_is_compared_by_a_person(
    checked: Callable[..., Precheck], portrait: Callable[[str], Path]
) -> None:
    told = checked(settings=Settings(view=View.SEAT, references=(portrait("D"),)))
    assert Advice.UNLIKE_THE_PHOTO in told.advice
    assert told.human_watch


def test_a_covered_lens_is_no_sharp_face(checked: Callable[..., Precheck]) -> None:
    told = checked(Part.CAMERA_COVERED)
    assert Advice.NO_FACE in told.advice


def test_every_advice_has_its_sentence() -> None:
    assert set(SENTENCES) == set(Advice)


@pytest.mark.parametrize("seconds", [0.0, 1.9, 500.0, float("nan")])
def test_a_length_that_makes_no_sense_is_named(seconds: float, quiet: Path) -> None:
    with pytest.raises(BadInputError, match="seconds: "):
        precheck(str(quiet), SEAT, seconds=seconds)


def test_the_command_prints_numbers_and_sentences(
    quiet: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["precheck", str(quiet), "--seconds", "3", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["looks"] == 15
    assert told["detection_pm"] == 1000
    assert main(["precheck", str(quiet), "--seconds", "3"]) == 0
    assert "detection_pm: 1000" in capsys.readouterr().err
    assert main(["precheck", "/nowhere.mp4"]) == 2
