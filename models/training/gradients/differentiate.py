"""Reverse-mode differentiation of ONNX graphs: appends to a graph the operators that compute its gradient.

    python differentiate.py loss.onnx gradient.onnx --loss loss --input image [--size 64x96 --size 75x101 ...]

`loss.onnx` has an output that is one number; `gradient.onnx` has in addition the output `gradient`, d loss / d input, of
the input's shape. Operators without a rule end in an error that names operator and node. A graph whose input has a
free height or width needs no sizes unless the usual ones are too small for it.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Sequence

import numpy as np
import onnx
from onnx import TensorProto, helper

import rules_elementwise, rules_layout, rules_linear, rules_spatial  # noqa: E401, F401 (they register their rules)
from graph import Feeds, GradientError, Graph, load_model, unsupported
from rules import RULES, Contribution, Part, Zero

# Even and odd at every halving: sides that agree at all of these are taken for equal at every size.
SIZES = [(64, 96), (75, 101), (130, 57), (95, 127)]


def differentiate(model: onnx.ModelProto, loss: str, wrt: str, runs: Sequence[Feeds], gradient: str = "gradient") -> onnx.ModelProto:
    """The model with one more output, the derivative of its output `loss` (one number) by its input `wrt`.

    `runs` are inputs to try the graph with: one where all sizes are fixed, else several of unlike sizes.
    Raises GradientError where an operator has no rule.
    """
    g = Graph(model)
    if wrt not in {entry.name for entry in g.inputs}:
        raise GradientError(f'there is no input "{wrt}", only {", ".join(entry.name for entry in g.inputs)}')
    g.observe(runs)
    if loss not in g.tensors or any(np.prod(shape) != 1 for shape in g.tensors[loss].shapes):
        raise GradientError(f'the loss "{loss}" must be one number')
    forward = list(g.nodes)
    g.active = active_tensors(g, loss, wrt)
    if wrt not in g.active:
        raise GradientError(f'the loss "{loss}" does not depend on "{wrt}"')
    g.prefix = "gradient/"
    gradients: dict[str, list[str | Part]] = {loss: [g.const(np.ones(g.tensors[loss].shapes[0]), np.float32)]}
    for node in reversed(forward):
        if not any(name in gradients for name in node.output):
            continue
        outputs = [total(g, name, gradients.pop(name)) if name in gradients else None for name in node.output]
        for index, (name, part) in enumerate(zip(node.input, derive(g, node, outputs))):
            if name not in g.active or isinstance(part, Zero):
                continue
            if part is None:
                raise unsupported(node, f'no rule for its input {index}, "{name}"')
            gradients.setdefault(name, []).append(part)
    if wrt not in gradients:
        raise GradientError(f'the gradient by "{wrt}" is zero everywhere')
    g.add("Identity", total(g, wrt, gradients[wrt]), name=gradient)
    source = next(entry for entry in g.inputs if entry.name == wrt)
    dims = [d.dim_param or (d.dim_value if d.HasField("dim_value") else None) for d in source.type.tensor_type.shape.dim]
    result = g.finish([*g.outputs, helper.make_tensor_value_info(gradient, TensorProto.FLOAT, dims)])
    onnx.checker.check_model(result)
    return result


def active_tensors(g: Graph, loss: str, wrt: str) -> set[str]:
    """Floating-point tensors that depend on the input and that the loss depends on."""
    moved = {wrt}
    for node in g.nodes:
        if any(name in moved for name in node.input):
            moved.update(name for name in node.output if name and g.tensors[name].dtype.kind == "f")
    counts = {loss}
    for node in reversed(g.nodes):
        if any(name in counts for name in node.output):
            counts.update(name for name in node.input if name in moved)
    return moved & counts


def derive(g: Graph, node: onnx.NodeProto, outputs: "list[str | None]") -> Sequence[Contribution]:
    if node.op_type not in RULES or node.domain not in ("", "ai.onnx"):
        raise unsupported(node, "this operator has no rule")
    try:
        return RULES[node.op_type](g, node, outputs)
    except GradientError as error:
        name = f'node "{node.name or node.output[0]}"'
        raise error if name in str(error) else unsupported(node, str(error)) from error


def total(g: Graph, name: str, parts: "list[str | Part]") -> str:
    """The sum of all gradients that reach a tensor."""
    whole = [part for part in parts if isinstance(part, str)]
    pieces = sorted((part for part in parts if isinstance(part, Part)), key=lambda part: (part.axis, part.start))
    if tiles(g, name, pieces):
        # A tensor that was cut up, as by a split: its parts side by side, in one pass over memory.
        whole.append(g.add("Concat", *(piece.gradient for piece in pieces), axis=pieces[0].axis))
        pieces = []
    for piece in pieces:
        rank, side = g.tensors[name].rank, g.tensors[name].side(piece.axis)
        behind = (side or 0) - piece.stop
        ends = {piece.axis: (g.const([piece.start]), g.const([behind]))}
        whole.append(rules_layout.pad(g, piece.gradient, rank, ends))
    result = whole[0]
    for part in whole[1:]:
        result = g.add("Add", result, part)
    return result


def tiles(g: Graph, name: str, pieces: Sequence[Part]) -> bool:
    if len(pieces) < 2 or len({piece.axis for piece in pieces}) > 1:
        return False
    at = 0
    for piece in pieces:
        if piece.start != at:
            return False
        at = piece.stop
    return at == g.tensors[name].side(pieces[0].axis)


def runs_for(model: onnx.ModelProto, sizes: Sequence[tuple[int, int]], seed: int = 0) -> list[Feeds]:
    """Random inputs 0..1; free sides named h, height, w and width take `sizes`, all others 1."""
    free = any(not d.dim_value for entry in model.graph.input for d in entry.type.tensor_type.shape.dim)
    rng = np.random.default_rng(seed)
    runs = []
    for height, width in sizes if free else sizes[:1]:
        feeds = {}
        for entry in model.graph.input:
            kind = entry.type.tensor_type
            dims = kind.shape.dim
            shape = [d.dim_value or _side(d.dim_param, i, len(dims), height, width) for i, d in enumerate(dims)]
            dtype = helper.tensor_dtype_to_np_dtype(kind.elem_type)
            feeds[entry.name] = (rng.random(shape) * (1 if dtype == np.float32 else 255)).astype(dtype)
        runs.append(feeds)
    return runs


def _side(name: str, axis: int, rank: int, height: int, width: int) -> int:
    if name.lower() in ("h", "height", "w", "width"):
        return height if name.lower()[0] == "h" else width
    return {rank - 2: height, rank - 1: width}.get(axis, 1) if rank == 4 else 1


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("model", type=Path)
    p.add_argument("out", type=Path)
    p.add_argument("--loss", default="loss", help="output that is one number")
    p.add_argument("--input", default="image", help="input to differentiate by")
    p.add_argument("--size", action="append", help="HxW to try a graph of free size with; several, of unlike remainders")
    args = p.parse_args()
    sizes = [tuple(map(int, size.split("x"))) for size in args.size] if args.size else SIZES
    try:
        model = load_model(args.model)
        result = differentiate(model, args.loss, args.input, runs_for(model, sizes))
    except GradientError as error:
        raise SystemExit(f"{args.model}: {error}") from None
    onnx.save(result, str(args.out))
    print(f"{args.out}: {args.out.stat().st_size} bytes, {len(result.graph.node)} nodes")


if __name__ == "__main__":
    main()
