"""A gradient model of your own PyTorch detector.

    python from_pytorch.py example_loss.py OUT        # writes OUT/model.onnx and OUT/model.json

The Python file has a function `make()` that returns a `Recipe`: a module whose forward pass returns one number, the loss,
and an example of each of its inputs, the picture first. The module is exported in evaluation mode, differentiated, and
compared with its own autograd.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import sys
import tempfile
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from torch import Tensor, nn

from check import session
from differentiate import SIZES, differentiate, runs_for
from graph import GradientError, load_model


@dataclass(frozen=True)
class Recipe:
    loss: nn.Module
    inputs: dict[str, Tensor]  # in the order of the module's arguments; the picture, [1, 3, h, w], comes first
    formula: str  # what the loss is, for the card
    picture: dict[str, Any]  # of the card: range, channelOrder, resize, and mean and std if there are any
    meanings: dict[str, str]  # of the other inputs
    classes: list[str] = field(default_factory=list)
    licence: str = "unknown"
    # Free sides by input, as in {"image": {2: "h", 3: "w"}}; empty: fixed sizes, those of the examples.
    free: dict[str, dict[int, str]] = field(default_factory=dict)
    opset: int = 17


def export(recipe: Recipe) -> onnx.ModelProto:
    module = recipe.loss.eval()
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        file = Path(folder) / "loss.onnx"
        torch.onnx.export(
            module, tuple(recipe.inputs.values()), str(file), input_names=list(recipe.inputs), output_names=["loss"],
            dynamic_axes=recipe.free, opset_version=recipe.opset, dynamo=False,
        )
        model = load_model(file)
    return differentiate(model, "loss", next(iter(recipe.inputs)), runs_for(model, SIZES))


def difference(recipe: Recipe, model: onnx.ModelProto) -> float:
    """Largest difference to the module's own autograd, relative to the gradient's largest entry."""
    image = next(iter(recipe.inputs))
    got_loss, got = session(model).run(["loss", "gradient"], {name: x.numpy() for name, x in recipe.inputs.items()})
    inputs = {name: x.clone() for name, x in recipe.inputs.items()}
    inputs[image].requires_grad_(True)
    loss = recipe.loss.eval()(*inputs.values())
    (want,) = torch.autograd.grad(loss, inputs[image])
    own = float(loss.detach())
    if not np.isclose(float(got_loss), own, rtol=1e-4):
        raise SystemExit(f"the exported loss is {float(got_loss)}, the module's {own}: does it draw at random?")
    return float(np.abs(got - want.numpy()).max() / np.abs(want.numpy()).max())


def card(recipe: Recipe, folder: Path, off: float) -> dict[str, Any]:
    (image, picture), *others = recipe.inputs.items()

    def dims(name: str, x: Tensor) -> list[int | str]:
        names = recipe.free.get(name, {})
        return [names.get(axis, side) for axis, side in enumerate(x.shape)]

    return {
        "id": folder.resolve().name.lower(),
        "task": "detect-gradient",
        "file": "model.onnx",
        "sha256": hashlib.sha256((folder / "model.onnx").read_bytes()).hexdigest(),
        "licence": recipe.licence,
        "origin": "Exported from PyTorch and differentiated with models/training/gradients",
        "input": {
            "name": image, "width": picture.shape[3], "height": picture.shape[2], "dynamic": bool(recipe.free.get(image)),
            **recipe.picture,
        },
        "output": {
            "family": "custom-loss", "loss": "loss", "gradient": "gradient", "formula": recipe.formula,
            "targets": [{"name": name, "dims": dims(name, x), "meaning": recipe.meanings[name]} for name, x in others],
        },
        "classes": recipe.classes,
        "metrics": {"differenceToAutograd": float(f"{off:.1e}")},
    }


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("recipe", type=Path, help="Python file with make()")
    p.add_argument("out", type=Path)
    args = p.parse_args()
    sys.path.insert(0, str(args.recipe.resolve().parent))
    spec = importlib.util.spec_from_file_location("own_recipe", args.recipe)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{args.recipe} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    recipe = module.make()
    try:
        model = export(recipe)
    except GradientError as problem:
        raise SystemExit(f"{args.recipe}: {problem}") from None
    args.out.mkdir(parents=True, exist_ok=True)
    onnx.save(model, str(args.out / "model.onnx"))
    off = difference(recipe, model)
    (args.out / "model.json").write_text(json.dumps(card(recipe, args.out, off), indent=2) + "\n")
    print(f"{args.out}: {len(model.graph.node)} nodes, off by {off:.1e} of the largest entry")
    if off > 1e-2:
        raise SystemExit("the gradient differs from autograd's by more than rectifiers at zero explain")


if __name__ == "__main__":
    main()
