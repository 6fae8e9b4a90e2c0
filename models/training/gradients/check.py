"""Compares gradient graphs with PyTorch's autograd in double precision, and times them.

The reference runs the detector's or segmenter's own file through `reference.py` and states the loss once more in
PyTorch's words; it shares neither rules nor loss graph with what it checks.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Callable, Mapping, Sequence

import numpy as np
import onnx
import onnxruntime
import torch
import torch.nn.functional as F
from torch import Tensor

import reference

Feeds = Mapping[str, np.ndarray]
Loss = Callable[[Mapping[str, Tensor], torch.dtype], Tensor]

torch.set_num_threads(1)


@dataclass(frozen=True)
class Agreement:
    """How far the graph in onnxruntime is from double precision; differences relative to the largest entry.

    Of a million rectifiers one or two stand so near to zero that single precision puts them on the other side; the
    gradient then jumps, in PyTorch as here. `same_side` leaves these jumps out: the double-precision reference takes the
    side that onnxruntime took.
    """

    largest: float  # entry of the gradient
    formula: float  # the graph itself in double precision, against autograd
    same_side: float
    flipped: int  # comparisons that came out otherwise than in double precision
    plain: float  # difference to autograd, with the jumps
    single: float  # the same of PyTorch's own float32
    loss: float  # absolute

    @property
    def good(self) -> bool:
        return self.formula < 1e-9 and self.same_side < 1e-4

    def __str__(self) -> str:
        return (
            f"formula {self.formula:.0e}; float32 {self.same_side:.1e} of {self.largest:.2e} (absolute "
            f"{self.same_side * self.largest:.1e}); {self.flipped} flipped, with them {self.plain:.1e} (PyTorch float32 "
            f"{self.single:.1e}); loss off by {self.loss:.1e}"
        )


def session(model: onnx.ModelProto) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def compare(model: onnx.ModelProto, feeds: Feeds, loss: Loss, wrt: str) -> Agreement:
    """`loss` says in PyTorch's words what the output `loss` of `model` is."""
    got_loss, got = session(model).run(["loss", "gradient"], dict(feeds))
    want_loss, want = autograd(feeds, loss, wrt, torch.float64)
    _, single = autograd(feeds, loss, wrt, torch.float32)
    if got.shape != want.shape or not np.isfinite(got).all():
        raise SystemExit(f"the gradient has the shape {got.shape}, not {want.shape}, or is not finite")
    taken = decisions(model, feeds)
    tensors = {name: torch.from_numpy(value).double() for name, value in feeds.items()}
    with torch.no_grad():
        exact = reference.run(model, tensors)
        sided = reference.run(model, tensors, decided=taken)["gradient"].numpy()
    largest = float(np.abs(want).max())

    def off(a: np.ndarray, b: np.ndarray) -> float:
        return float(np.abs(a - b).max()) / largest

    return Agreement(
        largest=largest,
        formula=off(exact["gradient"].numpy(), want),
        same_side=off(got, sided),
        flipped=sum(int((exact[name] != value).sum()) for name, value in taken.items()),
        plain=off(got, want),
        single=off(single, want),
        loss=abs(float(got_loss) - want_loss),
    )


def decisions(model: onnx.ModelProto, feeds: Feeds) -> dict[str, Tensor]:
    """What onnxruntime's comparisons and maxima chose."""
    shown = onnx.ModelProto()
    shown.CopyFrom(model)
    names = [node.output[0] for node in model.graph.node if node.op_type in ("Greater", "Less", "Equal", "Sign")]
    names += [node.output[1] for node in model.graph.node if node.op_type == "MaxPool" and len(node.output) > 1]
    shown.graph.output.extend(onnx.ValueInfoProto(name=name) for name in names)
    values = session(shown).run(names, dict(feeds))
    doubles = (value.astype(np.float64) if value.dtype == np.float32 else value for value in values)
    return {name: torch.from_numpy(value) for name, value in zip(names, doubles)}


def autograd(feeds: Feeds, loss: Loss, wrt: str, dtype: torch.dtype) -> tuple[float, np.ndarray]:
    tensors = {name: torch.from_numpy(value).to(dtype) for name, value in feeds.items()}
    tensors[wrt].requires_grad_(True)
    value = loss(tensors, dtype)
    (gradient,) = torch.autograd.grad(value, tensors[wrt])
    return float(value.detach()), gradient.numpy()


