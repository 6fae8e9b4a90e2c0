"""Every rule against PyTorch: one operator a graph, random input, the loss a random weighting of the output.

    python test_rules.py [--only Resize]

The gradient is compared at a size that the rule was not built with wherever the operator takes free sizes.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field
from typing import Any, Callable

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor

from check import session
from differentiate import differentiate
from graph import GradientError
from rules import RULES

rng = np.random.default_rng(0)
W = rng.standard_normal((6, 4, 3, 3)).astype(np.float32)
GROUPED = rng.standard_normal((6, 2, 3, 3)).astype(np.float32)
DEEP = rng.standard_normal((4, 1, 5, 5)).astype(np.float32)
DOUBLED = rng.standard_normal((8, 1, 3, 3)).astype(np.float32)
POINT = rng.standard_normal((6, 4, 1, 1)).astype(np.float32)
ROW = rng.standard_normal((4, 1, 1)).astype(np.float32)
PLANE = rng.standard_normal((5, 3)).astype(np.float32)
I = np.int64


@dataclass(frozen=True)
class Case:
    op: str
    torch: Callable[[Tensor], Tensor]
    more: tuple[Any, ...] = ()
    shape: tuple[int, ...] = (2, 4, 8, 10)
    attributes: dict[str, Any] = field(default_factory=dict)
    free: bool = True  # height and width are free
    outputs: int = 1
    low: float = -4.0


def c(value: Any) -> Tensor:
    return torch.from_numpy(np.array(value)).double()


def shuffle(x: Tensor) -> Tensor:
    return x.reshape(2, 2, 2, *x.shape[2:]).transpose(1, 2).reshape(x.shape)


def crd(x: Tensor) -> Tensor:
    return F.pixel_shuffle(x, 2)


def dcr(x: Tensor) -> Tensor:
    n, depth, h, w = x.shape
    return x.reshape(n, 2, 2, depth // 4, h, w).permute(0, 3, 4, 1, 5, 2).reshape(n, depth // 4, 2 * h, 2 * w)


def linear(x: Tensor, corners: bool, **size: Any) -> Tensor:
    return F.interpolate(x, mode="bilinear", align_corners=corners, **size)


def f32(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


def sizes(*values: int) -> np.ndarray:
    return np.array(values, I)


PICTURE = (1, 3, 9, 11)
CASES = [
    *(Case(op, f) for op, f in [
        ("Relu", torch.relu), ("Sigmoid", torch.sigmoid), ("Tanh", torch.tanh), ("Softplus", F.softplus), ("Exp", torch.exp),
        ("Neg", torch.neg), ("Abs", torch.abs), ("Erf", torch.erf), ("HardSwish", F.hardswish), ("Identity", lambda x: x),
        ("LeakyRelu", F.leaky_relu), ("Elu", F.elu), ("Mish", F.mish), ("Gelu", F.gelu), ("GlobalAveragePool", lambda x: x.mean((2, 3), True)),
        ("Softmax", lambda x: x.softmax(-1)), ("LogSoftmax", lambda x: x.log_softmax(-1)), ("Reciprocal", torch.reciprocal),
        ("Flatten", lambda x: x.flatten(1)), ("Dropout", lambda x: x), ("Sum", lambda x: x),
    ]),
    Case("Log", torch.log, low=0.1), Case("Sqrt", torch.sqrt, low=0.1), Case("Pow", lambda x: x**3, (f32(3)[0],)),
    Case("HardSigmoid", F.hardsigmoid, attributes={"alpha": 1 / 6, "beta": 0.5}),
    Case("Clip", lambda x: x.clamp(-1, 2), (f32(-1)[0], f32(2)[0])), Case("Clip", lambda x: x.clamp(max=2), (None, f32(2)[0])),
    Case("PRelu", lambda x: torch.where(x > 0, x, x * c(ROW)), (ROW,)), Case("Cast", lambda x: x, attributes={"to": 11}),
    Case("Add", lambda x: x + c(ROW), (ROW,)), Case("Sub", lambda x: c(ROW) - x, (ROW, "x")), Case("Mul", lambda x: x * c(ROW), (ROW,)),
    Case("Mul", lambda x: x * x, ("x", "x")), Case("Mul", lambda x: x * x.mean((2, 3), True), ("mean", "x")),
    Case("Div", lambda x: x / c(ROW), (ROW,)), Case("Div", lambda x: c(ROW) / x, (ROW, "x"), low=0.5),
    Case("Add", lambda x: x + x.mean((2, 3), True), ("x", "mean")), Case("Min", lambda x: torch.minimum(x, c(ROW)), (ROW,)),
    Case("Max", lambda x: torch.maximum(c(ROW), x), (ROW, "x")),
    Case("Where", lambda x: torch.where(c(ROW) > 0, x, c(ROW)), (ROW > 0, "x", ROW)),
    # Convolutions: plain, strided, grouped, depthwise, dilated, without and with more padding than the kernel needs.
    Case("Conv", lambda x: F.conv2d(x, c(W), padding=1), (W,), attributes={"pads": [1] * 4}),
    Case("Conv", lambda x: F.conv2d(x, c(W), c(W[:, 0, 0, 0])), (W, W[:, 0, 0, 0])),
    Case("Conv", lambda x: F.conv2d(x, c(W), padding=3), (W,), attributes={"pads": [3] * 4}),
    Case("Conv", lambda x: F.conv2d(x, c(W), stride=2, padding=1), (W,), attributes={"pads": [1] * 4, "strides": [2, 2]}),
    Case("Conv", lambda x: F.conv2d(x, c(W), stride=3), (W,), attributes={"strides": [3, 3]}),
    Case("Conv", lambda x: F.conv2d(x, c(W), dilation=2, padding=2), (W,), attributes={"pads": [2] * 4, "dilations": [2, 2]}),
    Case("Conv", lambda x: F.conv2d(x, c(W), stride=2, dilation=2, padding=2), (W,), attributes={"pads": [2] * 4, "dilations": [2, 2], "strides": [2, 2]}),
    Case("Conv", lambda x: F.conv2d(x, c(GROUPED), groups=2, padding=1), (GROUPED,), attributes={"pads": [1] * 4, "group": 2}),
    Case("Conv", lambda x: F.conv2d(x, c(GROUPED), groups=2, stride=2), (GROUPED,), attributes={"group": 2, "strides": [2, 2]}),
    Case("Conv", lambda x: F.conv2d(x, c(DEEP), groups=4, padding=2), (DEEP,), attributes={"pads": [2] * 4, "group": 4}),
    Case("Conv", lambda x: F.conv2d(x, c(DEEP), groups=4, padding=2, stride=2), (DEEP,), attributes={"pads": [2] * 4, "group": 4, "strides": [2, 2]}),
    Case("Conv", lambda x: F.conv2d(x, c(DOUBLED), groups=4, padding=1), (DOUBLED,), attributes={"pads": [1] * 4, "group": 4}),
    Case("Conv", lambda x: F.conv2d(x, c(POINT)), (POINT,)), Case("Conv", lambda x: F.conv2d(x, c(POINT), stride=2), (POINT,), attributes={"strides": [2, 2]}),
    Case("Conv", lambda x: F.conv2d(F.pad(x, (0, 1, 0, 1)), c(W), stride=2), (W,), free=False, attributes={"auto_pad": "SAME_UPPER", "strides": [2, 2]}),
    Case("ConvTranspose", lambda x: F.conv_transpose2d(x, c(W.transpose(1, 0, 2, 3)), stride=2, padding=1, output_padding=1), (np.ascontiguousarray(W.transpose(1, 0, 2, 3)),),
         attributes={"pads": [1] * 4, "strides": [2, 2], "output_padding": [1, 1]}),
    Case("MaxPool", lambda x: F.max_pool2d(x, 2), attributes={"kernel_shape": [2, 2], "strides": [2, 2]}),
    Case("MaxPool", lambda x: F.max_pool2d(x, 5, 1, 2), attributes={"kernel_shape": [5, 5], "pads": [2] * 4}),
    Case("MaxPool", lambda x: F.max_pool2d(x, 3, 2, 1), attributes={"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1] * 4}),
    Case("MaxPool", lambda x: F.max_pool2d(x, 2, ceil_mode=True), attributes={"kernel_shape": [2, 2], "strides": [2, 2], "ceil_mode": 1}),
    Case("AveragePool", lambda x: F.avg_pool2d(x, 2), attributes={"kernel_shape": [2, 2], "strides": [2, 2]}),
    Case("AveragePool", lambda x: F.avg_pool2d(x, 3, 1), attributes={"kernel_shape": [3, 3]}),
    Case("AveragePool", lambda x: F.avg_pool2d(x, 3, 2, 1), attributes={"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1] * 4, "count_include_pad": 1}),
    Case("AveragePool", lambda x: F.avg_pool2d(x, 3, 2, 1, count_include_pad=False), free=False, attributes={"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1] * 4}),
    Case("BatchNormalization", lambda x: F.batch_norm(x, c(ROW.ravel()), c(ROW.ravel() ** 2), c(ROW.ravel()), c(ROW.ravel())), (ROW.ravel(), ROW.ravel(), ROW.ravel(), ROW.ravel() ** 2)),
    Case("InstanceNormalization", lambda x: F.instance_norm(x, weight=c(ROW.ravel()), bias=c(ROW.ravel())), (ROW.ravel(), ROW.ravel())),
    Case("LayerNormalization", lambda x: F.layer_norm(x, [10], c(np.arange(10.0))), (np.arange(10, dtype=np.float32),), free=False),
    # Resizing: repeated values, other factors, all kinds of linear.
    Case("Resize", lambda x: F.interpolate(x, scale_factor=2), (None, f32(1, 1, 2, 2)), attributes={"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}),
    Case("Resize", lambda x: F.interpolate(x, scale_factor=(3, 2)), (None, f32(1, 1, 3, 2)), attributes={"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}),
    Case("Resize", lambda x: F.interpolate(x, (5, 21)), (None, None, sizes(2, 4, 5, 21)), free=False, attributes={"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}),
    Case("Resize", lambda x: F.interpolate(x, (13, 7), mode="nearest-exact"), (None, None, sizes(2, 4, 13, 7)), free=False, attributes={"coordinate_transformation_mode": "half_pixel", "nearest_mode": "round_prefer_ceil"}),
    Case("Resize", lambda x: linear(x, False, scale_factor=4), (None, f32(1, 1, 4, 4)), attributes={"mode": "linear", "coordinate_transformation_mode": "half_pixel"}),
    Case("Resize", lambda x: linear(x, True, scale_factor=2), (None, f32(1, 1, 2, 2)), attributes={"mode": "linear", "coordinate_transformation_mode": "align_corners"}),
    Case("Resize", lambda x: linear(x, False, size=(5, 13)), (None, None, sizes(2, 4, 5, 13)), free=False, attributes={"mode": "linear", "coordinate_transformation_mode": "pytorch_half_pixel"}),
    # Layout.
    Case("Reshape", lambda x: x.reshape(2, -1), (sizes(2, -1),)), Case("Transpose", lambda x: x.permute(0, 2, 3, 1), attributes={"perm": [0, 2, 3, 1]}),
    Case("Squeeze", lambda x: x.squeeze(0), (sizes(0),), (1, 4, 8, 10)), Case("Unsqueeze", lambda x: x[:, None], (sizes(1),)),
    Case("Expand", lambda x: x.expand(3, 2, 4, 8, 10), (sizes(3, 2, 4, 8, 10),), free=False),
    Case("Concat", lambda x: torch.cat([x, c(np.ones((2, 1, 8, 10), np.float32)), x], 1), ("x", np.ones((2, 1, 8, 10), np.float32), "x"), attributes={"axis": 1}, free=False),
    Case("Concat", lambda x: torch.cat([x, x.mean((2, 3), True).expand_as(x)[:, :, :, :1]], 3), ("x", "column"), attributes={"axis": -1}),
    Case("Split", lambda x: torch.cat([x[:, :1], x[:, 1:] * 0], 1)[:, :1], (sizes(1, 3),), attributes={"axis": 1}, outputs=2),
    Case("Slice", lambda x: x[:, 1:3], (sizes(1), sizes(3), sizes(1))), Case("Slice", lambda x: x[:, :, 1:-2, 2:], (sizes(1, 2), sizes(-2, 10**9), sizes(2, 3))),
    Case("Slice", lambda x: x[:, :, :, ::2], (sizes(0), sizes(10**9), sizes(3), sizes(2))), Case("Slice", lambda x: x[:, :, 1::3], (sizes(1), sizes(10**9), sizes(2), sizes(3))),
    Case("Slice", lambda x: x[:, :, -3:], (sizes(-3), sizes(10**9), sizes(2))),
    Case("Slice", lambda x: x.flip(1), (sizes(-1), sizes(-(10**9)), sizes(1), sizes(-1))), Case("Slice", lambda x: x[:, [3, 1]], (sizes(10**9), sizes(0), sizes(1), sizes(-2))),
    Case("Gather", lambda x: x[:, 2], (np.array(2),), attributes={"axis": 1}), Case("Gather", lambda x: x[:, [1, 3, 1, 0]], (sizes(1, 3, 1, 0),), attributes={"axis": 1}),
    Case("Pad", lambda x: F.pad(x, (1, 2, 3, 0)), (sizes(0, 0, 3, 1, 0, 0, 0, 2),)), Case("Pad", lambda x: F.pad(x, (-1, 2, 0, -2)), (sizes(0, 0, 0, -1, 0, 0, -2, 2),)),
    Case("Pad", lambda x: F.pad(x, (1, 2, 3, 0), mode="replicate"), (sizes(0, 0, 3, 1, 0, 0, 0, 2),), attributes={"mode": "edge"}),
    Case("DepthToSpace", crd, attributes={"blocksize": 2, "mode": "CRD"}), Case("DepthToSpace", dcr, attributes={"blocksize": 2}),
    Case("SpaceToDepth", lambda x: F.pixel_unshuffle(x, 2).reshape(2, 4, 4, x.shape[2] // 2, x.shape[3] // 2).transpose(1, 2).flatten(1, 2), attributes={"blocksize": 2}, free=False),
    # Products and sums.
    Case("MatMul", lambda x: x @ c(PLANE), (PLANE,), (2, 4, 7, 5), free=False), Case("MatMul", lambda x: c(PLANE) @ x, (PLANE, "x"), (2, 4, 3, 7), free=False),
    Case("MatMul", lambda x: x @ x, ("x", "x"), (2, 6, 6), free=False),
    Case("Gemm", lambda x: 0.5 * x @ c(PLANE) + 2, (PLANE, f32(1)), (7, 5), {"alpha": 0.5, "beta": 2.0}, free=False),
    Case("Gemm", lambda x: x.T @ c(PLANE).T, (PLANE,), (3, 7), {"transA": 1, "transB": 1}, free=False),
    Case("Gemm", lambda x: c(PLANE).T @ x.T, (PLANE, "x"), (7, 5), {"transA": 1, "transB": 1}, free=False),
    Case("ReduceSum", lambda x: x.sum((2, 3), True), (sizes(2, 3),)), Case("ReduceSum", lambda x: x.sum(1), (sizes(1),), attributes={"keepdims": 0}),
    Case("ReduceMean", lambda x: x.mean((2, 3)), attributes={"axes": [2, 3], "keepdims": 0}), Case("ReduceMean", lambda x: x.mean().reshape(1, 1, 1, 1)),
    Case("ReduceMax", lambda x: x.amax((2, 3), True), attributes={"axes": [2, 3]}), Case("ReduceMin", lambda x: x.amin(1), attributes={"axes": [1], "keepdims": 0}),
    Case("Softmax", lambda x: x.softmax(1), attributes={"axis": 1}),
]
NEWER = {"Mish": 18, "Gelu": 20}
FLAT = ("Sign", "Floor", "Ceil", "Round")  # without a gradient


def build(case: Case) -> onnx.ModelProto:
    """x, the operator, and the sum of its first output times `weighting`."""
    nodes = [
        helper.make_node("GlobalAveragePool", ["x"], ["mean"]),
        helper.make_node("Expand", ["mean", "like"], ["wide"]),
        helper.make_node("Shape", ["x"], ["like"]),
        helper.make_node("Slice", ["wide", "zero", "one", "three"], ["column"]),
    ]
    nodes = [nodes[2], nodes[0], nodes[1], nodes[3]] if {"mean", "column"} & {m for m in case.more if isinstance(m, str)} else []
    weights = {"zero": sizes(0), "one": sizes(1), "three": sizes(3)}
    inputs = [] if "x" in [m for m in case.more if isinstance(m, str)] else ["x"]
    for i, more in enumerate(case.more):
        if isinstance(more, str):
            inputs.append(more)
        elif more is None:
            inputs.append("")
        else:
            weights[f"w{i}"] = np.array(more)
            inputs.append(f"w{i}")
    outputs = ["y", *(f"side{i}" for i in range(1, case.outputs))]
    nodes.append(helper.make_node(case.op, inputs, outputs, name="the operator", **case.attributes))
    if case.op == "Cast":
        nodes.append(helper.make_node("Cast", ["y"], ["z"], to=1))
    nodes.append(helper.make_node("Mul", ["z" if case.op == "Cast" else "y", "weighting"], ["weighted"]))
    nodes.append(helper.make_node("ReduceSum", ["weighted"], ["loss"], keepdims=0))
    x = [*case.shape[:-2], "h", "w"] if case.free else case.shape
    weighting = [f"side{i}" for i in range(len(case.torch(torch.ones(case.shape).double()).shape))]
    graph = helper.make_graph(
        nodes, "case",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, x), helper.make_tensor_value_info("weighting", TensorProto.FLOAT, weighting)],
        [helper.make_tensor_value_info("loss", TensorProto.FLOAT, [])],
        [numpy_helper.from_array(value, name) for name, value in weights.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", NEWER.get(case.op, 17))], ir_version=9)


def feeds(case: Case, shape: tuple[int, ...]) -> dict[str, np.ndarray]:
    x = rng.uniform(case.low, 4.0, shape).astype(np.float32)
    y = case.torch(torch.from_numpy(x).double())
    return {"x": x, "weighting": rng.standard_normal(tuple(y.shape)).astype(np.float32)}


def error(case: Case) -> float:
    model = build(case)
    shapes = [case.shape]
    if case.free:
        shapes += [(*case.shape[:-2], h, w) for h, w in [(13, 9), (10, 15), (15, 12)]]
    gradient = differentiate(model, "loss", "x", [feeds(case, shape) for shape in shapes])
    worst = 0.0
    for shape in [*shapes, *([(*case.shape[:-2], 17, 20), (*case.shape[:-2], 18, 11)] if case.free else [])]:
        given = feeds(case, shape)
        (got,) = session(gradient).run(["gradient"], given)
        x = torch.from_numpy(given["x"]).double().requires_grad_(True)
        loss = (case.torch(x) * torch.from_numpy(given["weighting"])).sum()
        (want,) = torch.autograd.grad(loss, x)
        assert got.shape == want.shape, (got.shape, want.shape)
        worst = max(worst, float(np.abs(got - want.numpy()).max() / np.abs(want.numpy()).max()))
    return worst


def refusals() -> None:
    """What is not supported ends in a message that names operator and node."""
    for case in (Case("Sin", torch.sin), Case("Pad", torch.sin, (sizes(0, 0, 1, 1, 0, 0, 1, 1),), attributes={"mode": "reflect"}),
                 Case("Resize", torch.sin, (None, f32(1, 1, 2, 2)), attributes={"mode": "cubic"})):
        one = {"x": np.ones(case.shape, np.float32), "weighting": np.ones((1, 1, 1, 1), np.float32)}
        try:
            differentiate(build(case), "loss", "x", [one])
        except GradientError as problem:
            assert case.op in str(problem) and "the operator" in str(problem), problem
            print(f"{case.op:22s} refused: {problem}")
        else:
            raise SystemExit(f"{case.op} was not refused")


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--only", help="name of one operator")
    args = p.parse_args()
    bad, worst = 0, 0.0
    for case in CASES:
        if args.only in (None, case.op):
            try:
                off = error(case)
            except Exception as problem:  # one broken rule must not hide the others
                off = np.inf
                print(case.op, problem)
            worst = max(worst, off)
            bad += off > 1e-5
            if off > 1e-5 or args.only:
                print(f"{case.op:22s} {off:.1e} {'' if off < 1e-5 else 'BAD'} {case.attributes}")
    refusals()
    untested = set(RULES) - {case.op for case in CASES} - set(FLAT)
    if bad or untested and not args.only:
        raise SystemExit(f"{bad} of {len(CASES)} differ; without a case: {', '.join(sorted(untested))}")
    print(f"{len(CASES)} cases of {len(RULES)} operators agree with PyTorch, largest relative difference {worst:.1e}")


if __name__ == "__main__":
    main()
