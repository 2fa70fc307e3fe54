import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.files import ROOT

LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"
BROKEN = {
    "scheduler/__init__.py": ("from flask import g", "The engines know no web"),
    "proctor/__init__.py": ("import scheduler", "The engines do not know each other"),
    "exam/people/__init__.py": (
        "from exam import booking",
        "A feature imports only what stands below it",
    ),
    "exam/booking/rules.py": ("import sqlalchemy", "Rules are pure"),
    "exam/nowhere.py": ("", "A feature imports only what stands below it"),
    "exam/processes/__init__.py": ("import flask", "Starting and watching processes"),
}


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", LINT, "--no-cache", "--no-logo"],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "PATH": "", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for house in ("exam", "scheduler", "proctor"):
        for source in (ROOT / house).rglob("*.py"):
            target = tmp_path / source.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)
    shutil.copy(ROOT / ".importlinter", tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", BROKEN)
def test_a_forbidden_import_is_refused(copy: Path, name: str) -> None:
    line, contract = BROKEN[name]
    with (copy / name).open("a") as file:
        file.write(f"\n{line}\n")
    done = lint(copy)
    assert done.returncode == 1, done.stdout + done.stderr
    broken = [text for text in done.stdout.splitlines() if text.endswith("BROKEN")]
    assert any(text.startswith(contract) for text in broken), done.stdout


def test_the_project_as_it_is_keeps_them(copy: Path) -> None:
    done = lint(copy)
    assert done.returncode == 0, done.stdout + done.stderr
