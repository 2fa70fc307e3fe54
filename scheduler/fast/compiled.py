"""How the fast engine is compiled: once, kept on disk, and without the interpreter's lock.

Numba looks only at the file of a function to tell whether what it kept is still true, although code
from other files is built into it. So what is kept stands in a folder named by all sources here.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numba
import numpy as np

from scheduler.arrays import Whole

if TYPE_CHECKING:
    from collections.abc import Callable

Function = TypeVar("Function", bound="Callable[..., Any]")

#: Its settings are made when it is loaded, which no type checker sees.
_CONFIG: Any = numba.config
_FLAGS = {"nogil": True, "error_model": "numpy"}


def _keep_by_sources() -> None:
    """Choose the folder of compiled code, unless the environment names one."""
    if os.environ.get("NUMBA_CACHE_DIR"):
        return
    here = Path(__file__).parent
    digest = hashlib.sha256()
    for path in sorted(here.glob("*.py")):
        digest.update(path.read_bytes())
    bounds = "-bounds" if _CONFIG.BOUNDSCHECK else ""
    name = f"fast-{digest.hexdigest()[:16]}{bounds}"
    kept = here / "__pycache__"
    try:
        kept.mkdir(exist_ok=True)
        with tempfile.TemporaryFile(dir=kept):
            pass
    except OSError:
        kept = Path(tempfile.gettempdir()) / f"kaochang-{os.getuid()}"
    _CONFIG.CACHE_DIR = str(kept / name)


_keep_by_sources()


def compiled(function: Function) -> Function:
    """Compile a function that makes arrays or is called by the interpreter."""
    made: Function = numba.njit(**_FLAGS, cache=True)(function)
    return made


def inner(function: Function) -> Function:
    """Compile a function that is called by compiled ones alone, makes no array and returns none.

    Its arrays are not counted as used: the caller holds them. Counting would cost more than most of
    these functions do.
    """
    made: Function = numba.njit(
        **_FLAGS, _nrt=False, no_cpython_wrapper=True, no_cfunc_wrapper=True
    )(function)
    return made


@inner
def index(number: Whole) -> Whole:
    """Return a number that is not negative as an index, for the loops that take the time.

    Of every other Numba asks whether it counts from the end, which takes as long as the access. It
    is no number to reckon with: added to a signed one it becomes a float.
    """
    return np.uint64(number)
