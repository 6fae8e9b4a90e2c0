"""Rules of convolution, pooling and resizing."""

from __future__ import annotations

from typing import Any

import numpy as np
from onnx import NodeProto

from graph import Graph, attributes, unsupported
from rules import Contribution, rule, the

Gradients = "list[str | None]"
FARTHEST = np.iinfo(np.int64).max


class Windows:
    """How a kernel moves over its input: kernel, strides, dilations and pads of each axis."""

    def __init__(self, g: Graph, node: NodeProto, kernel: "tuple[int, ...]") -> None:
        known: dict[str, Any] = attributes(node)
        self.kernel = kernel
        count = len(kernel)
        self.strides = list(known.get("strides", [1] * count))
        self.dilations = list(known.get("dilations", [1] * count))
        self.group = known.get("group", 1)
        pads = list(known.get("pads", [0] * (2 * count)))
        automatic = known.get("auto_pad", b"NOTSET")
        if automatic in (b"SAME_UPPER", b"SAME_LOWER"):
            pads = self._same(g, node, automatic == b"SAME_UPPER")
        self.begins, self.ends = pads[:count], pads[count:]

    @property
    def spans(self) -> list[int]:
        return [d * (k - 1) for k, d in zip(self.kernel, self.dilations)]

    def _same(self, g: Graph, node: NodeProto, upper: bool) -> list[int]:
        x, y = g.tensors[node.input[0]], g.tensors[node.output[0]]
        if not x.fixed:
            raise unsupported(node, "automatic padding needs an input of fixed size")
        sides = zip(x.shapes[0][2:], y.shapes[0][2:], self.strides, self.spans)
        totals = [max(0, (out - 1) * stride + span + 1 - side) for side, out, stride, span in sides]
        small, large = [total // 2 for total in totals], [total - total // 2 for total in totals]
        return [*small, *large] if upper else [*large, *small]


def transposed(g: Graph, dy: str, kernel: str, x: str, y: str, windows: Windows, group: int) -> str:
    """Convolves back: the gradient of the input `x` of a convolution from that of its output `y`."""
    rest: list[int] = []
    exact = True
    for i, (span, stride) in enumerate(zip(windows.spans, windows.strides)):
        reach = windows.begins[i] + windows.ends[i] - span - 1 + stride
        # Lines at the end that no window reaches: their number may depend on the size of the picture.
        sides = zip(g.tensors[x].shapes, g.tensors[y].shapes)
        left = {a[i + 2] + reach - stride * b[i + 2] for a, b in sides}
        exact &= len(left) == 1
        rest.append(left.pop() if len(left) == 1 else stride - 1)
    out = g.add(
        "ConvTranspose", dy, kernel, group=group, strides=windows.strides, dilations=windows.dilations,
        pads=[*windows.begins, *windows.ends], output_padding=rest, kernel_shape=list(windows.kernel),
    )
    if exact:
        return out
    axes = list(range(2, 2 + len(windows.kernel)))
    stops = g.add("Concat", *(g.length(x, axis) for axis in axes), axis=0)
    return g.add("Slice", out, g.const([0] * len(axes)), stops, g.const(axes))


@rule("Conv")
def _conv(g: Graph, node: NodeProto, dy: Gradients) -> list[Contribution]:
    x, w, y = node.input[0], node.input[1], node.output[0]
    shape = g.tensors[w].shapes[0]
    windows = Windows(g, node, shape[2:])
    rest = [None] * (len(node.input) - 1)
    before = [span - begin for span, begin in zip(windows.spans, windows.begins)]
    behind = [span - end for span, end in zip(windows.spans, windows.ends)]
    if any(step != 1 for step in windows.strides) or min(before + behind) < 0:
        return [transposed(g, the(dy), w, x, y, windows, windows.group), *rest]
    # A convolution with the mirrored kernel: the runtime does that two to eight times as fast as ConvTranspose.
    gradient = g.add(
        "Conv", the(dy), mirrored(g, w, shape, windows.group), group=windows.group, pads=[*before, *behind],
        dilations=windows.dilations, kernel_shape=list(windows.kernel), strides=windows.strides,
    )
    return [gradient, *rest]


def mirrored(g: Graph, w: str, shape: "tuple[int, ...]", group: int) -> str:
    """Kernel with in and out exchanged and all axes turned round. Made when the graph is loaded, not stored."""
    out, inside, *kernel = shape
    axes = list(range(2, len(shape)))
    if out != group:
        if group > 1:
            w = g.add("Reshape", w, g.const([group, out // group, inside, *kernel]))
            w = g.add("Transpose", w, perm=[0, 2, 1, *(axis + 1 for axis in axes)])
            w = g.add("Reshape", w, g.const([group * inside, out // group, *kernel]))
        else:
            w = g.add("Transpose", w, perm=[1, 0, *axes])
    elif inside != 1:
        w = g.add("Reshape", w, g.const([group * inside, 1, *kernel]))
    if any(side > 1 for side in kernel):
        ones = [-1] * len(axes)
        w = g.add("Slice", w, g.const(ones), g.const([-FARTHEST] * len(axes)), g.const(axes), g.const(ones))
    return w


@rule("ConvTranspose")
def _conv_transpose(g: Graph, node: NodeProto, dy: Gradients) -> list[Contribution]:
    w = node.input[1]
    windows = Windows(g, node, g.tensors[w].shapes[0][2:])
    known = attributes(node)
    if "output_shape" in known or known.get("auto_pad", b"NOTSET") != b"NOTSET":
        raise unsupported(node, "only explicit pads are supported")
    gradient = g.add(
        "Conv", the(dy), w, group=windows.group, strides=windows.strides, dilations=windows.dilations,
        pads=[*windows.begins, *windows.ends], kernel_shape=list(windows.kernel),
    )
    extra = known.get("output_padding", [0])
    if any(lines >= stride for lines, stride in zip(extra, windows.strides)):
        raise unsupported(node, "output_padding of a step or more is not supported")
    return [gradient, *[None] * (len(node.input) - 1)]


@rule("MaxPool")
def _max_pool(g: Graph, node: NodeProto, dy: Gradients) -> list[Contribution]:
    if attributes(node).get("storage_order", 0) != 0:
        raise unsupported(node, "storage_order 1 is not supported")
    x = node.input[0]
    if len(node.output) == 1:
        node.output.append(f"{node.output[0]}_indices")
    windows = Windows(g, node, tuple(attributes(node)["kernel_shape"]))
    apart = all(step >= span + 1 for step, span in zip(windows.strides, windows.spans))
    flat = g.const([-1])
    places, values = g.add("Reshape", node.output[1], flat), g.add("Reshape", the(dy), flat)
    known = g.tensors[x]
    count = g.const([int(np.prod(known.shapes[0]))]) if known.fixed else g.add("Reshape", g.add("Size", x), flat)
    # Windows that overlap may choose the same value, whose gradients then add up.
    gradient = g.add("ScatterElements", g.zeros(count), places, values, reduction="none" if apart else "add")
    return [g.add("Reshape", gradient, g.shape(x))]


@rule("AveragePool")
def _average_pool(g: Graph, node: NodeProto, dy: Gradients) -> list[Contribution]:
    x, y, known = node.input[0], node.output[0], attributes(node)
    windows = Windows(g, node, tuple(known["kernel_shape"]))
    share = the(dy)
    unpadded = not any(windows.begins + windows.ends)
    if known.get("ceil_mode", 0) != 0:
        raise unsupported(node, "ceil_mode is not supported")
    if unpadded or known.get("count_include_pad", 0) == 1:
        weight = 1.0 / float(np.prod(windows.kernel))
    else:
        weight = 1.0
        share = g.add("Div", share, g.const(_window_sizes(g, node, windows), np.float32))
    # All channels as pictures of one channel: one kernel for all.
    own = g.add("Concat", g.const([-1, 1]), g.add("Slice", g.shape(y), g.const([2]), g.const([FARTHEST])), axis=0)
    kernel = g.const(np.full((1, 1, *windows.kernel), weight), np.float32)
    gradient = transposed(g, g.add("Reshape", share, own), kernel, x, y, windows, 1)
    return [g.add("Reshape", gradient, g.shape(x))]


def _window_sizes(g: Graph, node: NodeProto, windows: Windows) -> np.ndarray:
    """How many values of the picture each window of a padded average covers."""
    x, y = g.tensors[node.input[0]], g.tensors[node.output[0]]
    if not x.fixed:
        raise unsupported(node, "an average over a padded border needs an input of fixed size")
    counts: np.ndarray = np.ones(())
    for i, side in enumerate(x.shapes[0][2:]):
        first = np.arange(y.shapes[0][i + 2]) * windows.strides[i] - windows.begins[i]
        taps = first[:, None] + np.arange(windows.kernel[i]) * windows.dilations[i]
        counts = np.multiply.outer(counts, ((taps >= 0) & (taps < side)).sum(1))
    return counts[None, None]


@rule("Resize")
def _resize(g: Graph, node: NodeProto, dy: Gradients) -> list[Contribution]:
    x, y, known = node.input[0], node.output[0], attributes(node)
    mode = known.get("mode", b"nearest").decode()
    where = known.get("coordinate_transformation_mode", b"half_pixel").decode()
    rounding = known.get("nearest_mode", b"round_prefer_floor").decode()
    rest = [None] * (len(node.input) - 1)
    if mode not in ("nearest", "linear") or known.get("antialias", 0) or known.get("axes"):
        raise unsupported(node, f"mode {mode}, with antialias or axes, is not supported")
    before, after = g.tensors[x].shapes, g.tensors[y].shapes
    if len(before[0]) != 4 or any(a[:2] != b[:2] for a, b in zip(before, after)):
        raise unsupported(node, "only height and width of n x c x h x w can be resized")
    factors = {b[axis] / a[axis] for a, b in zip(before, after) for axis in (2, 3)}
    factor = factors.pop() if len(factors) == 1 else 0.0
    repeats = (where, rounding) == ("asymmetric", "floor") or where == "half_pixel" and rounding.startswith("round")
    if mode == "nearest" and repeats and factor >= 1 and factor == int(factor):
        # Every value was repeated in a square: their sum.
        f = int(factor)
        mean = g.add("AveragePool", the(dy), kernel_shape=[f, f], strides=[f, f])
        return [g.add("Mul", mean, g.number(float(f * f))), *rest]
    gradient = the(dy)
    if any(a[3] != b[3] for a, b in zip(before, after)):
        gradient = g.add("MatMul", gradient, weights(g, node, 3, mode, where, rounding))
    if any(a[2] != b[2] for a, b in zip(before, after)):
        columns = g.add("Transpose", weights(g, node, 2, mode, where, rounding), perm=[1, 0])
        gradient = g.add("MatMul", columns, gradient)
    return [gradient, *rest]


def weights(g: Graph, node: NodeProto, axis: int, mode: str, where: str, rounding: str) -> str:
    """What each value of the input counts in each value of the output, float [after, before], for one axis."""
    before, after = _number(g, node.input[0], axis), _number(g, node.output[0], axis)
    places = _range(g, after)
    last = g.add("Sub", before, g.number(1.0))
    if where == "align_corners":
        steps = g.add("Max", g.add("Sub", after, g.number(1.0)), g.number(1.0))
        source = g.add("Div", g.add("Mul", places, last), steps)
    else:
        scale = _scale(g, node, axis, before, after)
        if where in ("half_pixel", "pytorch_half_pixel"):
            half = g.number(0.5)
            source = g.add("Sub", g.add("Div", g.add("Add", places, half), scale), half)
            if where == "pytorch_half_pixel":
                single = g.add("Equal", after, g.number(1.0))
                source = g.add("Where", single, g.number(0.0), source)
        elif where == "asymmetric":
            source = g.add("Div", places, scale)
        else:
            raise unsupported(node, f"coordinate_transformation_mode {where} is not supported")
    if mode == "nearest":
        source = _nearest(g, source, rounding)
    source = g.add("Min", g.add("Max", source, g.number(0.0)), last)
    # Linear weights are a hat around the source's place; for whole places that is one value.
    distance = g.add("Abs", g.add("Sub", g.add("Unsqueeze", source, g.const([1])), _range(g, before)))
    return g.add("Relu", g.add("Sub", g.number(1.0), distance))


def _number(g: Graph, name: str, axis: int) -> str:
    side = g.tensors[name].side(axis)
    if side is not None:
        return g.const([side], np.float32)
    return g.add("Cast", g.length(name, axis), to=1)


def _range(g: Graph, count: str) -> str:
    stop = g.add("Squeeze", count, g.const([0]))
    return g.add("Range", g.number(0.0), stop, g.number(1.0))


def _scale(g: Graph, node: NodeProto, axis: int, before: str, after: str) -> str:
    scales = node.input[2] if len(node.input) > 2 else ""
    if scales and g.tensors[scales].shapes[0] != (0,):
        return g.add("Slice", scales, g.const([axis]), g.const([axis + 1]))
    return g.add("Div", after, before)


def _nearest(g: Graph, source: str, rounding: str) -> str:
    if rounding == "floor":
        return g.add("Floor", source)
    if rounding == "ceil":
        return g.add("Ceil", source)
    half = g.number(0.5)
    if rounding == "round_prefer_floor":
        return g.add("Ceil", g.add("Sub", source, half))
    return g.add("Floor", g.add("Add", source, half))
