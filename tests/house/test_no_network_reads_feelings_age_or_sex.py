"""What the house may look at: faces and objects; never feelings, age, sex, nor one face in many."""

import inspect
import re
import tomllib

from proctor import faces
from tests.house.files import ROOT, project_files

ALLOWED_JOBS = re.compile(r"face boxes|face embedding|COCO classes")
FORBIDDEN = re.compile(
    r"\b(emotion|feeling|gender|ethnic|race_|age_net|search_faces|identify_in)\w*", re.IGNORECASE
)


def test_only_weights_with_a_permitted_job_are_carried() -> None:
    listed = tomllib.loads((ROOT / "proctor/models/MODELS.toml").read_text())["model"]
    carried = {
        p.name for p in (ROOT / "proctor/models").iterdir() if p.suffix in {".onnx", ".tflite"}
    }
    assert {model["file"] for model in listed} == carried
    assert [m["job"] for m in listed if not ALLOWED_JOBS.search(m["job"])] == []


def test_the_engine_and_the_vision_worker_name_nothing_of_the_kind() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for folder in ("proctor", "exam/vision", "exam/live")
        for path in project_files("*.py")
        if str(path.relative_to(ROOT)).startswith(folder)
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if FORBIDDEN.search(line)
    ]
    assert found == []


def test_a_face_is_compared_with_one_reference_only() -> None:
    parameters = inspect.signature(faces.compare).parameters
    assert list(parameters) == ["reference", "probe"]
    assert "Sequence" not in str(parameters["reference"].annotation)
