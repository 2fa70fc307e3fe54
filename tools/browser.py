"""Chromium for the browser tests: the machine's, Debian's package, or Playwright's own."""

from __future__ import annotations

import os
import shutil
import subprocess

from tools.steps import PYTHON, StepFailedError, answers, run, say

VARIABLE = "KAOCHANG_CHROMIUM"
NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
PACKAGES = ("chromium", "fonts-noto-cjk")


def ensure() -> str:
    """Path of a Chromium that starts here; tests find it in the variable `KAOCHANG_CHROMIUM`.

    Raises:
        StepFailedError: there is none and none can be installed.
    """
    found = _on_this_machine()
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        _install_from_debian()
        found = _on_this_machine()
    if found is None:
        found = _from_playwright()
    if found is None:
        raise StepFailedError(
            "the browser tests need Chromium and none could be installed: install it "
            f"(Debian: apt-get install {' '.join(PACKAGES)}) or name one with {VARIABLE}="
        )
    return found


def _on_this_machine() -> str | None:
    named = os.environ.get(VARIABLE)
    if named and _starts(named) is None:
        raise StepFailedError(f"{VARIABLE} names {named}, which does not start")
    return named or next(filter(None, (_starts(name) for name in NAMES)), None)


def _starts(name: str) -> str | None:
    # A name alone proves nothing: some systems carry a stub that only tells how to install it.
    path = shutil.which(name)
    return path if path and answers(path, "--no-sandbox", "--version") else None


def _install_from_debian() -> None:
    say("installing Chromium and Chinese fonts from the system's packages")
    env = {"DEBIAN_FRONTEND": "noninteractive"}
    install = ("apt-get", "install", "-y", "--no-install-recommends", *PACKAGES)
    try:
        run("apt-get", "update", env=env, quiet=True)
        run(*install, env=env, quiet=True)
    except StepFailedError as error:
        say(f"the system's packages gave no Chromium ({error})")


def _from_playwright() -> str | None:
    path = _playwright_path()
    if _starts(path) is None:
        say("installing Playwright's own Chromium")
        try:
            run(PYTHON, "-m", "playwright", "install", "--no-shell", "chromium")
        except StepFailedError as error:
            say(f"Playwright gave no Chromium ({error})")
    return _starts(path)


def _playwright_path() -> str:
    ask = (
        "from playwright.sync_api import sync_playwright\n"
        "with sync_playwright() as play: print(play.chromium.executable_path)"
    )
    done = subprocess.run(
        [PYTHON, "-c", ask],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip()
