"""Runs an ONNX file in PyTorch, by the few operators that small detectors are made of: on any device, with gradients, at
any input size, and with every value in between at hand."""

from __future__ import annotations

from pathlib import Path
from typing import Callable

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx import numpy_helper
from torch import Tensor


class OnnxNetwork:
    """`network(x)` returns all values by name, as far as they can be computed: past the trunk of a detector come reshapes
    tied to one input size, and whatever depends on those is left out."""

    def __init__(self, path: Path, device: torch.device | str = "cpu") -> None:
        self.device = device
        graph = onnx.load(str(path)).graph
        weights = {t.name: t for t in graph.initializer}
        weights |= {n.output[0]: n.attribute[0].t for n in graph.node if n.op_type == "Constant"}
        # Stored in half precision by some: the cast is done here, once.
        weights |= {n.output[0]: weights[n.input[0]] for n in graph.node if n.op_type == "Cast" and n.input[0] in weights}
        self.nodes = [n for n in graph.node if n.output[0] not in weights]
        self.constants = {name: self.placed(numpy_helper.to_array(t)) for name, t in weights.items()}
        self.input = next(i.name for i in graph.input if i.name not in self.constants)

    def placed(self, values: np.ndarray) -> Tensor:
        """Weights go to the device; sizes, indices and limits are read by the processor and stay with it."""
        tensor = torch.from_numpy(values.copy())
        return tensor.float().to(self.device) if tensor.is_floating_point() and tensor.ndim else tensor

    def __call__(self, x: Tensor) -> dict[str, Tensor]:
        values: dict[str, Tensor] = {**self.constants, self.input: x}
        for node in self.nodes:
            inputs = [values.get(name) for name in node.input]
            if any(v is None for name, v in zip(node.input, inputs) if name):
                continue
            try:
                outputs = run_node(node, inputs)
            except (RuntimeError, NotImplementedError, IndexError):
                continue
            values.update(zip(node.output, outputs))
        return values


def run_node(node: onnx.NodeProto, v: list[Tensor | None]) -> list[Tensor]:
    a = {x.name: onnx.helper.get_attribute_value(x) for x in node.attribute}
    x = v[0] if v else None
    op = node.op_type
    if op == "Conv":
        pads = a.get("pads", [0, 0, 0, 0])
        x = F.pad(x, (pads[1], pads[3], pads[0], pads[2])) if any(pads) else x
        return [F.conv2d(x, v[1], v[2] if len(v) > 2 else None, a.get("strides", [1, 1]), 0, a.get("dilations", [1, 1]), a.get("group", 1))]
    if op == "BatchNormalization":
        return [F.batch_norm(x, v[3], v[4], v[1], v[2], False, 0.0, a.get("epsilon", 1e-5))]
    if op == "MaxPool":
        pads = a.get("pads", [0, 0, 0, 0])
        x = F.pad(x, (pads[1], pads[3], pads[0], pads[2]), value=-1e9)
        return [F.max_pool2d(x, a["kernel_shape"], a.get("strides", [1, 1]), ceil_mode=bool(a.get("ceil_mode", 0)))]
    if op == "Slice" and len(v) >= 4:
        starts, ends, axes = (t.tolist() for t in v[1:4])
        steps = v[4].tolist() if len(v) > 4 and v[4] is not None else [1] * len(axes)
        index = [slice(None)] * x.ndim
        for s, e, axis, step in zip(starts, ends, axes, steps):
            index[axis] = slice(s, e, step)
        return [x[tuple(index)]]
    if op == "Reshape":
        shape = v[1].tolist()
        if len(shape) == 5 and x.ndim == 4:  # channel shuffle, first half
            return [x.reshape(x.shape[0], shape[1], -1, *x.shape[2:])]
        if len(shape) == 4 and x.ndim == 5:  # and back
            return [x.reshape(x.shape[0], -1, *x.shape[3:])]
        raise NotImplementedError("Reshape tied to the input size")
    if op == "Split":
        parts = a.get("split") or (v[1].tolist() if len(v) > 1 else None) or [x.shape[a.get("axis", 0)] // len(node.output)] * len(node.output)
        return list(torch.split(x, list(parts), a.get("axis", 0)))
    simple: dict[str, Callable[[], Tensor]] = {
        "Relu": lambda: F.relu(x),
        "LeakyRelu": lambda: F.leaky_relu(x, a.get("alpha", 0.01)),
        "Sigmoid": lambda: torch.sigmoid(x),
        "HardSigmoid": lambda: (x * a.get("alpha", 0.2) + a.get("beta", 0.5)).clamp(0, 1),
        "Clip": lambda: x.clamp(float(v[1]) if len(v) > 1 else a["min"], float(v[2]) if len(v) > 2 else a["max"]),
        "Add": lambda: x + v[1],
        "Sub": lambda: x - v[1],
        "Mul": lambda: x * v[1],
        "Div": lambda: x / v[1],
        "Concat": lambda: torch.cat([t for t in v if t is not None], a["axis"]),
        "Transpose": lambda: x.permute(*a["perm"]),
        "GlobalAveragePool": lambda: x.mean((2, 3), keepdim=True),
        "Resize": lambda: F.interpolate(x, scale_factor=2.0, mode="nearest"),
    }
    if op not in simple:
        raise NotImplementedError(op)
    return [simple[op]()]
