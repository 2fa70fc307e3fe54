"""Makes nodes of an ONNX graph as bytes, for what is changed of a network in memory.

Field numbers: onnx.proto, messages ModelProto, GraphProto, NodeProto, AttributeProto.
"""

from collections.abc import Mapping

from proctor.models.wire import field, single, whole

MODEL_GRAPH = 7
GRAPH_NODE = 1
NODE_INPUT, NODE_OUTPUT, NODE_KIND = 1, 2, 4
_NODE_ATTRIBUTE, _NODE_DOMAIN = 5, 7
_ATTRIBUTE_NAME, _ATTRIBUTE_SINGLE, _ATTRIBUTE_WHOLE, _ATTRIBUTE_TYPE = 1, 2, 3, 20
_ATTRIBUTE_IS_SINGLE, _ATTRIBUTE_IS_WHOLE = 1, 2


def node_field(
    kind: bytes,
    output: bytes,
    inputs: tuple[bytes, ...],
    settings: Mapping[bytes, float] | None = None,
    domain: bytes = b"",
) -> bytes:
    """Return a node with one output as a field of a graph.

    settings: its attributes, whole numbers or singles. domain: whose operator it is, empty for
    those of ONNX itself.
    """
    told = b"".join(field(NODE_INPUT, name) for name in inputs)
    told += field(NODE_OUTPUT, output) + field(NODE_KIND, kind)
    for name, value in (settings or {}).items():
        told += field(_NODE_ATTRIBUTE, field(_ATTRIBUTE_NAME, name) + _setting(value))
    return field(GRAPH_NODE, told + (field(_NODE_DOMAIN, domain) if domain else b""))


def _setting(value: float) -> bytes:
    if isinstance(value, int):
        return whole(_ATTRIBUTE_WHOLE, value) + whole(_ATTRIBUTE_TYPE, _ATTRIBUTE_IS_WHOLE)
    return single(_ATTRIBUTE_SINGLE, value) + whole(_ATTRIBUTE_TYPE, _ATTRIBUTE_IS_SINGLE)
