"""Locked packages, those of pages too, are asked about; where nobody answers, that is said."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tools import audit
from tools.steps import StepFailedError

if TYPE_CHECKING:
    from pathlib import Path


def program(folder: Path, told: str, code: int) -> Path:
    made = folder / "pip-audit"
    made.write_text(f"#!/bin/sh\ncat <<'END'\n{told}\nEND\nexit {code}\n")
    made.chmod(0o755)
    return made


def report(*vulns: str) -> str:
    return json.dumps({"dependencies": [{"name": "one", "version": "1", "vulns": [*vulns]}]})


def test_an_audit_that_could_not_ask_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert audit.ask(program(tmp_path, "Connection refused", 1)) is False
    assert "could NOT ask" in capsys.readouterr().out


def test_an_audit_that_skipped_a_package_says_which(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = json.dumps({"dependencies": [{"name": "odd", "skip_reason": "not found"}]})
    assert audit.ask(program(tmp_path, told, 0)) is False
    assert "odd" in capsys.readouterr().out


def test_a_known_weakness_ends_the_run(tmp_path: Path) -> None:
    with pytest.raises(StepFailedError, match="one 1"):
        audit.ask(program(tmp_path, report("CVE-1"), 1))


def test_nothing_known_is_an_answer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert audit.ask(program(tmp_path, report(), 0)) is True
    assert "NOT" not in capsys.readouterr().out


def npm(folder: Path, told: str, code: int) -> bool:
    return audit.ask_front_end([program(folder, told, code)], {}, folder)


def weaknesses(**severity: str) -> str:
    found = {name: {"name": name, "severity": x} for name, x in severity.items()}
    return json.dumps({"auditReportVersion": 2, "vulnerabilities": found})


@pytest.mark.parametrize(
    "told", ["npm error network", '{"message": "405 Method Not Allowed", "statusCode": 405}', "[]"]
)
def test_a_front_end_that_could_not_be_asked_about_is_told(
    told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert npm(tmp_path, told, 1) is False
    assert "front end's audit could NOT ask" in capsys.readouterr().out


def test_a_missing_npm_is_no_answer(tmp_path: Path) -> None:
    assert audit.ask_front_end([tmp_path / "none"], {}, tmp_path) is False


def test_a_known_weakness_in_what_a_browser_gets_ends_the_run(tmp_path: Path) -> None:
    with pytest.raises(StepFailedError, match=r"htmx \(high\)"):
        npm(tmp_path, weaknesses(htmx="high"), 1)


def test_nothing_known_of_the_front_end_is_an_answer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert npm(tmp_path, weaknesses(), 0) is True
    assert "NOT" not in capsys.readouterr().out


def test_only_what_reaches_a_browser_is_asked_about_from_the_lock_alone(tmp_path: Path) -> None:
    asked = tmp_path / "asked"
    made = program(tmp_path, weaknesses(), 0)
    made.write_text(made.read_text().replace("cat <<", f"echo $PWD $@ > {asked}\ncat <<"))
    assert audit.ask_front_end([made], {}, tmp_path) is True
    assert asked.read_text().split() == [
        str(tmp_path),
        "audit",
        "--package-lock-only",
        "--omit=dev",
        "--json",
    ]
