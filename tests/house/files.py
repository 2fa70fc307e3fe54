"""The files of the project, as its history knows them or will know them."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]


def project_files(*patterns: str) -> list[Path]:
    """Files that are in the history or new and not ignored, matching any of git's `patterns`."""
    listed = subprocess.run(
        # The checkout may belong to another user than the one who tests it.
        [
            "git",
            "-c",
            "safe.directory=*",
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
            "--",
            *patterns,
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    paths = (ROOT / name for name in listed.split("\0") if name)
    return sorted({path for path in paths if path.is_file()})


def found(pattern: str, paths: list[Path]) -> list[str]:
    """Where a regular expression occurs, as `file:line: text`, so that a failure reads itself."""
    expression = re.compile(pattern)
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:120]}"
        for path in paths
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if expression.search(line)
    ]
