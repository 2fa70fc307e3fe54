"""Loads networks once per process, after checking that their bytes are the published ones."""

import hashlib
import threading
import tomllib
from functools import cache
from pathlib import Path
from typing import Any, TypedDict

import cv2
import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from proctor.errors import BadInputError
from proctor.models.shapes import free_sizes

FOLDER = Path(__file__).parent
FACES = "face_detection_yunet_2023mar.onnx"
IDENTITY = "face_recognition_sface_2021dec_int8.onnx"
OBJECTS = "nanodet_416.onnx"

# Many cameras share few cores, one thread each: inner threads would only fight each other.
cv2.setNumThreads(1)
_ONE_AT_A_TIME = threading.Lock()


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
def session(name: str) -> ort.InferenceSession:
    """Return the process's one session of a network: one thread, processor only."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # Patterns and arenas keep the most that any run ever took; one run at a time needs neither.
    options.enable_mem_pattern = False
    options.enable_cpu_mem_arena = False
    data = read(name)
    if name == FACES:
        data = free_sizes(data)
    return ort.InferenceSession(data, options, providers=["CPUExecutionProvider"])


def run(name: str, tensor: NDArray[Any]) -> list[NDArray[np.float32]]:
    """Return a network's outputs for its one input.

    Race stopped: none that would give wrong numbers. Each run at the same moment takes working
    memory of its own, up to 70 MB, and a process is promised one core: so one runs at a time.
    """
    with _ONE_AT_A_TIME:
        results: list[NDArray[np.float32]] = session(name).run(None, {_input(name): tensor})
    return results


@cache
def _input(name: str) -> str:
    return str(session(name).get_inputs()[0].name)


@cache
def outputs(name: str) -> tuple[str, ...]:
    """Return the names of a network's outputs, in the order of its results."""
    return tuple(output.name for output in session(name).get_outputs())
