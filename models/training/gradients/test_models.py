"""Whole detectors by other people, differentiated from their ONNX files, against PyTorch's autograd.

    python test_models.py --models FOLDER     # FOLDER/<id>/model.onnx; absent ones are named and left out

yolox-nano with the detection loss; the others with a random weighting of all their outputs as the loss.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Mapping

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper
from torch import Tensor

import reference
from check import Loss, compare, yolox_reference
from differentiate import SIZES, differentiate, runs_for
from graph import Graph, load_model
from losses import yolox_loss
from pictures import detection_feeds, pictures

# Height, width and the value of white at the input.
OTHERS = {
    "nanodet-m-416": (416, 416, 255.0), "picodet-s-320": (320, 320, 1.0), "ultraface-rfb-320": (240, 320, 255.0),
    "fastestdet": (352, 352, 1.0), "facemask-ssd": (260, 260, 1.0),
}


def weighted_outputs(model: onnx.ModelProto) -> onnx.ModelProto:
    """Adds a loss: the sum of all outputs, each value with a weight given as an input."""
    g = Graph(model)
    sums = []
    for i, output in enumerate(g.outputs):
        dims = [d.dim_value for d in output.type.tensor_type.shape.dim]
        g.inputs.append(helper.make_tensor_value_info(f"weighting{i}", TensorProto.FLOAT, dims))
        sums.append(g.add("ReduceSum", g.add("Mul", output.name, f"weighting{i}"), keepdims=0))
    g.add("Sum", *sums, name="loss")
    return g.finish([helper.make_tensor_value_info("loss", TensorProto.FLOAT, []), *g.outputs])


def weighted_reference(model: onnx.ModelProto) -> Loss:
    image, outputs = model.graph.input[0].name, [entry.name for entry in model.graph.output]

    def loss(t: Mapping[str, Tensor], dtype: torch.dtype) -> Tensor:
        answers = reference.run(model, {image: t[image]}, dtype)
        return sum((answers[name] * t[f"weighting{i}"]).sum() for i, name in enumerate(outputs))

    return loss


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--models", type=Path, required=True)
    args = p.parse_args()
    bad = 0
    for name in ("yolox-nano", *OTHERS):
        file = args.models / name / "model.onnx"
        if not file.exists():
            print(f"{name}: not here")
            continue
        source = load_model(file)
        image = source.graph.input[0].name
        if name == "yolox-nano":
            height, width, white = 416, 416, 255.0
            model = yolox_loss(source, "output", (height, width), [8, 16, 32], decoded=False)
            loss = yolox_reference(source, (height, width), [8, 16, 32], decoded=False)
        else:
            height, width, white = OTHERS[name]
            model, loss = weighted_outputs(source), weighted_reference(source)
        runs = runs_for(model, SIZES)
        result = differentiate(model, "loss", image, runs)
        for seed, picture in enumerate(pictures(height, width, 2)):
            feeds = dict(detection_feeds(seed, 3549, 80) if name == "yolox-nano" else runs[0])
            feeds[image] = (picture * white).astype(np.float32)
            agreement = compare(result, feeds, loss, image)
            bad += not agreement.good
            print(f"{name}: {agreement}{'' if agreement.good else ' BAD'}", flush=True)
    if bad:
        raise SystemExit(f"{bad} differ")


if __name__ == "__main__":
    main()
