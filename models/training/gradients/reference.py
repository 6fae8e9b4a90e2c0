"""A second opinion for the checks: runs ONNX graphs in PyTorch, operator by operator, in single or double precision.

Autograd then differentiates a forward graph, and a gradient graph can be run without rounding. Shares no code with the
rules of differentiation.
"""

from __future__ import annotations

import math
from typing import Any, Callable, Mapping

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx import helper, numpy_helper
from torch import Tensor

TYPES = {1: None, 6: torch.int32, 7: torch.int64, 9: torch.bool, 11: torch.float64}  # None: the precision of the run

Values = "list[Tensor | None]"


def run(
    model: onnx.ModelProto,
    feeds: Mapping[str, Tensor],
    dtype: torch.dtype = torch.float64,
    decided: Mapping[str, Tensor] | None = None,
) -> dict[str, Tensor]:
    """All tensors of the graph, by name. `decided` takes the place of what is computed for these names."""
    values: dict[str, Tensor] = dict(feeds)
    for weight in model.graph.initializer:
        tensor = torch.from_numpy(np.array(numpy_helper.to_array(weight)))
        values[weight.name] = tensor.to(dtype) if tensor.is_floating_point() else tensor
    for node in model.graph.node:
        known = {entry.name: helper.get_attribute_value(entry) for entry in node.attribute}
        inputs = [values[name] if name else None for name in node.input]
        result = OPERATORS[node.op_type](inputs, known, dtype)
        for name, value in zip(node.output, result if isinstance(result, (list, tuple)) else [result]):
            values[name] = decided[name] if decided and name in decided else value
    return values


def whole(x: Tensor | None) -> list[int]:
    return [] if x is None else [int(v) for v in x.reshape(-1)]


def padded(x: Tensor, pads: list[int], value: float = 0.0) -> Tensor:
    half = len(pads) // 2
    return F.pad(x, [n for i in reversed(range(half)) for n in (pads[i], pads[half + i])], value=value)


def conv(x: Values, a: Mapping[str, Any], _: torch.dtype) -> Tensor:
    image = padded(x[0], a.get("pads", [0, 0, 0, 0]))
    bias = x[2] if len(x) > 2 else None
    return F.conv2d(image, x[1], bias, a.get("strides", 1), 0, a.get("dilations", 1), a.get("group", 1))


def conv_transpose(x: Values, a: Mapping[str, Any], _: torch.dtype) -> Tensor:
    pads = a["pads"]
    whole_picture = F.conv_transpose2d(x[0], x[1], None, a["strides"], 0, a["output_padding"], a["group"], a["dilations"])
    height, width = (side - pads[i] - pads[i + 2] for i, side in enumerate(whole_picture.shape[2:]))
    return whole_picture[:, :, pads[0] : pads[0] + height, pads[1] : pads[1] + width]


def scatter(x: Values, a: Mapping[str, Any], dtype: torch.dtype) -> Tensor:
    return x[0].to(dtype).scatter_add(a.get("axis", 0), x[1], x[2])


def max_pool(x: Values, a: Mapping[str, Any], _: torch.dtype) -> "tuple[Tensor, Tensor]":
    """Values, and where they stand in the whole tensor."""
    n, c, h, w = x[0].shape
    pads = a.get("pads", [0, 0, 0, 0])
    image = padded(x[0], pads, -torch.inf)
    options = {"ceil_mode": bool(a.get("ceil_mode", 0)), "return_indices": True}
    values, places = F.max_pool2d(image, a["kernel_shape"], a.get("strides", 1), **options)
    row, column = places // image.shape[3] - pads[0], places % image.shape[3] - pads[1]
    return values, row * w + column + torch.arange(n * c).reshape(n, c, 1, 1) * h * w


def average_pool(x: Values, a: Mapping[str, Any], _: torch.dtype) -> Tensor:
    pads = a.get("pads", [0, 0, 0, 0])
    assert pads[:2] == pads[2:]
    include = bool(a.get("count_include_pad", 0))
    return F.avg_pool2d(x[0], a["kernel_shape"], a.get("strides", 1), pads[:2], count_include_pad=include)


def resize(x: Values, a: Mapping[str, Any], _: torch.dtype) -> Tensor:
    image, scales = x[0], x[2] if len(x) > 2 else None
    size = whole(x[3])[2:] if len(x) > 3 else [int(n * f) for n, f in zip(image.shape[2:], scales[2:])]
    where = a.get("coordinate_transformation_mode", b"half_pixel").decode()
    if a.get("mode", b"nearest") == b"linear":
        assert where in ("half_pixel", "pytorch_half_pixel", "align_corners")
        return F.interpolate(image, size, mode="bilinear", align_corners=where == "align_corners")
    # For whole factors every convention of rounding repeats the values.
    assert all(n % m == 0 for n, m in zip(size, image.shape[2:]))
    return F.interpolate(image, size, mode="nearest")


def slice_(x: Values, a: Mapping[str, Any], _: torch.dtype) -> Tensor:
    data, starts, stops = x[0], whole(x[1]), whole(x[2])
    axes = whole(x[3]) if len(x) > 3 and x[3] is not None else list(range(len(starts)))
    steps = whole(x[4]) if len(x) > 4 else [1] * len(starts)
    for start, stop, axis, step in zip(starts, stops, axes, steps):
        places = range(data.shape[axis])[slice(start, None if step < 0 and stop < -data.shape[axis] else stop, step)]
        data = data.index_select(axis, torch.tensor(list(places), dtype=torch.int64))
    return data


def reshape(x: Values, a: Mapping[str, Any], _: torch.dtype) -> Tensor:
    return x[0].reshape([x[0].shape[i] if n == 0 else n for i, n in enumerate(whole(x[1]))])


