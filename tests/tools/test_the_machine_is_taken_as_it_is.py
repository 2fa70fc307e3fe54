import os
import subprocess
from pathlib import Path

import pytest

from tests.house.files import ROOT
from tools import browser, frontend
from tools.steps import StepFailedError


def program(folder: Path, name: str, text: str) -> None:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with a shell and nothing else, and the folder for its programs."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.delenv(browser.VARIABLE, raising=False)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(browser, "NAMES", ("chromium", "google-chrome"))
    monkeypatch.setattr(browser, "_from_playwright", lambda: None)
    return tmp_path / "bin"


def test_a_chromium_that_starts_is_taken(machine: Path) -> None:
    program(machine, "chromium", "exit 1")
    program(machine, "google-chrome", "echo Chrome 156")
    assert browser.ensure() == str(machine / "google-chrome")


def test_without_a_chromium_one_sentence_says_what_to_do(machine: Path) -> None:
    program(machine, "chromium", "echo install the snap; exit 10")
    with pytest.raises(StepFailedError, match=r"apt-get install chromium fonts-noto-cjk"):
        browser.ensure()


def test_a_named_chromium_that_does_not_start_is_an_error(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(browser.VARIABLE, str(machine / "none"))
    with pytest.raises(StepFailedError, match=r"names .*none, which does not start"):
        browser.ensure()


@pytest.mark.parametrize(
    ("programs", "whose"),
    [
        ({"node": "v20.0.0", "npm": "10"}, "the machine's"),
        ({"node": "v26.1.0", "npm": "12"}, "the machine's"),
        ({"node": "v18.19.1", "npm": "9"}, "our own"),
        ({"node": "v22.0.0"}, "our own"),
        ({}, "our own"),
    ],
)
def test_node_is_the_machines_where_it_is_recent_enough(
    machine: Path, monkeypatch: pytest.MonkeyPatch, programs: dict[str, str], whose: str
) -> None:
    monkeypatch.setattr(frontend, "_own_node", lambda: (Path("our own"), ("npm",)))
    for name, version in programs.items():
        program(machine, name, f"echo {version}")
    expected = Path("our own") if whose == "our own" else machine / "node"
    assert frontend._node()[0] == expected


def test_without_a_recent_python_make_says_so() -> None:
    done = subprocess.run(
        ["make", "PYTHON=", "demo"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "Python 3.11 or newer is needed" in done.stderr
