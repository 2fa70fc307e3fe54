import json
import shutil
from pathlib import Path

import pytest

from proctor.cli import main
from proctor.errors import BadInputError
from proctor.evaluate import evaluate


def test_found_stretches_and_hours_are_counted(
    troubled: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", str(troubled.with_suffix(".labels.json"))]) == 0
    table = capsys.readouterr().err
    assert "camera_covered         1/1" in table
    assert "false alerts per candidate-hour of normal footage 0.00" in table


def test_what_no_label_explains_is_false_and_what_nobody_saw_is_missed(
    troubled: Path, tmp_path: Path
) -> None:
    told = json.loads(troubled.with_suffix(".labels.json").read_text())
    told["stretches"] = [{"kind": "phone", "start": 1.0, "end": 4.0}]
    for name in (told["source"], told["reference"]):
        shutil.copy(troubled.with_name(name), tmp_path / name)
    labels = tmp_path / "other.labels.json"
    labels.write_text(json.dumps(told))
    scores = evaluate(tmp_path)
    assert (scores.kinds["phone"].labelled, scores.kinds["phone"].found) == (1, 0)
    assert {kind for kind, score in scores.kinds.items() if score.false} == {
        "several_faces",
        "camera_covered",
    }


@pytest.mark.parametrize("text", ["", "[]", '{"format": "other/1"}', '{"format": 3}'])
def test_labels_that_cannot_be_read_are_refused(text: str, tmp_path: Path) -> None:
    labels = tmp_path / "x.labels.json"
    labels.write_text(text)
    with pytest.raises(BadInputError, match="LABELS"):
        evaluate(labels)
    assert main(["evaluate", str(labels)]) == 2
