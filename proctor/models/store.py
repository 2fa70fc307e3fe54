"""Loads networks once per process, after checking that their bytes are the published ones."""

import hashlib
import threading
import tomllib
from contextlib import AbstractContextManager
from functools import cache
from pathlib import Path
from typing import Any, TypedDict

import cv2
import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from proctor.errors import BadInputError
from proctor.models.heads import in_one_table
from proctor.models.rectifiers import without_prelu
from proctor.models.shapes import free_sizes, with_input

FOLDER = Path(__file__).parent
FACES = "face_detection_yunet_2023mar.onnx"
IDENTITY = "face_recognition_sface_2021dec_int8.onnx"
OBJECTS = "nanodet_416_int8.onnx"

_ENLARGED = {OBJECTS: {"t306": 16, "t323": 8, "t340": 16, "t349": 32}}
_CHANNELS = 128
"""The constants of a network that hold the shape of an inner map: the stride of that map, and how
many channels it has."""
_HEADS = {
    FACES: [
        [f"{part}_{stride}" for part in ("cls", "obj", "bbox", "kps")] for stride in (8, 16, 32)
    ]
}
"""The outputs of a network that are read as one table: see detector.py for its columns."""
# Many cameras share few cores, one thread each: inner threads would only fight each other.
cv2.setNumThreads(1)
_ONE_AT_A_TIME = threading.RLock()
# Race stopped: two cameras' threads that load their first networks at once would both make it.
_REGISTERING = threading.Lock()


class ModelCard(TypedDict):
    """One entry of MODELS.toml."""

    file: str
    job: str
    sha256: str
    origin: str
    licence: str
    trained_on: str
    published: str


@cache
def cards() -> dict[str, ModelCard]:
    """Return the model cards by file name."""
    entries: list[ModelCard] = tomllib.loads((FOLDER / "MODELS.toml").read_text())["model"]
    return {card["file"]: card for card in entries}


def weights_sha256() -> str:
    """Return one hash over the hashes of all weights, for the ledger's start line."""
    listed = "\n".join(f"{name} {card['sha256']}" for name, card in sorted(cards().items()))
    return hashlib.sha256(listed.encode()).hexdigest()


def read(name: str, folder: Path = FOLDER) -> bytes:
    """Return the bytes of a weights file; raises BadInputError unless they are the published."""
    card = cards()[name]
    try:
        data = (folder / name).read_bytes()
    except OSError as error:
        raise BadInputError(f"weights {name}: cannot be read ({error.strerror})") from error
    if hashlib.sha256(data).hexdigest() != card["sha256"]:
        raise BadInputError(f"weights {name}: SHA-256 is not the published one; restore it")
    return data


@cache
def _sums_eight_bits() -> bool:
    """Whether the processor sums products of eight bits exactly (VNNI, 2019 and later).

    The runtime's quickest way without these instructions saturates, and would give other outputs
    than on other machines; told to be precise it is slower and gives the same ones.
    """
    try:
        flags = Path("/proc/cpuinfo").read_text()
    except OSError:
        return False
    return "avx512_vnni" in flags or "avx_vnni" in flags


@cache
def _share_memory() -> None:
    """Make the one arena that every session of this process works in."""
    allocator = ort.OrtAllocatorType.ORT_ARENA_ALLOCATOR
    info = ort.OrtMemoryInfo("Cpu", allocator, 0, ort.OrtMemType.DEFAULT)
    ort.create_and_register_allocator(info, None)


def _options() -> ort.SessionOptions:
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # One run at a time: all networks take their working memory from one place, which is kept. To
    # take it from the system for each run costs a fiftieth of all analysis.
    options.enable_mem_pattern = False
    with _REGISTERING:
        _share_memory()
    options.add_session_config_entry("session.use_env_allocators", "1")
    if not _sums_eight_bits():
        options.add_session_config_entry("session.x64quantprecision", "1")
    return options


def _read_joined(name: str) -> bytes:
    data = read(name)
    return in_one_table(data, _HEADS[name]) if name in _HEADS else data


@cache
def session(name: str) -> ort.InferenceSession:
    """Return the process's one session of a network: one thread, processor only."""
    data = _read_joined(name)
    if name == FACES:
        data = free_sizes(data)
    if name == IDENTITY:
        data = without_prelu(data)
    return ort.InferenceSession(data, _options(), providers=["CPUExecutionProvider"])


@cache
def _sized_session(name: str, height: int, width: int) -> ort.InferenceSession:
    """Return the session of a network for inputs of one size, a fifth faster than for any.

    Nothing in OBJECTS depends on its input's size but the four sizes to which it enlarges its inner
    maps. They are given anew in memory: the file stays the published one.
    """
    strides = _ENLARGED.get(name, {})
    inner = {
        key: (1, _CHANNELS, height // stride, width // stride) for key, stride in strides.items()
    }
    data = with_input(_read_joined(name), (1, 3, height, width), inner)
    return ort.InferenceSession(data, _options(), providers=["CPUExecutionProvider"])


def turn() -> AbstractContextManager[bool]:
    """Return what a thread holds while it makes a network's input and runs it.

    Race stopped: none that would give wrong numbers. Inputs and working memory of one look take up
    to 70 MB, and a process is promised one core: so one thread does it at a time.
    """
    return _ONE_AT_A_TIME


def run(name: str, tensor: NDArray[Any]) -> list[NDArray[np.float32]]:
    """Return a network's outputs for its one input."""
    with turn():
        results: list[NDArray[np.float32]] = session(name).run(None, {_input(name): tensor})
    return results


def run_sized(name: str, tensor: NDArray[Any]) -> list[NDArray[np.float32]]:
    """Return what `run` does, for an input (1, 3, height, width) of multiples of 32 pixels.

    Each size stays loaded: ask it for few.
    """
    with turn():
        sized = _sized_session(name, *tensor.shape[2:])
        results: list[NDArray[np.float32]] = sized.run(None, {sized.get_inputs()[0].name: tensor})
    return results


@cache
def _input(name: str) -> str:
    return str(session(name).get_inputs()[0].name)
