"""Rules of operators that move values without changing them: their gradients move back."""

from __future__ import annotations

from typing import Sequence

import numpy as np
from onnx import NodeProto

from graph import Graph, attributes, unsupported
from rules import Contribution, Part, normal_axis, rule, the, unbroadcast

Gradients = "list[str | None]"
FARTHEST = np.iinfo(np.int64).max


@rule("Reshape", "Flatten", "Squeeze", "Unsqueeze")
def _reshape(g: Graph, node: NodeProto, dy: Gradients) -> list[Contribution]:
    return [g.add("Reshape", the(dy), g.shape(node.input[0])), None][: len(node.input)]


@rule("Transpose")
def _transpose(g: Graph, node: NodeProto, dy: Gradients) -> list[Contribution]:
    perm = attributes(node).get("perm") or list(range(g.tensors[node.input[0]].rank))[::-1]
    return [g.add("Transpose", the(dy), perm=[int(i) for i in np.argsort(perm)])]


@rule("Expand")
def _expand(g: Graph, node: NodeProto, dy: Gradients) -> list[Contribution]:
    return [unbroadcast(g, the(dy), g.tensors[node.output[0]].shapes, node.input[0]), None]


@rule("DepthToSpace")
def _depth_to_space(g: Graph, node: NodeProto, dy: Gradients) -> list[Contribution]:
    known = attributes(node)
    block, x = known["blocksize"], node.input[0]
    depth = g.add("SpaceToDepth", the(dy), blocksize=block)
    if known.get("mode", b"DCR") == b"DCR":
        return [depth]
    split = g.add("Reshape", depth, g.const([0, block * block, g.tensors[x].side(1) // block**2, -1]))
    return [g.add("Reshape", g.add("Transpose", split, perm=[0, 2, 1, 3]), g.shape(x))]


@rule("SpaceToDepth")
def _space_to_depth(g: Graph, node: NodeProto, dy: Gradients) -> list[Contribution]:
    return [g.add("DepthToSpace", the(dy), blocksize=attributes(node)["blocksize"])]


@rule("Concat")
def _concat(g: Graph, node: NodeProto, dy: Gradients) -> list[Contribution]:
    axis = normal_axis(attributes(node)["axis"], g.tensors[node.output[0]].rank)
    sides = [g.tensors[name].side(axis) for name in node.input]
    if None in sides:
        lengths = g.add("Concat", *(g.length(name, axis) for name in node.input), axis=0)
        return list(g.add_many("Split", [the(dy), lengths], len(node.input), axis=axis))
    if all(name in g.active for name in node.input):
        return list(g.add_many("Split", [the(dy), g.const(sides)], len(node.input), axis=axis))
    stops = np.cumsum(sides).tolist()
    return [
        cut(g, the(dy), axis, stop - side, stop) if name in g.active else None
        for name, side, stop in zip(node.input, sides, stops)
    ]


def cut(g: Graph, x: str, axis: int, start: int, stop: int) -> str:
    return g.add("Slice", x, g.const([start]), g.const([stop]), g.const([axis]))


@rule("Split")
def _split(g: Graph, node: NodeProto, dy: Gradients) -> list[Contribution]:
    x = node.input[0]
    axis = normal_axis(attributes(node).get("axis", 0), g.tensors[x].rank)
    parts = []
    for name, gradient in zip(node.output, dy):
        if gradient is None:
            gradient = g.zeros(g.shape(name))
        parts.append(gradient)
    return [g.add("Concat", *parts, axis=axis), None][: len(node.input)]


@rule("Slice")
def _slice(g: Graph, node: NodeProto, dy: Gradients) -> list[Contribution]:
    x, y, gradient = node.input[0], node.output[0], the(dy)
    rest = [None] * (len(node.input) - 1)
    inputs = [*node.input, "", ""]
    known = g.tensors[inputs[1]]
    axes = g.need_value(inputs[3], node, "axes").tolist() if inputs[3] else list(range(known.shapes[0][0]))
    steps = g.need_value(inputs[4], node, "steps").tolist() if inputs[4] else [1] * len(axes)
    axes = [normal_axis(axis, g.tensors[x].rank) for axis in axes]
    starts = g.value(inputs[1])
    if len(axes) == 1 and steps == [1] and starts is not None and g.tensors[x].side(axes[0]) is not None:
        side, length = g.tensors[x].side(axes[0]), g.tensors[y].side(axes[0])
        start = min(int(starts[0]) + (side if starts[0] < 0 else 0), side)
        return [Part(axes[0], start, start + length, gradient), *rest]
    pads: dict[int, tuple[str, str]] = {}
    for i, (axis, step) in enumerate(zip(axes, steps)):
        total, length = g.length(x, axis), g.length(y, axis)
        start = _start(g, node, i, total, step)
        if step != 1:
            gradient = _spread(g, gradient, axis, step)
            length = g.whole("Mul", length, g.const([abs(step)]))
        if step < 0:
            # Now in rising order: what was taken first comes last.
            start = g.whole("Sub", start, g.whole("Sub", length, g.const([-step])))
        pads[axis] = (start, g.whole("Sub", total, g.whole("Add", start, length)))
    return [pad(g, gradient, g.tensors[x].rank, pads), *rest]


def _start(g: Graph, node: NodeProto, index: int, total: str, step: int) -> str:
    """Where a slice starts along its axis, counted from 0, int64 [1]."""
    starts, side = g.value(node.input[1]), g.value(total)
    if starts is not None and starts[index] == 0:
        return g.const([0])
    if starts is not None and side is not None:
        start = int(starts[index]) + (int(side[0]) if starts[index] < 0 else 0)
        return g.const([max(0, min(start, int(side[0]) - (step < 0)))])
    if step < 0:
        raise unsupported(node, "a negative step needs an axis of fixed length")
    start = g.add("Slice", node.input[1], g.const([index]), g.const([index + 1]))
    start = g.add("Where", g.add("Less", start, g.const([0])), g.add("Add", start, total), start)
    return g.add("Max", g.add("Min", start, total), g.const([0]))


def _spread(g: Graph, x: str, axis: int, step: int) -> str:
    """Puts |step| - 1 zeros behind each value along an axis; in reverse order for a negative step."""
    if step < 0:
        x = g.add("Slice", x, g.const([-1]), g.const([-FARTHEST]), g.const([axis]), g.const([-1]))
    if step == -1:
        return x
    shape = g.add("Shape", x)
    before = g.add("Slice", shape, g.const([0]), g.const([axis]))
    behind = g.add("Slice", shape, g.const([axis + 1]), g.const([FARTHEST]))
    apart = g.add("Unsqueeze", x, g.const([axis + 1]))
    gaps = [g.zeros(g.add("Shape", apart))] * (abs(step) - 1)
    wide = g.add("Concat", apart, *gaps, axis=axis + 1)
    return g.add("Reshape", wide, g.add("Concat", before, g.const([-1]), behind, axis=0))


def pad(g: Graph, x: str, rank: int, pads: dict[int, tuple[str, str]]) -> str:
    """Zeros around (negative: cut off), by axis; counts are int64 [1]."""
    nothing = (g.const([0]), g.const([0]))
    sides = [pads.get(axis, nothing)[end] for end in (0, 1) for axis in range(rank)]
    values = [g.value(side) for side in sides]
    if any(value is None for value in values):
        return g.add("Pad", x, g.add("Concat", *sides, axis=0))
    counts = [int(value[0]) for value in values]
    return g.add("Pad", x, g.const(counts)) if any(counts) else x


@rule("Gather")
def _gather(g: Graph, node: NodeProto, dy: Gradients) -> list[Contribution]:
    x, gradient = node.input[0], the(dy)
    indices = g.need_value(node.input[1], node, "the indices")
    axis = normal_axis(attributes(node).get("axis", 0), g.tensors[x].rank)
    side = g.tensors[x].side(axis)
    if side is None or indices.ndim > 1:
        raise unsupported(node, "needs one row of indices along an axis of fixed length")
    taken = [int(i) % side for i in indices.reshape(-1)]
    if indices.ndim == 0:
        return [Part(axis, taken[0], taken[0] + 1, g.add("Unsqueeze", gradient, g.const([axis]))), None]
    places: list[list[int]] = [[] for _ in range(side)]
    for place, index in enumerate(taken):
        places[index].append(place)
    # One more entry, of zeros, is where the gradient of what was not taken comes from.
    zeros = g.zeros(g.add("Shape", cut(g, gradient, axis, 0, 1)))
    longer = g.add("Concat", gradient, zeros, axis=axis)
    total = None
    for turn in range(max(1, max(map(len, places)))):
        source = [own[turn] if turn < len(own) else len(taken) for own in places]
        part = g.add("Gather", longer, g.const(source), axis=axis)
        total = part if total is None else g.add("Add", total, part)
    return [total, None]


@rule("Pad")
def _pad(g: Graph, node: NodeProto, dy: Gradients) -> list[Contribution]:
    mode = attributes(node).get("mode", b"constant")
    rest = [None] * (len(node.input) - 1)
    if len(node.input) > 3 and node.input[3]:
        counts, axes = _spread_pads(g, node)
    else:
        counts, axes = node.input[1], list(range(g.tensors[node.input[0]].rank))
    if mode == b"constant":
        value = g.value(counts)
        negative = g.add("Neg", counts) if value is None else g.const([-int(v) for v in value])
        return [g.add("Pad", the(dy), negative), *rest]
    if mode == b"edge":
        gradient = the(dy)
        for axis in axes:
            if not _unpadded(g, node, counts, axis):
                gradient = _fold_edge(g, node, gradient, counts, axis)
        return [gradient, *rest]
    raise unsupported(node, f"mode {mode.decode()} is not supported, constant and edge are")


def _spread_pads(g: Graph, node: NodeProto) -> tuple[str, Sequence[int]]:
    rank = g.tensors[node.input[0]].rank
    axes = [normal_axis(int(axis), rank) for axis in g.need_value(node.input[3], node, "axes")]
    values = g.need_value(node.input[1], node, "pads").tolist()
    full = [0] * (2 * rank)
    for i, axis in enumerate(axes):
        full[axis], full[rank + axis] = values[i], values[len(axes) + i]
    return g.const(full), axes


def _unpadded(g: Graph, node: NodeProto, counts: str, axis: int) -> bool:
    x, y = g.tensors[node.input[0]], g.tensors[node.output[0]]
    return all(a[axis] == b[axis] for a, b in zip(x.shapes, y.shapes))


def _fold_edge(g: Graph, node: NodeProto, gradient: str, counts: str, axis: int) -> str:
    """Adds what lies in the repeated border to the first and last line. The picture has two lines or more."""
    rank, at = g.tensors[node.input[0]].rank, g.const([axis])
    value = g.value(counts)
    seen = g.tensors[counts].seen if value is None else [value]
    begins, ends = (any(run[index] != 0 for run in seen) for index in (axis, rank + axis))
    before = g.add("Slice", counts, at, g.const([axis + 1])) if begins else g.const([0])
    total = g.length(node.input[0], axis)
    start = g.whole("Add", before, g.const([1 if begins else 0]))
    stop = g.whole("Sub", g.whole("Add", before, total), g.const([1 if ends else 0]))
    pieces = [g.add("Slice", gradient, start, stop, at)]
    if begins:
        pieces.insert(0, g.reduce("ReduceSum", g.add("Slice", gradient, g.const([0]), start, at), [axis]))
    if ends:
        pieces.append(g.reduce("ReduceSum", g.add("Slice", gradient, stop, g.const([FARTHEST]), at), [axis]))
    return g.add("Concat", *pieces, axis=axis)
