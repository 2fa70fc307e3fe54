"""Names for the arrays that the engine passes around."""

from importlib import import_module
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

# The published stubs of pyarrow describe an older release; its functions are called untyped.
pa: Any = import_module("pyarrow")
pc: Any = import_module("pyarrow.compute")
pa_csv: Any = import_module("pyarrow.csv")
pa_parquet: Any = import_module("pyarrow.parquet")

# This allocator gives back what reading leaves behind, which is more than the round itself.
if "jemalloc" in pa.supported_memory_backends():
    pa.set_memory_pool(pa.jemalloc_memory_pool())

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
