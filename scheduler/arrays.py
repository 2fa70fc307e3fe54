"""Names for the arrays that the engine passes around."""

import os
import sys
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


class _NoPandas:
    """Says of one package alone that it is not installed."""

    @staticmethod
    def find_spec(name: str, *_path: object) -> None:
        """See `importlib.abc.MetaPathFinder`."""
        if name == "pandas":
            raise ModuleNotFoundError(name)


def do_without_pandas() -> None:
    """Keep Arrow from loading pandas at its first conversion, in a process that is ours alone.

    It would cost half a second and 40 MB, for nothing that is done here. Arrow remembers that it
    found none; whoever else imports pandas later gets it.
    """
    finder: Any = _NoPandas
    sys.meta_path.insert(0, finder)
    pa.scalar(0)
    sys.meta_path.remove(finder)


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
