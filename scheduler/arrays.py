"""Names for the arrays that the engine passes around."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

# This allocator gives back what reading leaves behind, which is more than the round itself. Arrow's
# own functions take the one that is named when Arrow is loaded, whatever pool is set afterwards.
os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "jemalloc")

# The published stubs of pyarrow describe an older release; its functions are called untyped.
pa: Any = import_module("pyarrow")
pc: Any = import_module("pyarrow.compute")
pa_csv: Any = import_module("pyarrow.csv")
pa_parquet: Any = import_module("pyarrow.parquet")

if "jemalloc" in pa.supported_memory_backends():
    pa.set_memory_pool(pa.jemalloc_memory_pool())


class _Without:
    """Says of some packages alone that they are not installed."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names

    def find_spec(self, name: str, *_path: object) -> None:
        """See `importlib.abc.MetaPathFinder`."""
        if name in self.names:
            raise ModuleNotFoundError(name)


@contextmanager
def doing_without(*names: str) -> Iterator[None]:
    """Keep libraries from loading some packages, in a process that is ours alone."""
    finder: Any = _Without(names)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


def do_without_pandas() -> None:
    """Keep Arrow from loading pandas at its first conversion, in a process that is ours alone.

    It would cost half a second and 40 MB, for nothing that is done here. Arrow remembers that it
    found none; whoever else imports pandas later gets it.
    """
    with doing_without("pandas"):
        pa.scalar(0)


#: Whole numbers: int64, or int32 where they count rows.
Ints: TypeAlias = NDArray[Any]
Flags: TypeAlias = NDArray[np.bool_]
#: One number or flag inside compiled code, which is NumPy's or Python's.
Whole: TypeAlias = Any
Truth: TypeAlias = Any
#: 64 bits, wrapping round.
Words64: TypeAlias = NDArray[np.uint64]
#: An Arrow array of strings.
Texts: TypeAlias = Any
#: An Arrow table.
Table: TypeAlias = Any
