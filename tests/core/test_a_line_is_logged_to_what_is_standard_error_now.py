"""A process whose standard error was exchanged and closed goes on writing its log, to the new one."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import structlog

from exam import logs

if TYPE_CHECKING:
    import pytest


def test_a_log_set_up_before_standard_error_was_exchanged_writes_to_the_new_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    at_the_start, now = io.StringIO(), io.StringIO()
    before = structlog.get_config()
    try:
        monkeypatch.setattr("sys.stderr", at_the_start)
        logs.configure(json=True)
        log = structlog.get_logger()
        at_the_start.close()
        monkeypatch.setattr("sys.stderr", now)
        log.warning("camera.source_refused", stream="s1")
    finally:
        structlog.configure(**before)
    assert '"camera.source_refused"' in now.getvalue()
