"""Weights in half precision: of ONNX models, whose arithmetic stays in single precision, and of PyTorch checkpoints that are
kept beside the recipes, so that training can go on from what is shipped (`train.py --start`)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

SMALL = 256  # tensors of fewer values stay in single precision


def halve_weights(model: onnx.ModelProto) -> None:
    """Stores large weights in half precision, each followed by a cast that the runtime does once, when it loads."""
    casts = []
    for weight in model.graph.initializer:
        if weight.data_type == TensorProto.FLOAT and int(np.prod(weight.dims)) >= SMALL:
            name = weight.name
            weight.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(weight).astype(np.float16), f"{name}.half"))
            casts.append(helper.make_node("Cast", [f"{name}.half"], [name], to=TensorProto.FLOAT))
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)


def keep_weights(file: Path, state: dict[str, torch.Tensor], **facts: object) -> None:
    """Writes the weights of a network with batch norms as they are trained, large tensors in half precision. `facts`: how
    long they were trained, and the like."""
    small = {k: v.half() if v.is_floating_point() and v.numel() >= SMALL else v for k, v in state.items()}
    file.parent.mkdir(parents=True, exist_ok=True)
    torch.save({**facts, "model": small}, file)


def kept_weights(file: Path) -> tuple[dict[str, torch.Tensor], dict]:
    """What `keep_weights` wrote: weights, in single precision again, and facts."""
    facts = torch.load(file, map_location="cpu", weights_only=True)
    state = facts.pop("model")
    return {k: v.float() if v.is_floating_point() else v for k, v in state.items()}, facts
