"""What can turn data into code, or a secret into a guess, is not used at all; so it needs no care."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest

from tests.house.files import found, project_files

if TYPE_CHECKING:
    from pathlib import Path

NEVER_CALLED = {
    "eval",
    "exec",
    "compile",
    "__import__",
    "os.system",
    "os.popen",
    "render_template_string",
    "from_string",
    "hashlib.md5",
    "hashlib.sha1",
    "yaml.load",
    "tarfile.open",
}
NEVER_IMPORTED = {"pickle", "marshal", "shelve", "telnetlib", "ftplib", "xml", "lxml", "jinja2"}
HOUSES = ("exam/**/*.py", "scheduler/**/*.py", "proctor/**/*.py")


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_name(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def dangerous(text: str) -> list[str]:
    """What a module does that it must not."""
    told = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call):
            name = _name(node.func)
            if name in NEVER_CALLED or name.rpartition(".")[2] == "from_string":
                told.append(f"{node.lineno}: calls {name}")
            if any(x.arg == "shell" for x in node.keywords):
                told.append(f"{node.lineno}: gives a line to a shell")
        if isinstance(node, ast.Import):
            told += [f"{node.lineno}: {x.name}" for x in node.names if x.name in NEVER_IMPORTED]
        if isinstance(node, ast.ImportFrom) and node.module in NEVER_IMPORTED:
            told.append(f"{node.lineno}: {node.module}")
        if isinstance(node, ast.Attribute) and _name(node) == "request.values":
            told.append(f"{node.lineno}: mixes what stands in an address with what was sent")
    return told


def test_no_module_turns_data_into_code() -> None:
    told = {
        str(path): lines
        for path in project_files(*HOUSES)
        if (lines := dangerous(path.read_text(encoding="utf-8")))
    }
    assert told == {}


@pytest.mark.parametrize(
    "text",
    [
        "eval('1')",
        "import pickle",
        "from xml import dom",
        "import os\nos.system('ls')",
        "import subprocess\nsubprocess.run('ls', shell=True)",
        "import hashlib\nhashlib.md5(b'')",
        "from flask import request\nrequest.values['a']",
        "environment.from_string(text)",
    ],
)
def test_the_search_finds_what_it_looks_for(text: str) -> None:
    assert len(dangerous(text)) == 1


def _scripts() -> list[Path]:
    return project_files("frontend/src/*.js")


def test_no_script_builds_code_or_keeps_anything_in_the_browser() -> None:
    words = r"\beval\(|new Function|document\.write|localStorage|sessionStorage|indexedDB"
    assert found(words, _scripts()) == []
    assert found(r"postMessage|addEventListener\(.message|document\.cookie", _scripts()) == []
    assert len(_scripts()) >= 3


def test_markup_from_the_server_is_put_in_place_at_one_spot_only() -> None:
    """There the server has escaped it; everything else is text."""
    spots = found(r"innerHTML\s*=|outerHTML\s*=|insertAdjacentHTML\(", _scripts())
    assert len(spots) == 1
    assert "await answer.text()" in spots[0]


def test_templates_escape_everything() -> None:
    assert found(r"\|\s*safe\b|autoescape\s+false", project_files("templates/*")) == []
