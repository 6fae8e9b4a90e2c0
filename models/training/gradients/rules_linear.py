"""Rules of matrix products, sums over axes, and normalisation."""

from __future__ import annotations

import numpy as np
from onnx import NodeProto

from graph import Graph, attributes, unsupported
from rules import Contribution, normal_axis, rule, the, unbroadcast

Gradients = "list[str | None]"


@rule("MatMul")
def _matmul(g: Graph, node: NodeProto, dy: Gradients) -> list[Contribution]:
    a, b = node.input
    left, right = g.tensors[a], g.tensors[b]
    if left.rank < 2 or right.rank < 2:
        raise unsupported(node, "vectors are not supported, only matrices")
    batches = [shape[:-2] for shape in g.tensors[node.output[0]].shapes]
    first = second = None
    if a in g.active:
        shapes = [batch + shape[-2:] for batch, shape in zip(batches, left.shapes)]
        first = unbroadcast(g, g.add("MatMul", the(dy), _turned(g, b)), shapes, a)
    if b in g.active:
        shapes = [batch + shape[-2:] for batch, shape in zip(batches, right.shapes)]
        second = unbroadcast(g, g.add("MatMul", _turned(g, a), the(dy)), shapes, b)
    return [first, second]


def _turned(g: Graph, x: str) -> str:
    axes = list(range(g.tensors[x].rank))
    return g.add("Transpose", x, perm=[*axes[:-2], axes[-1], axes[-2]])


@rule("Gemm")
def _gemm(g: Graph, node: NodeProto, dy: Gradients) -> list[Contribution]:
    known, gradient = attributes(node), the(dy)
    a, b = node.input[:2]
    alpha, turned_a, turned_b = known.get("alpha", 1.0), known.get("transA", 0), known.get("transB", 0)
    if turned_a:
        first = g.add("Gemm", b, gradient, alpha=alpha, transA=turned_b, transB=1)
    else:
        first = g.add("Gemm", gradient, b, alpha=alpha, transB=1 - turned_b)
    if turned_b:
        second = g.add("Gemm", gradient, a, alpha=alpha, transA=1, transB=turned_a)
    else:
        second = g.add("Gemm", a, gradient, alpha=alpha, transA=1 - turned_a)
    results: list[Contribution] = [first, second]
    for name in node.input[2:]:
        scaled = g.add("Mul", gradient, g.number(known.get("beta", 1.0)))
        active = name in g.active
        results.append(unbroadcast(g, scaled, g.tensors[node.output[0]].shapes, name) if active else None)
    return results


@rule("ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin")
def _reduce(g: Graph, node: NodeProto, dy: Gradients) -> list[Contribution]:
    x, y, kind = node.input[0], node.output[0], node.op_type
    known, rest = attributes(node), [None] * (len(node.input) - 1)
    axes = known.get("axes")
    if len(node.input) > 1 and node.input[1]:
        axes = g.need_value(node.input[1], node, "axes").tolist()
    if not axes and known.get("noop_with_empty_axes", 0):
        return [the(dy), *rest]
    rank = g.tensors[x].rank
    axes = [normal_axis(axis, rank) for axis in axes] if axes else list(range(rank))
    gradient = the(dy)
    if not known.get("keepdims", 1):
        gradient, y = g.add("Unsqueeze", gradient, g.const(axes)), g.add("Unsqueeze", y, g.const(axes))
    if kind == "ReduceMean":
        gradient = g.add("Div", gradient, count(g, x, axes))
    if kind in ("ReduceSum", "ReduceMean"):
        return [g.add("Expand", gradient, g.shape(x)), *rest]
    # Equal extremes share the gradient.
    chosen = g.add("Cast", g.add("Equal", x, y), to=1)
    share = g.add("Div", gradient, g.reduce("ReduceSum", chosen, axes))
    return [g.add("Mul", chosen, share), *rest]


