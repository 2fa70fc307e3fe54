"""The Python environment `.venv`, from lock files with hashes and nothing else."""

from __future__ import annotations

import sys

from tools.steps import (
    PYTHON,
    ROOT,
    VENV,
    StepFailedError,
    digest,
    is_done,
    mark_done,
    run,
    say,
)

REQUIREMENTS = ROOT / "requirements"
UV = VENV / "bin" / "uv"


def ensure(*, dev: bool = False) -> None:
    """Makes `.venv` hold exactly what the locks say: to run, and with `dev` to test.

    An environment made for testing keeps its tools when only the demo is asked for.

    Raises:
        StepFailedError: no venv can be made here, or a package is not to be had.
    """
    _ensure_uv()
    dev_inputs, base_inputs = (_inputs("dev"), _inputs("base"))
    if is_done("packages", dev_inputs) or (not dev and is_done("packages", base_inputs)):
        return
    wanted = "dev" if dev else "base"
    say(f"installing the locked packages (requirements/{wanted}.txt)")
    run(
        UV,
        *("pip", "sync", "--quiet", "--require-hashes", "--compile-bytecode"),
        *("--python", PYTHON),
        *(REQUIREMENTS / name for name in (f"{wanted}.txt", "uv.txt")),
    )
    mark_done("packages", dev_inputs if dev else base_inputs)


def install_beside(lock: str, target: str) -> None:
    """Installs a lock of its own into a folder of its own, outside the environment.

    Args:
        lock: name of a file in `requirements/`.
        target: folder, as a path from the checkout's root.
    """
    run(
        UV,
        *("pip", "install", "--quiet", "--require-hashes", "--no-deps", "--python", PYTHON),
        *("--target", ROOT / target, "-r", REQUIREMENTS / lock),
    )


def lock() -> None:
    """Writes the lock files anew from pyproject.toml, for every platform, without addresses."""
    _ensure_uv()
    groups = {
        "base.txt": ("pyproject.toml",),
        "dev.txt": ("pyproject.toml", "--group", "dev"),
        "node.txt": ("--group", "node"),
        "uv.txt": ("--group", "uv"),
    }
    for name, sources in groups.items():
        say(f"locking requirements/{name}")
        run(
            UV,
            *("pip", "compile", *sources, "--quiet", "--python-version", "3.11"),
            *("--universal", "--generate-hashes", "--no-header", "--no-annotate"),
            *("--no-emit-index-url", "--no-emit-find-links", "-o", REQUIREMENTS / name),
        )


def _inputs(name: str) -> str:
    locks = [REQUIREMENTS / f"{name}.txt", REQUIREMENTS / "uv.txt"]
    return digest(locks, also=f"{sys.version} {VENV}")


def _ensure_uv() -> None:
    inputs = digest([REQUIREMENTS / "uv.txt"], also=f"{sys.version} {VENV}")
    if is_done("uv", inputs) and UV.exists() and PYTHON.exists():
        return
    say(f"making .venv with Python {sys.version.split()[0]}")
    try:
        run(sys.executable, "-m", "venv", "--clear", VENV)
    except StepFailedError as error:
        raise StepFailedError(
            "no virtual environment can be made: install Python's venv module "
            "(Debian: apt-get install python3-venv) and start again"
        ) from error
    run(
        PYTHON,
        *("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"),
        *("-r", REQUIREMENTS / "uv.txt"),
    )
    mark_done("uv", inputs)