def unsqueeze(x: Values, a: Mapping[str, Any], _: torch.dtype) -> Tensor:
    result = x[0]
    for axis in sorted(whole(x[1])):
        result = result.unsqueeze(axis)
    return result


def pad(x: Values, a: Mapping[str, Any], _: torch.dtype) -> Tensor:
    pads = whole(x[1])
    if a.get("mode", b"constant") == b"constant":
        return padded(x[0], pads)
    return F.pad(x[0], [pads[3], pads[7], pads[2], pads[6]], mode="replicate")


def gather(x: Values, a: Mapping[str, Any], _: torch.dtype) -> Tensor:
    axis = a.get("axis", 0)
    places = x[1] % x[0].shape[axis]
    return x[0].select(axis, int(places)) if x[1].ndim == 0 else x[0].index_select(axis, places)


def cast(x: Values, a: Mapping[str, Any], dtype: torch.dtype) -> Tensor:
    return x[0].to(TYPES[a["to"]] or dtype)


def divide(x: Values, a: Mapping[str, Any], _: torch.dtype) -> Tensor:
    return x[0] / x[1] if x[0].is_floating_point() else torch.div(x[0], x[1], rounding_mode="trunc")


def split(x: Values, a: Mapping[str, Any], _: torch.dtype) -> "tuple[Tensor, ...]":
    return torch.split(x[0], whole(x[1]), a.get("axis", 0))


def constant_of_shape(x: Values, a: Mapping[str, Any], _: torch.dtype) -> Tensor:
    value = numpy_helper.to_array(a["value"])
    return torch.full(whole(x[0]), value.item(), dtype=torch.from_numpy(np.array(value)).dtype)


def batch_norm(x: Values, a: Mapping[str, Any], _: torch.dtype) -> Tensor:
    return F.batch_norm(x[0], x[3], x[4], x[1], x[2], eps=a.get("epsilon", 1e-5))


OPERATORS: dict[str, Callable[..., Any]] = {
    "Add": lambda x, a, _: x[0] + x[1],
    "Sum": lambda x, a, _: sum(x),
    "Sub": lambda x, a, _: x[0] - x[1],
    "Mul": lambda x, a, _: x[0] * x[1],
    "Div": divide,
    "Mod": lambda x, a, _: x[0] % x[1],
    "Relu": lambda x, a, _: x[0].relu(),
    "LeakyRelu": lambda x, a, _: F.leaky_relu(x[0], a.get("alpha", 0.01)),
    "Sigmoid": lambda x, a, _: x[0].sigmoid(),
    "HardSigmoid": lambda x, a, _: (x[0] * a.get("alpha", 0.2) + a.get("beta", 0.5)).clamp(0, 1),
    "Clip": lambda x, a, _: x[0].clamp(float(x[1]), float(x[2])),
    "Exp": lambda x, a, _: x[0].exp(),
    "Sqrt": lambda x, a, _: x[0].sqrt(),
    "Softmax": lambda x, a, _: x[0].softmax(a.get("axis", -1)),
    "Cast": cast,
    "Concat": lambda x, a, _: torch.cat(x, a["axis"]),
    "Split": split,
    "Slice": slice_,
    "Gather": gather,
    "Shape": lambda x, a, _: torch.tensor(x[0].shape[a.get("start", 0) : a.get("end", None)]),
    "Reshape": reshape,
    "Flatten": lambda x, a, _: x[0].reshape(math.prod(x[0].shape[: a.get("axis", 1)]), -1),
    "Unsqueeze": unsqueeze,
    "Transpose": lambda x, a, _: x[0].permute(a["perm"]),
    "ConstantOfShape": constant_of_shape,
    "Pad": pad,
    "Resize": resize,
    "Conv": conv,
    "MaxPool": max_pool,
    "AveragePool": average_pool,
    "GlobalAveragePool": lambda x, a, _: x[0].mean((2, 3), keepdim=True),
    "BatchNormalization": batch_norm,
    # What only gradient graphs have.
    "Neg": lambda x, a, _: -x[0],
    "Sign": lambda x, a, _: x[0].sign(),
    "Abs": lambda x, a, _: x[0].abs(),
    "Softplus": lambda x, a, _: F.softplus(x[0], threshold=50),
    "Less": lambda x, a, _: x[0] < x[1],
    "Greater": lambda x, a, _: x[0] > x[1],
    "Equal": lambda x, a, _: x[0] == x[1],
    "And": lambda x, a, _: x[0] & x[1],
    "Where": lambda x, a, _: torch.where(*x),
    "Min": lambda x, a, _: torch.minimum(*x),
    "Max": lambda x, a, _: torch.maximum(*x),
    "MatMul": lambda x, a, _: x[0] @ x[1],
    "Range": lambda x, a, _: torch.arange(float(x[0]), float(x[1]), float(x[2]), dtype=x[0].dtype),
    "Size": lambda x, a, _: torch.tensor(x[0].numel()),
    "Squeeze": lambda x, a, _: x[0].squeeze(tuple(whole(x[1]))),
    "Expand": lambda x, a, _: x[0].expand(whole(x[1])),
    "ReduceSum": lambda x, a, _: x[0].sum(whole(x[1]) if len(x) > 1 else (), keepdim=bool(a.get("keepdims", 1))),
    "ReduceMean": lambda x, a, _: x[0].mean(a.get("axes", ()), keepdim=bool(a.get("keepdims", 1))),
    "ReduceProd": lambda x, a, _: x[0].prod(),
    "ConvTranspose": conv_transpose,
    "ScatterElements": scatter,
    "Identity": lambda x, a, _: x[0],
}