def times(runner: onnxruntime.InferenceSession, feeds: Feeds, loss: Loss, wrt: str, rounds: int = 7) -> tuple[float, float]:
    """Milliseconds of one loss and gradient: this graph, and PyTorch's float32 autograd. Best of several, in turns."""
    best = [np.inf, np.inf]
    began = time.perf_counter()
    for turn in range(rounds):
        if turn >= 2 and time.perf_counter() - began > 20:
            break  # a slow model needs fewer turns
        for i, job in enumerate((lambda: runner.run(None, dict(feeds)), lambda: autograd(feeds, loss, wrt, torch.float32))):
            start = time.perf_counter()
            job()
            best[i] = min(best[i], (time.perf_counter() - start) * 1e3)
    return best[0], best[1]


# -- the losses once more, in PyTorch's words ----------------------------------------------------------------------


def yolox_reference(detector: onnx.ModelProto, size: tuple[int, int], strides: Sequence[int], decoded: bool) -> Loss:
    image, output = detector.graph.input[0].name, detector.graph.output[0].name
    logits_model = without_last_sigmoids(detector)
    cells, scale = [], []
    for stride in strides:
        y, x = torch.meshgrid(torch.arange(-(-size[0] // stride)), torch.arange(-(-size[1] // stride)), indexing="ij")
        cells.append(torch.stack([x.flatten(), y.flatten()], 1))
        scale.append(torch.full((x.numel(), 1), stride))

    def loss(t: Mapping[str, Tensor], dtype: torch.dtype) -> Tensor:
        answer = reference.run(logits_model, {image: t[image]}, dtype)[output]
        logits = answer[..., 4:]
        grid, stride = torch.cat(cells).to(dtype), torch.cat(scale).to(dtype)
        middle, sides = answer[0, :, :2], answer[0, :, 2:4]
        if not decoded:
            middle, sides = (middle + grid) * stride, sides.clamp(max=8).exp() * stride
        boxes = torch.cat([middle - sides / 2, middle + sides / 2], 1)
        bce = F.binary_cross_entropy_with_logits
        return (
            bce(logits[..., 0], t["objectness_target"], t["objectness_weight"], reduction="sum")
            + bce(logits[..., 1:], t["class_target"], t["class_weight"], reduction="sum")
            + (t["box_weight"][0] * (1 - overlap(boxes, t["box_target"][0]))).sum()
        )

    return loss


def without_last_sigmoids(detector: onnx.ModelProto) -> onnx.ModelProto:
    """Sigmoids that no product uses (a product of x and its sigmoid is an activation) make probabilities."""
    result = onnx.ModelProto()
    result.CopyFrom(detector)
    products = {name for node in result.graph.node if node.op_type == "Mul" for name in node.input}
    for node in result.graph.node:
        if node.op_type == "Sigmoid" and node.output[0] not in products:
            node.op_type = "Identity"
    return result


def overlap(a: Tensor, b: Tensor) -> Tensor:
    """Generalised overlap of matching rows, as written in the paper: IoU - (hull - union) / hull."""
    sides = torch.minimum(a[:, 2:], b[:, 2:]) - torch.maximum(a[:, :2], b[:, :2])
    both = sides.clamp(min=0).prod(1)
    either = (a[:, 2:] - a[:, :2]).prod(1) + (b[:, 2:] - b[:, :2]).prod(1) - both
    hull = (torch.maximum(a[:, 2:], b[:, 2:]) - torch.minimum(a[:, :2], b[:, :2])).prod(1)
    return both / (either + 1e-7) - (hull - either) / (hull + 1e-7)


def segmentation_reference(segmenter: onnx.ModelProto) -> Loss:
    """`segmenter` takes floats, n x 3 x h x w."""
    image, output = segmenter.graph.input[0].name, segmenter.graph.output[0].name

    def loss(t: Mapping[str, Tensor], dtype: torch.dtype) -> Tensor:
        logits = reference.run(segmenter, {image: t[image]}, dtype)[output]
        return F.binary_cross_entropy_with_logits(logits, t["truth"], t["weight"])

    return loss
