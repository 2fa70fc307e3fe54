"""Frees the input and output sizes of an ONNX file, in memory.

YuNet is published with a fixed 640x640 input although nothing in its graph depends on it. Rather
than ship an altered file under another hash, the declared sizes are dropped when it is loaded: the
protobuf fields for inner shapes (graph field 13) go, inputs and outputs keep name and type only.
Field numbers: onnx.proto, messages ModelProto, GraphProto, ValueInfoProto, TypeProto, TensorProto.
"""

from collections.abc import Callable, Iterator, Mapping

_VARINT, _BYTES = 0, 2
_FIXED = {1: 8, 5: 4}
_MODEL_GRAPH = 7
_GRAPH_INPUT, _GRAPH_OUTPUT, _GRAPH_INNER = 11, 12, 13
_VALUE_TYPE, _TYPE_TENSOR, _TENSOR_SHAPE = 2, 1, 2
_SHAPE_SIDE, _SIDE_VALUE = 1, 1
_GRAPH_CONSTANT = 5
_CONSTANT_SIDE, _CONSTANT_TYPE, _CONSTANT_NAME, _CONSTANT_DATA, _INT64 = 1, 2, 8, 9, 7


def free_sizes(model: bytes) -> bytes:
    """Return the same ONNX model with every declared tensor size dropped."""
    return _rewrite(model, (_MODEL_GRAPH,), _free_graph)


def with_input(
    model: bytes, sides: tuple[int, ...], numbers: Mapping[str, tuple[int, ...]]
) -> bytes:
    """Return the same ONNX model for an input of `sides`, with some of its constants given anew.

    numbers: whole numbers by the constant's name. A network runs a quarter faster where its sizes
    are known when it is loaded.
    """
    dimensions = (_field(_SHAPE_SIDE, _number(_SIDE_VALUE, side)) for side in sides)
    shape = _field(_TENSOR_SHAPE, b"".join(dimensions))
    told = (_MODEL_GRAPH, _GRAPH_INPUT, _VALUE_TYPE, _TYPE_TENSOR)
    sized = _rewrite(free_sizes(model), told, lambda tensor: tensor + shape)
    given = {_field(_CONSTANT_NAME, name.encode()): them for name, them in numbers.items()}
    return _rewrite(
        sized, (_MODEL_GRAPH, _GRAPH_CONSTANT), lambda constant: _renumbered(constant, given)
    )


def _renumbered(constant: bytes, given: dict[bytes, tuple[int, ...]]) -> bytes:
    """Return a constant (TensorProto), its numbers replaced where its name is among the given."""
    name = next((raw for number, raw, _ in _fields(constant) if number == _CONSTANT_NAME), b"")
    numbers = given.get(name)
    if numbers is None:
        return constant
    data = b"".join(number.to_bytes(8, "little", signed=True) for number in numbers)
    made = _number(_CONSTANT_SIDE, len(numbers)) + _number(_CONSTANT_TYPE, _INT64)
    return made + name + _field(_CONSTANT_DATA, data)


def _number(field: int, value: int) -> bytes:
    return _encoded(field << 3 | _VARINT) + _encoded(value)


def _free_graph(graph: bytes) -> bytes:
    kept = bytearray()
    for number, raw, value in _fields(graph):
        if number == _GRAPH_INNER:
            continue
        if number in (_GRAPH_INPUT, _GRAPH_OUTPUT):
            path = (_VALUE_TYPE, _TYPE_TENSOR)
            kept += _field(number, _rewrite(value, path, _without_shape))
        else:
            kept += raw
    return bytes(kept)


def _without_shape(tensor: bytes) -> bytes:
    return b"".join(raw for number, raw, _ in _fields(tensor) if number != _TENSOR_SHAPE)


def _rewrite(message: bytes, path: tuple[int, ...], change: Callable[[bytes], bytes]) -> bytes:
    """Apply `change` to the submessage at `path`, copying everything else byte for byte."""
    if not path:
        return change(message)
    return b"".join(
        _field(number, _rewrite(value, path[1:], change)) if number == path[0] else raw
        for number, raw, value in _fields(message)
    )


def _fields(message: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Yield (field number, the field as encoded, its value when it is length-delimited)."""
    at = 0
    while at < len(message):
        start = at
        tag, at = _varint(message, at)
        wire, value = tag & 7, b""
        if wire == _VARINT:
            _, at = _varint(message, at)
        elif wire == _BYTES:
            size, at = _varint(message, at)
            value = message[at : at + size]
            at += size
        else:
            at += _FIXED[wire]
        yield tag >> 3, message[start:at], value


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def _field(number: int, value: bytes) -> bytes:
    return _encoded(number << 3 | _BYTES) + _encoded(len(value)) + value


def _encoded(value: int) -> bytes:
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
