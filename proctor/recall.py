"""What a watch remembers of one camera, frozen so that an event can be judged again later.

A camera's background, a person's usual pose, half-collected evidence: an event stands on them as
much as on its pictures. They are written as plain data, and read back only into classes of the
modules listed here, without running anything of the file. Embeddings and settings are never part
of it: the registered person's photos are given again where they are needed.
"""

import base64
import gzip
import importlib
import io
import json
from collections import deque
from collections.abc import Iterable
from enum import Enum
from typing import Any

import numpy as np

FORMAT = "kaochang-baseline/11"
_REMEMBERING = frozenset(
    f"proctor.{name}"
    for name in (
        "answers",
        "attention",
        "closeup",
        "dating",
        "detector",
        "effort",
        "feed",
        "fusion",
        "health",
        "identity",
        "kinds",
        "objects",
        "observe",
        "pace",
        "pose",
        "seats",
        "seek",
        "phones",
        "sightings",
        "things",
    )
)
_NEVER = frozenset({"_effort", "_references", "_rule", "_settings"})
_SEQUENCES: dict[str, Any] = {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset}
_PLAIN = frozenset({bool, int, float, str})
_MOST_BYTES = 32 * 1024 * 1024

Frozen = Any
Packed = bytes


def freeze(value: Any) -> Frozen:
    """Return a copy of a value as plain data that later changes do not reach; arrays as text.

    Raises TypeError for a value of a class that is not known to only remember things.
    """
    if value is None or type(value) in _PLAIN:
        return value
    if isinstance(value, Enum | np.ndarray | np.generic):
        return _freeze_single(value)
    if isinstance(value, deque):
        return {"deque": _freeze_all(value), "most": value.maxlen}
    if isinstance(value, dict):
        return {"dict": [[freeze(key), freeze(held)] for key, held in value.items()]}
    if type(value) in _SEQUENCES.values():
        return {type(value).__name__: _freeze_all(value)}
    name = _named(type(value))
    fields = {key: freeze(x) for key, x in vars(value).items() if key not in _NEVER}
    return {"object": name, "fields": fields}


def _freeze_all(values: Iterable[Any]) -> list[Frozen]:
    return [x if type(x) in _PLAIN else freeze(x) for x in values]


def _freeze_single(value: Any) -> Frozen:
    if isinstance(value, Enum):
        return {"enum": _named(type(value)), "value": value.value}
    if isinstance(value, np.ndarray):
        packed = base64.b64encode(np.ascontiguousarray(value).data).decode()
        return {"array": [value.dtype.str, list(value.shape), packed]}
    return {"scalar": [value.dtype.str, value.item()]}


def thaw(frozen: Frozen, into: Any = None) -> Any:
    """Return what was frozen; objects are filled into those that stand in their place in `into`.

    Raises ValueError for what `freeze` did not make.
    """
    if not isinstance(frozen, dict):
        return frozen
    try:
        if "object" in frozen:
            return _thaw_object(frozen, into)
        return _thaw_value(frozen, into)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a frozen value: {error}") from error


def pack(value: Any) -> Packed:
    """Return what a value remembers as text: a fifth of the memory that `freeze` gives takes."""
    return json.dumps(freeze(value), separators=(",", ":")).encode()


def dump(header: dict[str, Any], packed: Packed) -> bytes:
    """Return header and packed state as a compressed file, the same bytes for the same state."""
    told = json.dumps({"format": FORMAT, **header}, separators=(",", ":")).encode()
    return gzip.compress(told[:-1] + b',"state":' + packed + b"}", 6, mtime=0)


def load(data: bytes) -> tuple[dict[str, Any], Frozen]:
    """Return header and frozen state of a file; raises ValueError for anything else."""
    try:
        with gzip.open(io.BytesIO(data)) as file:
            told = json.loads(file.read(_MOST_BYTES))
    except (OSError, EOFError) as error:
        raise ValueError("not a compressed baseline") from error
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        raise ValueError(f"not a {FORMAT} file")
    return told, told.pop("state", None)


def _thaw_value(frozen: dict[str, Any], into: Any) -> Any:
    if "enum" in frozen:
        return _class(frozen["enum"], Enum)(frozen["value"])
    if "array" in frozen:
        kind, shape, packed = frozen["array"]
        data = base64.b64decode(packed, validate=True)
        return np.frombuffer(data, np.dtype(kind)).reshape(shape).copy()
    if "scalar" in frozen:
        return np.dtype(frozen["scalar"][0]).type(frozen["scalar"][1])
    if "deque" in frozen:
        return deque((thaw(x) for x in frozen["deque"]), maxlen=frozen["most"])
    if "dict" in frozen:
        there = into if isinstance(into, dict) else {}
        pairs = [(thaw(key), value) for key, value in frozen["dict"]]
        return {key: thaw(value, there.get(key)) for key, value in pairs}
    ((name, values),) = frozen.items()
    places = into if isinstance(into, tuple) and len(into) == len(values) else [None] * len(values)
    return _SEQUENCES[name](thaw(x, place) for x, place in zip(values, places, strict=True))


def _thaw_object(frozen: dict[str, Any], into: Any) -> Any:
    kind = _class(frozen["object"], object)
    made = into if type(into) is kind and _may_change(into) else kind.__new__(kind)
    for name, value in frozen["fields"].items():
        if name in _NEVER:
            raise ValueError(f"{name} is never part of a baseline")
        object.__setattr__(made, name, thaw(value, getattr(made, name, None)))
    return made


def _may_change(value: Any) -> bool:
    params = getattr(type(value), "__dataclass_params__", None)
    return params is None or not params.frozen


def _named(kind: type) -> str:
    if kind.__module__ not in _REMEMBERING:
        raise TypeError(f"{kind.__module__}.{kind.__qualname__} cannot be part of a baseline")
    return f"{kind.__module__}:{kind.__name__}"


def _class(name: str, base: type) -> Any:
    module, _, kind = name.partition(":")
    if module not in _REMEMBERING:
        raise ValueError(f"{name} cannot be part of a baseline")
    found = getattr(importlib.import_module(module), kind)
    if not (isinstance(found, type) and issubclass(found, base) and found.__module__ == module):
        raise ValueError(f"{name} cannot be part of a baseline")
    return found
