"""Rules of operators that work value by value. Where a function has a kink, the choice is PyTorch's."""

from __future__ import annotations

import math

from onnx import NodeProto

from graph import Graph, attributes, unsupported
from rules import ZERO, Contribution, rule, the, unbroadcast

Gradients = "list[str | None]"


def back(g: Graph, node: NodeProto, gradient: str, index: int) -> str:
    """To the shape of an input that was perhaps broadcast."""
    return unbroadcast(g, gradient, g.tensors[node.output[0]].shapes, node.input[index])


# -- arithmetic ----------------------------------------------------------------------------------------------------


@rule("Add", "Sum")
def _add(g: Graph, node: NodeProto, dy: Gradients) -> list[Contribution]:
    return [back(g, node, the(dy), i) for i in range(len(node.input))]


@rule("Sub")
def _sub(g: Graph, node: NodeProto, dy: Gradients) -> list[Contribution]:
    second = back(g, node, g.add("Neg", the(dy)), 1) if node.input[1] in g.active else None
    return [back(g, node, the(dy), 0), second]


@rule("Mul")
def _mul(g: Graph, node: NodeProto, dy: Gradients) -> list[Contribution]:
    a, b = node.input
    first = back(g, node, g.add("Mul", the(dy), b), 0) if a in g.active else None
    if a == b:
        return [g.add("Mul", first or "", g.number(2.0)), ZERO]
    second = back(g, node, g.add("Mul", the(dy), a), 1) if b in g.active else None
    return [first, second]


@rule("Div")
def _div(g: Graph, node: NodeProto, dy: Gradients) -> list[Contribution]:
    quotient = g.add("Div", the(dy), node.input[1])
    second = None
    if node.input[1] in g.active:
        second = back(g, node, g.add("Neg", g.add("Mul", quotient, node.output[0])), 1)
    return [back(g, node, quotient, 0), second]


@rule("Pow")
def _pow(g: Graph, node: NodeProto, dy: Gradients) -> list[Contribution]:
    exponent = g.need_value(node.input[1], node, "the exponent")
    if exponent.size != 1:
        raise unsupported(node, "the exponent must be one number")
    p = float(exponent.reshape(-1)[0])
    slope = g.add("Mul", g.add("Pow", node.input[0], g.number(p - 1.0)), g.number(p))
    return [g.add("Mul", the(dy), slope), None]


@rule("Min", "Max")
def _extreme(g: Graph, node: NodeProto, dy: Gradients) -> list[Contribution]:
    if len(node.input) != 2:
        raise unsupported(node, "only two inputs are supported")
    wins = "Less" if node.op_type == "Min" else "Greater"
    a, b = node.input
    # Equal values share the gradient.
    tie = g.add("Mul", g.add("Cast", g.add("Equal", a, b), to=1), g.number(0.5))
    share = g.add("Add", g.add("Cast", g.add(wins, a, b), to=1), tie)
    first = g.add("Mul", the(dy), share)
    return [back(g, node, first, 0), back(g, node, g.add("Sub", the(dy), first), 1)]


@rule("Where")
def _where(g: Graph, node: NodeProto, dy: Gradients) -> list[Contribution]:
    condition, zero = node.input[0], g.number(0.0)
    first, second = g.add("Where", condition, the(dy), zero), g.add("Where", condition, zero, the(dy))
    return [None, back(g, node, first, 1), back(g, node, second, 2)]


@rule("Neg")
def _neg(g: Graph, node: NodeProto, dy: Gradients) -> list[Contribution]:
    return [g.add("Neg", the(dy))]


@rule("Identity", "Dropout")
def _identity(g: Graph, node: NodeProto, dy: Gradients) -> list[Contribution]:
    return [the(dy)]


@rule("Sign", "Floor", "Ceil", "Round")
def _flat(g: Graph, node: NodeProto, dy: Gradients) -> list[Contribution]:
    return [ZERO]


@rule("Cast")
def _cast(g: Graph, node: NodeProto, dy: Gradients) -> list[Contribution]:
    same = g.tensors[node.input[0]].dtype == g.tensors[node.output[0]].dtype
    return [the(dy) if same else g.add("CastLike", the(dy), node.input[0])]


# -- smooth functions ----------------------------------------------------------------------------------------------


@rule("Exp")
def _exp(g: Graph, node: NodeProto, dy: Gradients) -> list[Contribution]:
    return [g.add("Mul", the(dy), node.output[0])]


@rule("Log")
def _log(g: Graph, node: NodeProto, dy: Gradients) -> list[Contribution]:
    return [g.add("Div", the(dy), node.input[0])]


@rule("Sqrt")
def _sqrt(g: Graph, node: NodeProto, dy: Gradients) -> list[Contribution]:
    return [g.add("Div", g.add("Mul", the(dy), g.number(0.5)), node.output[0])]


@rule("Reciprocal")
def _reciprocal(g: Graph, node: NodeProto, dy: Gradients) -> list[Contribution]:
    y = node.output[0]
    return [g.add("Neg", g.add("Mul", the(dy), g.add("Mul", y, y)))]


@rule("Abs")
def _abs(g: Graph, node: NodeProto, dy: Gradients) -> list[Contribution]:
    return [g.add("Mul", the(dy), g.add("Sign", node.input[0]))]


