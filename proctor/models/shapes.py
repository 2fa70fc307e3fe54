"""Frees the input and output sizes of an ONNX file, in memory.

YuNet is published with a fixed 640x640 input although nothing in its graph depends on it. Rather
than ship an altered file under another hash, the declared sizes are dropped when it is loaded: the
protobuf fields for inner shapes (graph field 13) go, inputs and outputs keep name and type only.
Field numbers: onnx.proto, messages ModelProto, GraphProto, ValueInfoProto, TypeProto, TensorProto.
"""

from collections.abc import Mapping

from proctor.models.graph import MODEL_GRAPH
from proctor.models.wire import field, fields, rewrite, whole

_GRAPH_INPUT, _GRAPH_OUTPUT, _GRAPH_INNER = 11, 12, 13
_VALUE_TYPE, _TYPE_TENSOR, _TENSOR_SHAPE = 2, 1, 2
_SHAPE_SIDE, _SIDE_VALUE = 1, 1
_GRAPH_CONSTANT = 5
_CONSTANT_SIDE, _CONSTANT_TYPE, _CONSTANT_NAME, _CONSTANT_DATA, _INT64 = 1, 2, 8, 9, 7


def free_sizes(model: bytes) -> bytes:
    """Return the same ONNX model with every declared tensor size dropped."""
    return rewrite(model, (MODEL_GRAPH,), _free_graph)


def with_input(
    model: bytes, sides: tuple[int, ...], numbers: Mapping[str, tuple[int, ...]]
) -> bytes:
    """Return the same ONNX model for an input of `sides`, with some of its constants given anew.

    numbers: whole numbers by the constant's name. A network runs a quarter faster where its sizes
    are known when it is loaded.
    """
    dimensions = (field(_SHAPE_SIDE, whole(_SIDE_VALUE, side)) for side in sides)
    shape = field(_TENSOR_SHAPE, b"".join(dimensions))
    told = (MODEL_GRAPH, _GRAPH_INPUT, _VALUE_TYPE, _TYPE_TENSOR)
    sized = rewrite(free_sizes(model), told, lambda tensor: tensor + shape)
    given = {field(_CONSTANT_NAME, name.encode()): them for name, them in numbers.items()}
    return rewrite(
        sized, (MODEL_GRAPH, _GRAPH_CONSTANT), lambda constant: _renumbered(constant, given)
    )


def _renumbered(constant: bytes, given: dict[bytes, tuple[int, ...]]) -> bytes:
    """Return a constant (TensorProto), its numbers replaced where its name is among the given."""
    name = next((raw for number, raw, _ in fields(constant) if number == _CONSTANT_NAME), b"")
    numbers = given.get(name)
    if numbers is None:
        return constant
    data = b"".join(number.to_bytes(8, "little", signed=True) for number in numbers)
    made = whole(_CONSTANT_SIDE, len(numbers)) + whole(_CONSTANT_TYPE, _INT64)
    return made + name + field(_CONSTANT_DATA, data)


def _free_graph(graph: bytes) -> bytes:
    kept = bytearray()
    for number, raw, value in fields(graph):
        if number == _GRAPH_INNER:
            continue
        if number in (_GRAPH_INPUT, _GRAPH_OUTPUT):
            path = (_VALUE_TYPE, _TYPE_TENSOR)
            kept += field(number, rewrite(value, path, _without_shape))
        else:
            kept += raw
    return bytes(kept)


def _without_shape(tensor: bytes) -> bytes:
    return b"".join(raw for number, raw, _ in fields(tensor) if number != _TENSOR_SHAPE)
