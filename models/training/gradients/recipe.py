"""Gradient models of the shipped models, in one command:

    python recipe.py               # every detector of YOLOX's layout and every segmenter in models/, checked
    python recipe.py --only sac-lite
    python recipe.py --smoke       # the same into a temporary folder with fewer checks, and the rules; under a minute

For models/ID it writes models/ID-gradient: `model.onnx`, and `model.json` with the inputs, the formula and what was
measured. Run it again whenever weights were replaced. It needs the exported files only, no checkpoint.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx

from cards import detector_card, segmenter_card
from check import Agreement, Loss, compare, segmentation_reference, session, times, yolox_reference
from differentiate import SIZES, differentiate, runs_for
from graph import GradientError, load_model
from losses import float_picture, segmentation_loss, yolox_loss
from pictures import detection_feeds, pictures, segmentation_feeds

HERE = Path(__file__).resolve().parent
MODELS = HERE.parents[1]
SEGMENTER_SIZES = [(64, 96), (75, 101), (130, 57), (240, 320), (333, 517), (512, 512)]


@dataclass
class Built:
    model: onnx.ModelProto
    card: dict[str, Any]
    loss: Loss
    inputs: list[dict[str, np.ndarray]]  # to check it with; the last one is timed too


def detector(source: Path, card: dict[str, Any], smoke: bool) -> Built:
    forward = load_model(source / card["file"])
    size = card["input"]["height"], card["input"]["width"]
    strides, decoded = card["output"].get("strides", [8, 16, 32]), card["output"].get("decoded", False)
    name, output = card["input"]["name"], forward.graph.output[0].name
    with_loss = yolox_loss(forward, output, size, strides, decoded)
    model = differentiate(with_loss, "loss", name, runs_for(with_loss, SIZES))
    dims = {entry.name: [d.dim_value for d in entry.type.tensor_type.shape.dim] for entry in model.graph.input}
    cells, classes = dims["class_target"][1:]
    inputs = []
    for seed, picture in enumerate(pictures(*size, 2 if smoke else 6)):
        feeds = {**detection_feeds(seed, cells, classes), name: (picture * card["input"]["range"]).astype(np.float32)}
        inputs.append(feeds)
    loss = yolox_reference(forward, size, strides, decoded)
    return Built(model, detector_card(card, cells, classes, strides, decoded, output), loss, inputs)


def segmenter(source: Path, card: dict[str, Any], smoke: bool) -> Built:
    forward = float_picture(load_model(source / card["file"]))
    image, logits = forward.graph.input[0].name, forward.graph.output[0].name
    with_loss = segmentation_loss(forward, logits)
    model = differentiate(with_loss, "loss", image, runs_for(with_loss, SIZES))
    inputs = []
    for seed, (height, width) in enumerate(SEGMENTER_SIZES[1:4] if smoke else SEGMENTER_SIZES):
        (picture,) = pictures(height, width, 1, seed)
        inputs.append({image: picture, **segmentation_feeds(seed, height, width)})
    return Built(model, segmenter_card(card, image, logits), segmentation_reference(forward), inputs)


def check(built: Built) -> dict[str, Any]:
    """Compares with PyTorch, times, and says what came out in the words of the card."""
    wrt = built.card["input"]["name"]
    results: list[Agreement] = []
    for feeds in built.inputs:
        results.append(compare(built.model, feeds, built.loss, wrt))
        print(f"  {'x'.join(map(str, feeds[wrt].shape[2:]))}: {results[-1]}", flush=True)
    if not all(result.good for result in results):
        raise SystemExit("the gradient differs from PyTorch's")
    own, pytorch = times(session(built.model), built.inputs[-1], built.loss, wrt)
    print(f"  {own:.0f} ms, PyTorch {pytorch:.0f} ms: {own / pytorch:.2f} of it (one thread)", flush=True)
    worst = max(results, key=lambda result: result.same_side)
    return {
        "inputsCompared": len(results),
        "formulaAgainstAutograd": rounded(max(result.formula for result in results)),
        "float32AgainstAutograd": rounded(worst.same_side),
        "float32AgainstAutogradAbsolute": rounded(max(result.same_side * result.largest for result in results)),
        "withFlippedRectifiers": rounded(max(result.plain for result in results)),
        "pytorchFloat32WithFlippedRectifiers": rounded(max(result.single for result in results)),
        "timeOfPytorchFloat32OneThread": round(own / pytorch, 2),
    }


def rounded(value: float) -> float:
    return float(f"{value:.1e}")


def write(built: Built, folder: Path, metrics: dict[str, Any]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "model.onnx"
    onnx.save(built.model, str(file))
    built.card["sha256"] = hashlib.sha256(file.read_bytes()).hexdigest()
    built.card["metrics"] = metrics
    (folder / "model.json").write_text(json.dumps(built.card, indent=2) + "\n")
    print(f"  {folder.name}: {file.stat().st_size} bytes, {len(built.model.graph.node)} nodes", flush=True)


def build(source: Path, out: Path, smoke: bool) -> None:
    """Leaves out what has no gradient model: other tasks, other layouts, quantised weights."""
    card = json.loads((source / "model.json").read_text())
    kind = {"detect": detector, "segment-patch": segmenter}.get(card["task"])
    known = card["task"] != "detect" or card["output"]["family"] == "yolox"
    if kind is None or not known:
        return
    print(card["id"], flush=True)
    if any("Quantize" in node.op_type or "Integer" in node.op_type for node in onnx.load(source / card["file"]).graph.node):
        print("  left out: it is quantised, its rounding has no gradient; take that of the model it was made from")
        return
    try:
        built = kind(source, card, smoke)
    except GradientError as problem:
        raise SystemExit(f"{source}: {problem}") from None
    write(built, out / f"{card['id']}-gradient", check(built))


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--models", type=Path, default=MODELS, help="folder of model folders, default the shipped ones")
    p.add_argument("--out", type=Path, help="where the new folders go, default the same folder")
    p.add_argument("--only", help="id of one model")
    p.add_argument("--smoke", action="store_true")
    args = p.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        out = Path(temporary) if args.smoke else args.out or args.models
        if args.smoke:
            subprocess.run([sys.executable, str(HERE / "test_rules.py")], check=True)
        for file in sorted(args.models.glob("*/model.json")):
            if args.only in (None, file.parent.name):
                build(file.parent, out, args.smoke)


if __name__ == "__main__":
    main()