@rule("Sigmoid")
def _sigmoid(g: Graph, node: NodeProto, dy: Gradients) -> list[Contribution]:
    y = node.output[0]
    return [g.add("Mul", the(dy), g.add("Mul", y, g.add("Sub", g.number(1.0), y)))]


@rule("Tanh")
def _tanh(g: Graph, node: NodeProto, dy: Gradients) -> list[Contribution]:
    y = node.output[0]
    return [g.add("Mul", the(dy), g.add("Sub", g.number(1.0), g.add("Mul", y, y)))]


@rule("Softplus")
def _softplus(g: Graph, node: NodeProto, dy: Gradients) -> list[Contribution]:
    return [g.add("Mul", the(dy), g.add("Sigmoid", node.input[0]))]


@rule("Mish")
def _mish(g: Graph, node: NodeProto, dy: Gradients) -> list[Contribution]:
    x = node.input[0]
    t = g.add("Tanh", g.add("Softplus", x))
    bend = g.add("Mul", g.add("Mul", x, g.add("Sigmoid", x)), g.add("Sub", g.number(1.0), g.add("Mul", t, t)))
    return [g.add("Mul", the(dy), g.add("Add", t, bend))]


@rule("Erf")
def _erf(g: Graph, node: NodeProto, dy: Gradients) -> list[Contribution]:
    x = node.input[0]
    bell = g.add("Exp", g.add("Neg", g.add("Mul", x, x)))
    return [g.add("Mul", the(dy), g.add("Mul", bell, g.number(2.0 / math.sqrt(math.pi))))]


@rule("Gelu")
def _gelu(g: Graph, node: NodeProto, dy: Gradients) -> list[Contribution]:
    if attributes(node).get("approximate", b"none") != b"none":
        raise unsupported(node, "the approximation by tanh is not supported")
    x = node.input[0]
    share = g.add("Erf", g.add("Mul", x, g.number(math.sqrt(0.5))))
    share = g.add("Add", g.add("Mul", share, g.number(0.5)), g.number(0.5))
    bell = g.add("Exp", g.add("Mul", g.add("Mul", x, x), g.number(-0.5)))
    bell = g.add("Mul", g.add("Mul", x, bell), g.number(1.0 / math.sqrt(2.0 * math.pi)))
    return [g.add("Mul", the(dy), g.add("Add", share, bell))]


# -- functions with kinks ------------------------------------------------------------------------------------------


def pass_where(g: Graph, condition: str, gradient: str) -> str:
    return g.add("Where", condition, gradient, g.number(0.0))


@rule("Relu")
def _relu(g: Graph, node: NodeProto, dy: Gradients) -> list[Contribution]:
    # From the output, so that the runtime may still merge the operator into the convolution before it.
    return [pass_where(g, g.add("Greater", node.output[0], g.number(0.0)), the(dy))]


@rule("LeakyRelu")
def _leaky_relu(g: Graph, node: NodeProto, dy: Gradients) -> list[Contribution]:
    slope = g.number(attributes(node).get("alpha", 0.01))
    rising = g.add("Greater", node.input[0], g.number(0.0))
    return [g.add("Mul", the(dy), g.add("Where", rising, g.number(1.0), slope))]


@rule("PRelu")
def _prelu(g: Graph, node: NodeProto, dy: Gradients) -> list[Contribution]:
    rising = g.add("Greater", node.input[0], g.number(0.0))
    return [g.add("Mul", the(dy), g.add("Where", rising, g.number(1.0), node.input[1])), None]


@rule("Elu")
def _elu(g: Graph, node: NodeProto, dy: Gradients) -> list[Contribution]:
    rising = g.add("Greater", node.input[0], g.number(0.0))
    slope = g.add("Add", node.output[0], g.number(attributes(node).get("alpha", 1.0)))
    return [g.add("Mul", the(dy), g.add("Where", rising, g.number(1.0), slope))]


@rule("Clip")
def _clip(g: Graph, node: NodeProto, dy: Gradients) -> list[Contribution]:
    x, gradient = node.input[0], the(dy)
    for bound, outside in zip(node.input[1:], ("Less", "Greater")):
        if bound:
            gradient = g.add("Where", g.add(outside, x, bound), g.number(0.0), gradient)
    return [gradient, None, None][: len(node.input)]


@rule("HardSigmoid")
def _hard_sigmoid(g: Graph, node: NodeProto, dy: Gradients) -> list[Contribution]:
    slope, y = g.number(attributes(node).get("alpha", 0.2)), node.output[0]
    inside = g.add("And", g.add("Greater", y, g.number(0.0)), g.add("Less", y, g.number(1.0)))
    return [pass_where(g, inside, g.add("Mul", the(dy), slope))]


@rule("HardSwish")
def _hard_swish(g: Graph, node: NodeProto, dy: Gradients) -> list[Contribution]:
    x = node.input[0]
    slope = g.add("Add", g.add("Mul", x, g.number(1.0 / 3.0)), g.number(0.5))
    slope = g.add("Where", g.add("Less", x, g.number(-3.0)), g.number(0.0), slope)
    slope = g.add("Where", g.add("Greater", x, g.number(3.0)), g.number(1.0), slope)
    return [g.add("Mul", the(dy), slope)]