def count(g: Graph, x: str, axes: "list[int]") -> str:
    """How many values lie along the axes, as a float."""
    sides = [g.tensors[x].side(axis) for axis in axes]
    if None not in sides:
        return g.number(float(np.prod([float(side) for side in sides])))
    lengths = g.add("Gather", g.shape(x), g.const(axes))
    return g.add("Cast", g.add("ReduceProd", lengths, keepdims=0), to=1)


@rule("GlobalAveragePool")
def _global_average(g: Graph, node: NodeProto, dy: Gradients) -> list[Contribution]:
    x = node.input[0]
    axes = list(range(2, g.tensors[x].rank))
    return [g.add("Expand", g.add("Div", the(dy), count(g, x, axes)), g.shape(x))]


@rule("Softmax", "LogSoftmax")
def _softmax(g: Graph, node: NodeProto, dy: Gradients) -> list[Contribution]:
    y = node.output[0]
    axis = normal_axis(attributes(node).get("axis", -1), g.tensors[y].rank)
    if node.op_type == "LogSoftmax":
        total = g.reduce("ReduceSum", the(dy), [axis])
        return [g.add("Sub", the(dy), g.add("Mul", g.add("Exp", y), total))]
    total = g.reduce("ReduceSum", g.add("Mul", the(dy), y), [axis])
    return [g.add("Mul", y, g.add("Sub", the(dy), total))]


@rule("BatchNormalization")
def _batch_norm(g: Graph, node: NodeProto, dy: Gradients) -> list[Contribution]:
    if attributes(node).get("training_mode", 0):
        raise unsupported(node, "it is in training mode: export the network in evaluation mode")
    # In the graph rather than here, so that the factor is not rounded once more; the runtime folds it when it loads.
    epsilon = g.number(attributes(node).get("epsilon", 1e-5))
    factor = g.add("Div", node.input[1], g.add("Sqrt", g.add("Add", node.input[4], epsilon)))
    around = g.const([1, -1] + [1] * (g.tensors[node.input[0]].rank - 2))
    return [g.add("Mul", the(dy), g.add("Reshape", factor, around)), *[None] * 4]


@rule("LayerNormalization")
def _layer_norm(g: Graph, node: NodeProto, dy: Gradients) -> list[Contribution]:
    x, scale, known = node.input[0], node.input[1], attributes(node)
    rank = g.tensors[x].rank
    axes = list(range(normal_axis(known.get("axis", -1), rank), rank))
    gradient = _normalised(g, x, g.add("Mul", the(dy), scale), axes, known.get("epsilon", 1e-5))
    return [gradient, *[None] * (len(node.input) - 1)]


@rule("InstanceNormalization")
def _instance_norm(g: Graph, node: NodeProto, dy: Gradients) -> list[Contribution]:
    x, rank = node.input[0], g.tensors[node.input[0]].rank
    axes = list(range(2, rank))
    scale = g.add("Reshape", node.input[1], g.const([1, -1] + [1] * len(axes)))
    gradient = _normalised(g, x, g.add("Mul", the(dy), scale), axes, attributes(node).get("epsilon", 1e-5))
    return [gradient, None, None]


def _normalised(g: Graph, x: str, gradient: str, axes: "list[int]", epsilon: float) -> str:
    """Through (x - mean) / sqrt(variance + epsilon), both taken over the axes."""
    centred = g.add("Sub", x, g.reduce("ReduceMean", x, axes))
    variance = g.reduce("ReduceMean", g.add("Mul", centred, centred), axes)
    factor = g.add("Reciprocal", g.add("Sqrt", g.add("Add", variance, g.number(epsilon))))
    unit = g.add("Mul", centred, factor)
    along = g.add("Mul", unit, g.reduce("ReduceMean", g.add("Mul", gradient, unit), axes))
    rest = g.add("Sub", g.add("Sub", gradient, g.reduce("ReduceMean", gradient, axes)), along)
    return g.add("Mul", rest, factor)
