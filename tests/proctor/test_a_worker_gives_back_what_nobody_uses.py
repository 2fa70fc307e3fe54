"""Many clips and stills at once take much memory for a moment: it goes back to the system."""

from __future__ import annotations

import os
import subprocess
import sys
from unittest.mock import MagicMock, patch

from proctor.effort import FULL
from proctor.fleet import crew as module
from proctor.fleet.worker import LEAN

TAKES_AND_LETS_GO = """
import psutil
from proctor.fleet.crew import give_back
held = [bytes(60_000) for _ in range(1000)]
last = held.pop()
held.clear()
before = psutil.Process().memory_info().rss
give_back()
print(before - psutil.Process().memory_info().rss, len(last))
"""


def test_free_memory_under_a_block_that_is_kept_goes_back_to_the_system() -> None:
    told = subprocess.run(
        [sys.executable, "-c", TAKES_AND_LETS_GO],
        env=os.environ | LEAN,
        capture_output=True,
        text=True,
        check=True,
    )
    given, kept = map(int, told.stdout.split())
    assert given > 40 * 2**20
    assert kept == 60_000


def test_a_worker_does_so_each_minute_beside_telling_its_load() -> None:
    crew, governor, over = MagicMock(), MagicMock(left_ms=1.0), MagicMock()
    governor.effort.return_value = FULL
    over.wait.side_effect = [False] * 25 + [True]
    with patch.object(module, "give_back") as given:
        module._tell_load(crew, governor, over)
    assert crew.tell.call_count == 25
    assert given.call_count == 2
    assert module._GIVE_BACK_EVERY * module._LOAD_EVERY == 60.0
