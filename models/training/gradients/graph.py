"""An ONNX graph that is being extended: its nodes, what is known of its tensors, and how to append operators.

Shapes are learnt by running the graph on two or three pictures of unlike sizes, not by symbolic inference: a side
that is the same in all runs is fixed, sides that agree in all runs are equal. That works for every operator the
runtime has, and where sizes are dynamic.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Mapping, Sequence

import numpy as np
import onnx
import onnxruntime
from onnx import NodeProto, TensorProto, helper, numpy_helper, version_converter

OLDEST_OPSET, NEWEST_OPSET = 17, 21
SMALL = 4096  # larger constants are computed by the graph, so that weights are stored once

Array = np.ndarray
Feeds = Mapping[str, Array]


class GradientError(Exception):
    """The graph cannot be differentiated; the message names operator and node."""


@dataclass(frozen=True)
class Tensor:
    """What the runs showed of a tensor: one shape a run; the value where it cannot change."""

    shapes: tuple[tuple[int, ...], ...]
    dtype: np.dtype
    value: Array | None = None
    seen: tuple[Array, ...] = ()  # of whole numbers: the values of each run

    @property
    def rank(self) -> int:
        return len(self.shapes[0])

    @property
    def fixed(self) -> bool:
        return all(shape == self.shapes[0] for shape in self.shapes)

    def side(self, axis: int) -> int | None:
        """The length along an axis, None where it depends on the input."""
        sides = {shape[axis] for shape in self.shapes}
        return sides.pop() if len(sides) == 1 else None


def load_model(path: Path) -> onnx.ModelProto:
    """Reads a model, brought to operator set 17 where it is older, without Constant nodes."""
    model = onnx.load(str(path))
    opset = next(entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx"))
    if opset > NEWEST_OPSET:
        raise GradientError(f"{path} uses operator set {opset}; export it with {NEWEST_OPSET} or less")
    if opset < OLDEST_OPSET:
        model = version_converter.convert_version(model, OLDEST_OPSET)
    model.ir_version = max(model.ir_version, 8)
    graph = model.graph
    for node in [node for node in graph.node if node.op_type == "Constant"]:
        graph.initializer.append(numpy_helper.from_array(_constant(node), node.output[0]))
        graph.node.remove(node)
    weights = {tensor.name for tensor in graph.initializer}
    # Old exports list weights among the inputs; then the runtime may not fold them.
    for entry in [entry for entry in graph.input if entry.name in weights]:
        graph.input.remove(entry)
    return model


def _constant(node: NodeProto) -> Array:
    (attribute,) = node.attribute
    value = helper.get_attribute_value(attribute)
    if isinstance(value, TensorProto):
        return numpy_helper.to_array(value)
    integral = attribute.name in ("value_int", "value_ints")
    return np.array(value, np.int64 if integral else np.float32)


class Graph:
    """Nodes in running order, weights by name, inputs and outputs as ONNX declares them."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self.model = onnx.ModelProto()
        self.model.CopyFrom(model)
        graph = self.model.graph
        self.opset = max(entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx"))
        self.nodes: list[NodeProto] = list(graph.node)
        self.weights: dict[str, TensorProto] = {tensor.name: tensor for tensor in graph.initializer}
        self.inputs: list[onnx.ValueInfoProto] = list(graph.input)
        self.outputs: list[onnx.ValueInfoProto] = list(graph.output)
        self.tensors: dict[str, Tensor] = {}
        self._names = {name for node in self.nodes for name in node.output} | set(self.weights)
        self._names |= {entry.name for entry in self.inputs} | {node.name for node in self.nodes}
        self._constants: dict[tuple[str, tuple[int, ...], bytes], str] = {}
        self._shapes: dict[str, str] = {}
        self.active: set[str] = set()  # what the loss depends on and what depends on the picture
        self.prefix = ""

    # -- appending ---------------------------------------------------------------------------------------------

    def add(self, op: str, *inputs: str, name: str = "", **attributes: Any) -> str:
        """Appends an operator with one output and returns the output's name."""
        return self.add_many(op, inputs, 1, name, **attributes)[0]

    def add_many(self, op: str, inputs: Sequence[str], outputs: int, name: str = "", **attributes: Any) -> list[str]:
        names = [self._fresh(name or f"{self.prefix}{op}") for _ in range(outputs)]
        self.nodes.append(helper.make_node(op, list(inputs), names, name=names[0], **attributes))
        return names

    def const(self, value: Any, dtype: type = np.int64) -> str:
        """A small constant; equal ones are shared."""
        array = np.array(value, dtype, order="C")
        key = (array.dtype.str, array.shape, array.tobytes())
        if key not in self._constants:
            name = self._fresh(f"{self.prefix}constant")
            self.weights[name] = numpy_helper.from_array(array, name)
            self._constants[key] = name
        return self._constants[key]

    def number(self, value: float) -> str:
        return self.const(value, np.float32)

    def reduce(self, kind: str, x: str, axes: Sequence[int], keepdims: int = 1) -> str:
        """ReduceSum and its like; up to operator set 17 all but ReduceSum take their axes as an attribute."""
        if kind == "ReduceSum" or self.opset >= 18:
            return self.add(kind, x, self.const(list(axes)), keepdims=keepdims)
        return self.add(kind, x, axes=list(axes), keepdims=keepdims)

    def _fresh(self, stem: str) -> str:
        name, count = stem, 1
        while name in self._names:
            count += 1
            name = f"{stem}_{count}"
        self._names.add(name)
        return name

    # -- what is known -----------------------------------------------------------------------------------------

    def observe(self, runs: Sequence[Feeds]) -> None:
        """Runs the graph with every tensor shown; then replaces what cannot change by constants."""
        shown = self.finish([])
        self.nodes = list(shown.graph.node)
        known = {output.name for output in shown.graph.output}
        extra = [name for node in self.nodes for name in node.output if name and name not in known]
        shown.graph.output.extend(onnx.ValueInfoProto(name=name) for name in extra)
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        session = onnxruntime.InferenceSession(shown.SerializeToString(), options, providers=["CPUExecutionProvider"])
        names = [output.name for output in session.get_outputs()]
        results: list[dict[str, Array]] = []
        for feeds in runs:
            result: dict[str, Array] = {}
            for name, value in [*feeds.items(), *zip(names, session.run(None, dict(feeds)))]:
                # Of what is large only the shape is kept.
                result[name] = value if value.size <= SMALL else np.broadcast_to(value.ravel()[0], value.shape)
            results.append(result)
        self._learn(results)

    def _learn(self, results: Sequence[dict[str, Array]]) -> None:
        for name, tensor in self.weights.items():
            value = numpy_helper.to_array(tensor)
            self.tensors[name] = Tensor((value.shape,) * len(results), value.dtype, value)
        fixed: set[str] = set()
        moving = {entry.name for entry in self.inputs}
        lengths: set[str] = set()
        makers = {name: node for node in self.nodes for name in node.output if name}
        for name in [*moving, *makers]:
            values = [result[name] for result in results]
            shapes = tuple(value.shape for value in values)
            small = all(shape == shapes[0] for shape in shapes) and values[0].size <= SMALL
            steady = small and name not in moving and all(np.array_equal(value, values[0]) for value in values)
            node = makers.get(name)
            if node is None:
                steady = False
            elif node.op_type in ("Shape", "Size"):
                lengths.add(name)
            elif node.op_type in ("Gather", "Slice") and node.input[0] in lengths:
                pass  # sides that were taken from a shape; nothing else that follows from free sizes may be folded
            elif any(source in moving for source in node.input):
                steady = False
            if steady:
                fixed.add(name)
            else:
                moving.add(name)
            seen = tuple(values) if values[0].dtype.kind == "i" and values[0].size <= SMALL else ()
            self.tensors[name] = Tensor(shapes, values[0].dtype, values[0] if steady else None, seen)
        kept: list[NodeProto] = []
        for node in self.nodes:
            if all(name in fixed for name in node.output if name):
                for name in node.output:
                    self.weights[name] = numpy_helper.from_array(results[0][name], name)
            else:
                kept.append(node)
        self.nodes = kept

    def value(self, name: str) -> Array | None:
        """The value of a constant, None where it is computed from the input."""
        known = self.tensors.get(name)
        if known is not None:
            return known.value
        return numpy_helper.to_array(self.weights[name]) if name in self.weights else None

    def need_value(self, name: str, node: NodeProto, what: str) -> Array:
        value = self.value(name)
        if value is None:
            raise unsupported(node, f"{what} must be constant")
        return value

    def shape(self, name: str) -> str:
        """The shape of a tensor, as the name of an int64 tensor."""
        known = self.tensors[name]
        if known.fixed:
            return self.const(known.shapes[0])
        if name not in self._shapes:
            self._shapes[name] = self.add("Shape", name)
        return self._shapes[name]

    def length(self, name: str, axis: int) -> str:
        """One side of a tensor, int64 [1]."""
        side = self.tensors[name].side(axis)
        if side is not None:
            return self.const([side])
        return self.add("Shape", name, start=axis, end=axis + 1)

    def whole(self, operator: str, a: str, b: str) -> str:
        """Add, Sub or Mul of two int64 [1], done here where both are known."""
        x, y = self.value(a), self.value(b)
        if x is None or y is None:
            return self.add(operator, a, b)
        return self.const({"Add": x + y, "Sub": x - y, "Mul": x * y}[operator])

    def zeros(self, shape: str) -> str:
        """Zeros of a shape that is an int64 tensor."""
        return self.add("ConstantOfShape", shape, value=helper.make_tensor("zero", TensorProto.FLOAT, [1], [0.0]))

    # -- the end -----------------------------------------------------------------------------------------------

    def finish(self, outputs: Sequence[onnx.ValueInfoProto]) -> onnx.ModelProto:
        """The model, without what no output needs."""
        outputs = list(outputs) or self.outputs
        needed = {entry.name for entry in outputs}
        nodes: list[NodeProto] = []
        for node in reversed(self.nodes):
            if any(name in needed for name in node.output):
                nodes.append(node)
                needed.update(name for name in node.input if name)
        weights = [tensor for name, tensor in self.weights.items() if name in needed]
        graph = helper.make_graph(nodes[::-1], self.model.graph.name or "graph", self.inputs, outputs, weights)
        model = helper.make_model(graph, opset_imports=self.model.opset_import, producer_name="patchwarden gradients")
        model.ir_version = self.model.ir_version
        return model


def attributes(node: NodeProto) -> dict[str, Any]:
    return {entry.name: helper.get_attribute_value(entry) for entry in node.attribute}


def unsupported(node: NodeProto, reason: str) -> GradientError:
    return GradientError(f'{node.op_type}, node "{node.name or node.output[0]}": {reason}')
