"""What the rules of differentiation share: the register, contributions, and sums over broadcast sides.

A rule takes the graph, a node of it and the gradients of the node's outputs (None for an output that the loss does
not depend on), appends what it needs and returns one entry for each input: the name of a tensor of that input's shape,
a `Part`, ZERO, or None where it has none to give.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Sequence, Union

from onnx import NodeProto

from graph import GradientError, Graph


@dataclass(frozen=True)
class Part:
    """A gradient that belongs to start..stop along one axis of a tensor and is zero elsewhere."""

    axis: int
    start: int
    stop: int
    gradient: str


class Zero:
    """The operator is flat almost everywhere."""


ZERO = Zero()

Contribution = Union[str, Part, Zero, None]
Rule = Callable[[Graph, NodeProto, "list[str | None]"], Sequence[Contribution]]

RULES: dict[str, Rule] = {}


def rule(*operators: str) -> Callable[[Rule], Rule]:
    def register(function: Rule) -> Rule:
        for operator in operators:
            RULES[operator] = function
        return function

    return register


def the(gradients: "list[str | None]") -> str:
    """The gradient of the only output that counts."""
    if gradients[0] is None or any(gradient is not None for gradient in gradients[1:]):
        raise GradientError("the loss depends on a side output of an operator")
    return gradients[0]


def unbroadcast(g: Graph, gradient: str, shapes: Sequence[tuple[int, ...]], x: str) -> str:
    """Sums a gradient of the given shapes (one a run) over the sides along which `x` was repeated."""
    known = g.tensors[x]
    if tuple(shapes) == known.shapes:
        return gradient
    extra = len(shapes[0]) - known.rank
    axes = list(range(extra))
    for axis in range(known.rank):
        differs = any(shape[axis + extra] != own[axis] for shape, own in zip(shapes, known.shapes))
        if differs and known.side(axis) != 1:
            raise GradientError(f'"{x}" is repeated at some sizes of the input and not at others')
        if differs:
            axes.append(axis + extra)
    summed = g.reduce("ReduceSum", gradient, axes, keepdims=1)
    return g.add("Reshape", summed, g.shape(x)) if extra else summed


def normal_axis(axis: int, rank: int) -> int:
    return axis + rank if axis < 0 else axis
