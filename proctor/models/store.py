"""Loads networks once per process, after checking that their bytes are the published ones."""

import hashlib
import tomllib
from functools import cache
from pathlib import Path
from typing import TypedDict

import cv2
import onnxruntime as ort

from proctor.errors import BadInputError
from proctor.models.shapes import free_sizes

FOLDER = Path(__file__).parent
FACES = "face_detection_yunet_2023mar.onnx"
IDENTITY = "face_recognition_sface_2021dec_int8.onnx"
OBJECTS = "nanodet_416.onnx"

# Many cameras share few cores, one thread each: inner threads would only fight each other.
cv2.setNumThreads(1)


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
    data = read(name)
    if name == FACES:
        data = free_sizes(data)
    return ort.InferenceSession(data, options, providers=["CPUExecutionProvider"])


@cache
def outputs(name: str) -> tuple[str, ...]:
    """Return the names of a network's outputs, in the order of its results."""
    return tuple(output.name for output in session(name).get_outputs())
