"""Joins the outputs of an ONNX file into one table, in memory: what is in one is read at once.

Field numbers: onnx.proto, messages GraphProto, ValueInfoProto, TypeProto.
"""

from collections.abc import Sequence

from proctor.models.graph import GRAPH_NODE, MODEL_GRAPH, node_field
from proctor.models.wire import field, fields, rewrite, whole

_GRAPH_OUTPUT = 12
_VALUE_NAME, _VALUE_TYPE, _TYPE_TENSOR, _TENSOR_KIND, _SINGLES = 1, 2, 1, 1, 1
_TABLE = b"table"


def in_one_table(model: bytes, heads: Sequence[Sequence[str]]) -> bytes:
    """Return an ONNX model with one output instead of those named, all of single precision.

    heads: names of outputs (1, n, columns), those of one head side by side, head below head.
    """
    rows = [f"table/{index}".encode() for index in range(len(heads))]
    nodes = b"".join(
        node_field(b"Concat", row, tuple(name.encode() for name in head), {b"axis": 2})
        for row, head in zip(rows, heads, strict=True)
    )
    nodes += node_field(b"Concat", _TABLE, tuple(rows), {b"axis": 1})
    kind = field(_VALUE_TYPE, field(_TYPE_TENSOR, whole(_TENSOR_KIND, _SINGLES)))
    output = field(_GRAPH_OUTPUT, field(_VALUE_NAME, _TABLE) + kind)

    def joined(graph: bytes) -> bytes:
        told = list(fields(graph))
        last = max(at for at, (number, _, _) in enumerate(told) if number == GRAPH_NODE)
        kept = [raw if number != _GRAPH_OUTPUT else b"" for number, raw, _ in told]
        return b"".join([*kept[: last + 1], nodes, *kept[last + 1 :], output])

    return rewrite(model, (MODEL_GRAPH,), joined)
