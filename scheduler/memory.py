"""How much memory this process has taken."""

from __future__ import annotations

import resource
import sys
from pathlib import Path


def peak_mb() -> int:
    """Return the most memory this process has held, not counting what started it."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
        return int(status.split("VmHWM:")[1].split()[0]) // 1024
    except (OSError, IndexError, ValueError):
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return int(peak // (2**20 if sys.platform == "darwin" else 1024))
