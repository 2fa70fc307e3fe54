"""The example that other implementers test against is what this engine writes."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scheduler import checker
from scheduler.api import check, read_round, solve
from scheduler.plans import plan_files
from scheduler.tied import drawn, first_salt

EXAMPLE = Path(__file__).parent / "examples" / "first"


@pytest.mark.parametrize("name", ["assignments.csv", "refused.csv", "certificate.json"])
def test_every_byte_is_the_published_one(name: str) -> None:
    found = read_round(EXAMPLE / "round")
    files = plan_files(found, solve(found), parquet=False)
    assert files[name] == (EXAMPLE / "plan" / name).read_bytes()


def test_the_published_plan_holds_for_both_checkers() -> None:
    assert checker.check(EXAMPLE / "round", EXAMPLE / "plan") == []
    assert check(read_round(EXAMPLE / "round"), EXAMPLE / "plan") == []


def test_the_draw_of_the_readme_is_the_draw_of_the_plan() -> None:
    import numpy as np

    found = read_round(EXAMPLE / "round")
    salt = first_salt(found.sha256)
    people, seats = np.array([1, 3]), np.array([0, 1])
    as_published = drawn(salt, people, seats).sum()
    other_way = drawn(salt, people, seats[::-1]).sum()
    assert as_published < other_way


def test_the_checker_is_one_file_that_needs_nothing_else(tmp_path: Path) -> None:
    alone = shutil.copy(Path(checker.__file__), tmp_path / "checker.py")
    command = [sys.executable, "-I", "-S", str(alone), str(EXAMPLE / "round")]
    honest = subprocess.run([*command, str(EXAMPLE / "plan")], capture_output=True, check=False)
    assert (honest.returncode, honest.stdout, honest.stderr) == (0, b"", b"holds\n")
    spoilt = shutil.copytree(EXAMPLE / "plan", tmp_path / "plan")
    certificate = json.loads((spoilt / "certificate.json").read_bytes())
    certificate["prices"]["pools"]["n-mon-am-C1"] = 0
    text = json.dumps(certificate, sort_keys=True, separators=(",", ":"))
    (spoilt / "certificate.json").write_text(text)
    found = subprocess.run([*command, str(spoilt)], capture_output=True, check=False, text=True)
    assert found.returncode == 1
    assert "price: a03" in found.stderr
    bad = subprocess.run([*command[:-1], str(tmp_path), "x"], capture_output=True, check=False)
    assert bad.returncode == 2
