"""Does the rectifiers of a quantised ONNX file in whole numbers, in memory: the same, far sooner.

A file in QDQ form keeps each layer's numbers as bytes and says that PRelu works on singles between
them. The runtime does just that, and it took four fifths of SFace. Of x and a slope a it is
max(x, a x) where a is 1 at most, and min(x, a x) where it is more; rounding keeps order, so that
both sides may be rounded to bytes first: x by a table of 256 entries, a x by a convolution of one
point a channel whose scale is a. It is bit for bit the same. Method: Jacob et al., Quantization and
Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference (2018), section 2.2.
Field numbers: onnx.proto, messages ModelProto, GraphProto, NodeProto, AttributeProto, TensorProto.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from proctor.models.graph import (
    GRAPH_NODE,
    MODEL_GRAPH,
    NODE_INPUT,
    NODE_KIND,
    NODE_OUTPUT,
    node_field,
)
from proctor.models.wire import field, fields, rewrite, whole

_GRAPH_CONSTANT = 5
_CONSTANT_SIDE, _CONSTANT_TYPE, _CONSTANT_NAME, _CONSTANT_DATA = 1, 2, 8, 9
_CONSTANT_TYPES = {np.dtype("<f4"): 1, np.dtype("i1"): 3, np.dtype("<i4"): 6}
_RUNTIMES_OWN = b"com.microsoft"
_ONE = 127
"""The weight of a convolution that stands for one times its scale: the largest of eight bits."""
_BEYOND = 2**30
"""A sum that is the largest byte at any scale a network has, and leaves room for its own weight."""


class _Node(NamedTuple):
    inputs: tuple[bytes, ...]
    outputs: tuple[bytes, ...]
    kind: bytes
    raw: bytes


class _Place(NamedTuple):
    """Where a rectifier stands: bytes in, bytes out, each with the names of its scale and zero."""

    into: tuple[bytes, ...]
    out: bytes
    rounding: tuple[bytes, ...]
    slopes: NDArray[np.float32]


def without_prelu(model: bytes) -> bytes:
    """Return an ONNX model that gives the same outputs and has no PRelu between bytes.

    Slopes are constants of single precision, one a channel, kept as raw bytes.
    """
    return rewrite(model, (MODEL_GRAPH,), _in_whole_numbers)


def _in_whole_numbers(graph: bytes) -> bytes:
    nodes = [_node(value) for number, _, value in fields(graph) if number == GRAPH_NODE]
    constants = dict(
        _constant(value) for number, _, value in fields(graph) if number == _GRAPH_CONSTANT
    )
    made: dict[bytes, bytes] = {}
    for before, node, after in _between_bytes(nodes):
        slopes = np.frombuffer(constants[node.inputs[1]], "<f4")
        place = _Place(before.inputs, after.outputs[0], after.inputs[1:], slopes)
        made |= {before.raw: b"", node.raw: b"".join(_rectifier(place)), after.raw: b""}
    return b"".join(made.get(raw, raw) for _, raw, _ in fields(graph))


def _between_bytes(nodes: list[_Node]) -> Iterator[tuple[_Node, _Node, _Node]]:
    """Yield each PRelu with the step from bytes before it and the one to bytes behind it."""
    source = {name: node for node in nodes for name in node.outputs}
    readers: dict[bytes, list[_Node]] = {}
    for node in nodes:
        for name in node.inputs:
            readers.setdefault(name, []).append(node)
    for node in nodes:
        if node.kind != b"PRelu":
            continue
        before, after = source.get(node.inputs[0]), readers.get(node.outputs[0], [])
        alone = before is not None and readers[node.inputs[0]] == [node] and len(after) == 1
        if before is None or not alone:
            continue
        if (before.kind, after[0].kind) == (b"DequantizeLinear", b"QuantizeLinear"):
            yield before, node, after[0]


def _rectifier(place: _Place) -> Iterator[bytes]:
    """Yield the fields of a graph that do the same: nodes in order, and their constants."""
    out, steep = place.out, place.slopes > 1.0
    same, sloped, either, above = (out + x for x in (b"/same", b"/sloped", b"/either", b"/above"))
    yield node_field(
        b"QLinearLeakyRelu",
        same,
        (*place.into, *place.rounding),
        {b"alpha": 1.0},
        domain=_RUNTIMES_OWN,
    )
    yield from _times(place, sloped, np.minimum(place.slopes, 1.0))
    if not steep.any():
        yield node_field(b"Max", out, (same, sloped))
        return
    yield node_field(b"Max", either, (same, sloped))
    bias = np.where(steep, 0, _BEYOND).astype("<i4")
    yield from _times(place, above, np.where(steep, place.slopes, 1.0), bias)
    yield node_field(b"Min", out, (either, above))


def _times(
    place: _Place,
    output: bytes,
    factors: NDArray[np.float32],
    bias: NDArray[np.int32] | None = None,
) -> Iterator[bytes]:
    """Yield what multiplies each channel by its factor: a convolution of one point."""
    count = len(factors)
    signs = np.where(factors < 0, -_ONE, _ONE).astype("i1").reshape(count, 1, 1, 1)
    scales = np.maximum(np.abs(factors) / _ONE, np.finfo(np.float32).tiny).astype("<f4")
    given = {b"/weight": signs, b"/scale": scales, b"/zero": np.zeros(count, "i1")}
    last = {} if bias is None else {b"/bias": bias}
    for mark, numbers in (given | last).items():
        yield _numbers(output + mark, numbers)
    names = (*place.into, *(output + mark for mark in given), *place.rounding)
    biased = (*names, *(output + mark for mark in last))
    yield node_field(b"QLinearConv", output, biased, {b"group": count})


def _node(node: bytes) -> _Node:
    told = [(number, value) for number, _, value in fields(node)]
    inputs, outputs, kinds = (
        tuple(value for number, value in told if number == wanted)
        for wanted in (NODE_INPUT, NODE_OUTPUT, NODE_KIND)
    )
    return _Node(inputs, outputs, b"".join(kinds), field(GRAPH_NODE, node))


def _constant(constant: bytes) -> tuple[bytes, bytes]:
    """Return a constant's name and its raw bytes, empty where it is kept otherwise."""
    told = {number: value for number, _, value in fields(constant)}
    return told.get(_CONSTANT_NAME, b""), told.get(_CONSTANT_DATA, b"")


def _numbers(name: bytes, numbers: NDArray[np.generic]) -> bytes:
    sides = b"".join(whole(_CONSTANT_SIDE, side) for side in numbers.shape)
    kind = whole(_CONSTANT_TYPE, _CONSTANT_TYPES[numbers.dtype])
    named = field(_CONSTANT_NAME, name) + field(_CONSTANT_DATA, numbers.tobytes())
    return field(_GRAPH_CONSTANT, sides + kind + named)
