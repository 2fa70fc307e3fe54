"""Makes the network for phones and people of whole numbers: from its floating-point file.

    python -m proctor.models.quantise NANODET.onnx OUT.onnx

Needs `pip install onnx sympy` besides the project's packages; nothing else here does. The file of
floating-point numbers is `proctor/models/nanodet_416.onnx` of this repository's history; its
SHA-256 stands in `MODELS.toml`. What the numbers of each layer reach is learnt from pictures that
the composer makes of the clips, as the cuts that the engine looks at.

Method: post-training static quantisation, affine activations by percentile (Jacob et al.,
Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference, 2018).
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import av
import numpy as np
import onnx
from onnx import numpy_helper
from onnxruntime.quantization import CalibrationMethod, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from proctor.closeup import View
from proctor.compose import compose
from proctor.detector import find_faces, lift
from proctor.objects import KINDS, SIDE, tensor_of
from proctor.planes import Planes
from proctor.scenes import PEOPLE, Part, Script

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

WHOLE = ("Conv", "LeakyRelu", "Concat", "MaxPool", "Resize", "Add")
"""What is done in whole numbers; the last few steps, which give scores, are not."""
CLASSES, SIDES = 80, 44
"""Scores, and bins of the four sides' distances, that the file gives a place."""
SESSIONS, EVERY, PICTURES = 24, 1.7, 120
REACHED = 99.9999
"""Per cent of a layer's numbers that its range holds."""


class Pictures:
    """What the range of each layer's numbers is learnt from, as the quantiser asks for it."""

    def __init__(self, name: str) -> None:
        """Take the name of the network's input; pictures are held in half precision, 1 MB each."""
        self._name = name
        every = [tensor.astype(np.float16) for tensor in _tensors()]
        chosen = np.random.default_rng(0).permutation(len(every))[:PICTURES]
        self._rest = iter([every[at] for at in chosen])

    def get_next(self) -> dict[str, NDArray[np.float32]] | None:
        """Return the next input, None when there is no more."""
        tensor = next(self._rest, None)
        return None if tensor is None else {self._name: tensor[None].astype(np.float32)}


def _tensors() -> Iterator[NDArray[np.float32]]:
    for seed in range(SESSIONS):
        with TemporaryDirectory() as folder:
            video = Path(folder) / "session.mp4"
            compose(_script(seed), video)
            yield from _cuts(video)


def _script(seed: int) -> Script:
    chance = np.random.default_rng(seed)
    return Script(
        str(chance.choice(list(PEOPLE))),
        ((Part.NORMAL, 8.0), (Part.PHONE, 6.0)),
        seed=seed,
        width=1280,
        height=720,
        fps=5,
        gain=chance.uniform(0.45, 1.15),
        noise=chance.uniform(0.6, 4.5),
        zoom=chance.uniform(1.0, 1.35),
        bit_rate=3_000_000,
        begins=int(chance.integers(200)),
    )


def _cuts(video: Path) -> Iterator[NDArray[np.float32]]:
    due = 0.0
    with av.open(str(video)) as source:
        for frame in source.decode(video=0):
            if frame.time < due:
                continue
            due = frame.time + EVERY
            planes = Planes(frame)
            cut = planes.cut(longest=320)
            faces = [cut.in_frame(x) for x in find_faces(lift(cut.picture), longest=320)]
            boxes = [None, *(view.box(faces[0]) for view in View)] if faces else [None]
            for box in boxes:
                yield tensor_of(planes.cut(box, longest=SIDE).picture, (SIDE, SIDE))


def _without_padding(source: Path, target: Path) -> None:
    """Let the pooling pad by itself: a step that pads with minus infinity has no range."""
    model = onnx.load(str(source))
    nodes = model.graph.node
    pad = next(node for node in nodes if node.op_type == "Pad")
    pool = next(node for node in nodes if pad.output[0] in node.input)
    pool.input[0] = pad.input[0]
    kept = [x for x in pool.attribute if x.name not in {"auto_pad", "pads"}]
    del pool.attribute[:]
    pool.attribute.extend([*kept, onnx.helper.make_attribute("pads", [1, 1, 1, 1])])
    nodes.remove(pad)
    for number, node in enumerate(nodes):
        node.name = f"n{number}_{node.op_type}"
    onnx.checker.check_model(model)
    onnx.save(model, str(target))


def _begin_in_singles(model: Any) -> list[str]:
    """Let the first layer be pooled before its rectifier; returns the names of these three steps.

    They stay in floating-point numbers: three channels are too few for the whole-number product,
    which takes longer. Both orders are the same, since a rectifier keeps the order of numbers.
    """
    nodes = model.graph.node
    layer = next(node for node in nodes if node.op_type == "Conv")
    rectifier, pool = (
        next(node for node in nodes if node.op_type == kind) for kind in ("LeakyRelu", "MaxPool")
    )
    between, out = rectifier.output[0], pool.output[0]
    pool.input[0], pool.output[0] = layer.output[0], between
    rectifier.input[0], rectifier.output[0] = between, out
    at = list(nodes).index(rectifier)
    moved = onnx.NodeProto()
    moved.CopyFrom(rectifier)
    nodes.remove(rectifier)
    nodes.insert(at + 1, moved)
    return [layer.name, pool.name, moved.name]


def keep_classes(model: Any, kept: tuple[int, ...]) -> None:
    """Leave out of a network with `CLASSES` scores a place all but those that are read.

    What is left is the same to the last bit: each class is a channel of its own.
    """
    channels = [*kept, *range(CLASSES, CLASSES + SIDES)]
    for constant in model.graph.initializer:
        numbers = numpy_helper.to_array(constant)
        if numbers.ndim and numbers.shape[0] == CLASSES + SIDES:
            fewer = np.ascontiguousarray(numbers[channels])
        elif numbers.dtype == np.int64 and CLASSES in numbers:
            fewer = np.where(numbers == CLASSES, len(kept), numbers)
        else:
            continue
        constant.CopyFrom(numpy_helper.from_array(fewer, constant.name))
    for output in model.graph.output:
        last = output.type.tensor_type.shape.dim[2]
        last.dim_value = len(kept) if last.dim_value == CLASSES else last.dim_value
    del model.graph.value_info[:]
    onnx.checker.check_model(model)


def main(source: Path, target: Path) -> None:
    """Make `target` from `source`."""
    with TemporaryDirectory() as folder:
        tidy, folded = Path(folder) / "tidy.onnx", Path(folder) / "folded.onnx"
        quant_pre_process(str(source), str(tidy))
        _without_padding(tidy, folded)
        model = onnx.load(str(folded))
        singles = _begin_in_singles(model)
        onnx.checker.check_model(model)
        onnx.save(model, str(folded))
        name: Any = model.graph.input[0].name
        quantize_static(
            str(folded),
            str(target),
            Pictures(name),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            calibrate_method=CalibrationMethod.Percentile,
            op_types_to_quantize=list(WHOLE),
            nodes_to_exclude=singles,
            extra_options={"CalibPercentile": REACHED},
        )
    model = onnx.load(str(target))
    keep_classes(model, KINDS)
    onnx.save(model, str(target))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
