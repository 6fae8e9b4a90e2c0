"""Loss graphs: appends to a detector or a segmenter the inputs and operators that make its answer one number.

Formulas (README.md has them in full), with bce(l, t) = log(1 + e^l) - t l, the binary cross-entropy of a logit:

    yolox_loss         sum over cells of  objectness_weight bce(objectness, objectness_target)
                                        + sum over classes of class_weight bce(class, class_target)
                                        + box_weight (1 - GIoU(box, box_target))
    segmentation_loss  mean over pixels of  weight bce(logit, truth)
"""

from __future__ import annotations

from typing import Sequence

import numpy as np
import onnx
from onnx import NodeProto, TensorProto, helper

from graph import GradientError, Graph, attributes

FARTHEST = np.iinfo(np.int64).max
LARGEST_LOG_SIDE = 8.0  # e^8 strides: larger boxes would overflow, and no picture is that large
MOVING = ("Concat", "Slice", "Split", "Reshape", "Transpose", "Flatten", "Squeeze", "Unsqueeze", "Identity")


def yolox_loss(model: onnx.ModelProto, output: str, size: tuple[int, int], strides: Sequence[int], decoded: bool) -> onnx.ModelProto:
    """Adds the loss to a detector of YOLOX's layout for pictures of `size` = height, width."""
    g = Graph(model)
    g.prefix = "loss/"
    grid = [(np.mgrid[0:height, 0:width].reshape(2, -1)[::-1], s, height * width) for s in strides
            for height, width in [(-(-size[0] // s), -(-size[1] // s))]]
    cells = sum(count for _, _, count in grid)
    classes = _columns(g, output) - 5
    raw = before_sigmoid(g, output)
    _declare(g, "objectness_target", [1, cells])
    _declare(g, "objectness_weight", [1, cells])
    _declare(g, "class_target", [1, cells, classes])
    _declare(g, "class_weight", [1, cells, classes])
    _declare(g, "box_target", [1, cells, 4])
    _declare(g, "box_weight", [1, cells])
    columns = g.const([2, 2, 1, classes])
    centre, side, objectness, names = g.add_many("Split", [raw, columns], 4, axis=2)
    if decoded:
        half = g.add("Mul", side, g.number(0.5))
    else:
        # From offsets in cells to pixels of the input.
        offset = g.const(np.concatenate([at.T for at, _, _ in grid])[None], np.float32)
        stride = g.const(np.concatenate([np.full((count, 1), s) for _, s, count in grid])[None], np.float32)
        centre = g.add("Mul", g.add("Add", centre, offset), stride)
        half = g.add("Exp", g.add("Min", side, g.number(LARGEST_LOG_SIDE)))
        half = g.add("Mul", half, g.add("Mul", stride, g.number(0.5)))
    box = _one_minus_giou(g, g.add("Sub", centre, half), g.add("Add", centre, half), "box_target")
    parts = [
        g.add("Mul", "objectness_weight", _bce(g, g.add("Squeeze", objectness, g.const([2])), "objectness_target")),
        g.add("Mul", "class_weight", _bce(g, names, "class_target")),
        g.add("Mul", "box_weight", box),
    ]
    sums = [g.add("ReduceSum", part, keepdims=0) for part in parts]
    g.add("Add", g.add("Add", sums[0], sums[1]), sums[2], name="loss")
    return _with_loss(g)


def segmentation_loss(model: onnx.ModelProto, logits: str) -> onnx.ModelProto:
    """Adds the loss to a segmenter; `truth` and `weight` have the shape of its logits, n x 1 x h x w."""
    g = Graph(model)
    g.prefix = "loss/"
    for name in ("truth", "weight"):
        _declare(g, name, ["n", 1, "h", "w"])
    error = g.add("Mul", "weight", _bce(g, logits, "truth"))
    g.add("ReduceMean", error, name="loss", keepdims=0)
    return _with_loss(g)


def _bce(g: Graph, logit: str, target: str) -> str:
    return g.add("Sub", g.add("Softplus", logit), g.add("Mul", target, logit))


def _one_minus_giou(g: Graph, low: str, high: str, target: str) -> str:
    """1 - generalised overlap (Rezatofighi et al. 2019) of boxes [1, cells, 2] and 2 with [1, cells, 4]; [1, cells]."""
    other_low, other_high = g.add_many("Split", [target, g.const([2, 2])], 2, axis=2)
    inside = g.add("Relu", g.add("Sub", g.add("Min", high, other_high), g.add("Max", low, other_low)))
    inside = _area(g, inside)
    areas = g.add("Add", _area(g, g.add("Sub", high, low)), _area(g, g.add("Sub", other_high, other_low)))
    union = g.add("Sub", areas, inside)
    hull = _area(g, g.add("Sub", g.add("Max", high, other_high), g.add("Min", low, other_low)))
    little = g.number(1e-7)
    overlap = g.add("Div", inside, g.add("Add", union, little))
    empty = g.add("Div", g.add("Sub", hull, union), g.add("Add", hull, little))
    return g.add("Add", g.add("Sub", g.number(1.0), overlap), empty)


def _area(g: Graph, sides: str) -> str:
    width, height = g.add_many("Split", [sides, g.const([1, 1])], 2, axis=2)
    return g.add("Squeeze", g.add("Mul", width, height), g.const([2]))


def before_sigmoid(g: Graph, output: str) -> str:
    """The same values as `output`, but logits where it has sigmoids: a copy of what only moves values, without them.

    The logarithm of a rounded probability would lose what a gradient needs.
    """
    makers = {name: node for node in g.nodes for name in node.output}
    copies: dict[str, str] = {}
    found = 0

    def copy(name: str) -> str:
        nonlocal found
        node: NodeProto | None = makers.get(name)
        if name not in copies and node is not None and node.op_type == "Sigmoid":
            found += 1
            copies[name] = node.input[0]
        elif name not in copies and node is not None and node.op_type in MOVING:
            # Further inputs of these operators but Concat are sizes.
            count = len(node.input) if node.op_type == "Concat" else 1
            inputs = [copy(source) for source in node.input[:count]]
            if inputs == list(node.input[:count]):
                return name
            outputs = g.add_many(node.op_type, [*inputs, *node.input[count:]], len(node.output), **attributes(node))
            copies.update(zip(node.output, outputs))
        return copies.get(name, name)

    logits = copy(output)
    if found == 0:
        raise GradientError(f'no sigmoid was found behind "{output}": are its scores probabilities?')
    return logits


def _columns(g: Graph, output: str) -> int:
    declared = next((entry for entry in g.outputs if entry.name == output), None)
    if declared is None:
        raise GradientError(f'there is no output "{output}", only {", ".join(entry.name for entry in g.outputs)}')
    return declared.type.tensor_type.shape.dim[2].dim_value


def _declare(g: Graph, name: str, dims: Sequence[int | str]) -> None:
    g.inputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, list(dims)))


def _with_loss(g: Graph) -> onnx.ModelProto:
    return g.finish([helper.make_tensor_value_info("loss", TensorProto.FLOAT, []), *g.outputs])


def float_picture(model: onnx.ModelProto) -> onnx.ModelProto:
    """A graph whose input is n x h x w x 3 bytes, from where it has made floats 0..1, n x 3 x h x w, of them."""
    g = Graph(model)
    (entry,) = g.inputs
    if entry.type.tensor_type.elem_type == TensorProto.FLOAT:
        return model
    at, steps = entry.name, []
    while True:
        (user,) = [node for node in g.nodes if at in node.input]
        steps.append(user)
        at = user.output[0]
        if user.op_type in ("Div", "Mul"):
            break
    weights = {name: onnx.numpy_helper.to_array(tensor) for name, tensor in g.weights.items()}
    factor = weights.get(steps[-1].input[1], np.zeros(()))
    divides = steps[-1].op_type == "Div" and factor == 255 or np.isclose(factor * 255, 1)
    if sorted(step.op_type for step in steps[:-1]) != ["Cast", "Transpose"] or not divides:
        raise GradientError("the input is bytes, and what follows is not transpose, cast and division by 255")
    g.nodes = [node for node in g.nodes if node not in steps]
    for node in g.nodes:
        node.input[:] = [entry.name if name == at else name for name in node.input]
    g.inputs = [helper.make_tensor_value_info(entry.name, TensorProto.FLOAT, ["n", 3, "h", "w"])]
    return g.finish([])
