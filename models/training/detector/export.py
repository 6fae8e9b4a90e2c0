"""Writes the averaged weights as ONNX and checks it against PyTorch: `python export.py --work DIR --out FOLDER`.

The file takes `images` (1, 3, 416, 416) float32 RGB 0..255 and gives `output` (1, 3549, 5 + classes) in YOLOX's layout:
x, y, w, h still to decode with the grid, objectness and classes after the sigmoid. Weights are stored in half precision
and computed with in single: half the size, and the arithmetic is the same everywhere.
"""

import argparse
import hashlib
import json
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import torch
from torch import nn

sys.path.append(str(Path(__file__).resolve().parents[1]))

from classes import CLASSES
from half_weights import halve_weights, keep_weights
from model import Detector

SIDE = 416
ROOT = Path(__file__).resolve().parents[3]


class Deployed(nn.Module):
    """Batch norms and the input's scale folded into the convolutions, sigmoids put on."""

    def __init__(self, detector: Detector):
        super().__init__()
        self.detector = detector.eval()

    def forward(self, images):
        raw = self.detector(images)
        return torch.cat([raw[..., :4], raw[..., 4:].sigmoid()], -1)


def load(work: Path) -> Detector:
    detector = Detector()
    detector.load_state_dict(torch.load(work / "checkpoint.pt")["average"])
    return detector.eval()


def check(file: Path, reference: nn.Module) -> float:
    """Largest difference between onnxruntime and PyTorch on noise and on flat pictures."""
    session = ort.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    rng = np.random.default_rng(0)
    worst = 0.0
    for picture in (rng.uniform(0, 255, (3, SIDE, SIDE)), np.full((3, SIDE, SIDE), 114.0), np.zeros((3, SIDE, SIDE))):
        x = picture[None].astype(np.float32)
        with torch.no_grad():
            wanted = reference(torch.from_numpy(x)).numpy()
        worst = max(worst, float(np.abs(session.run(None, {"images": x})[0] - wanted).max()))
    return worst


def card(folder: Path, metrics: dict) -> dict:
    """The model card; what was measured is handed in, so that no figure is written by hand."""
    return {
        "id": "patchwarden-nano",
        "name": "Patchwarden nano",
        "task": "detect",
        "file": "model.onnx",
        "sha256": hashlib.sha256((folder / "model.onnx").read_bytes()).hexdigest(),
        "licence": "MIT (the weights; see trainedOn for the photographs)",
        "origin": "Trained from random weights with models/training/detector",
        "input": {
            "name": "images",
            "layout": "nchw",
            "type": "float32",
            "width": SIDE,
            "height": SIDE,
            "range": 255,
            "channelOrder": "rgb",
            "resize": "letterbox",
            "anchor": "top-left",
            "interpolation": "linear",
            "pad": 114,
        },
        "output": {"family": "yolox"},
        "classes": CLASSES,
        "scoreThreshold": 0.3,
        "nms": {"iou": 0.45, "perClass": True},
        "trainedOn": (
            "2,720 photographs without labels, answered by yolox-nano (Apache-2.0; none of its weights are in here): 237 of "
            "COCO train2017 (the photographs under the Creative Commons licences of their authors, some of them non-commercial "
            "or without derivatives), 896 of an ImageNet sample (non-commercial research), 440 of BSDS500 (non-commercial "
            "research and education), 156 CamVid frames (research), 136 of Penn-Fudan (research), 12 of WIDER FACE "
            "(research), 170 of racoons and 324 of blood cells (MIT), 180 of playing cards (Apache-2.0), 169 aerial ones of "
            "Airbus (CC BY-NC-SA 4.0); and 2,400 drawn scenes of this project with their labels (seeds 1001 to 3400)."
        ),
        "metrics": metrics,
        "limits": (
            "For demonstrations and first steps: reliable on the drawn scenes, a little more than half as good as yolox-nano on photographs (see "
            "metrics). It learned from under three thousand photographs; beside yolox-nano it misses most objects that are "
            "small, crowded, partly hidden or of a rare class, and its scores are no probabilities. Take a stronger detector for real pictures. Not "
            "trained against adversarial patches: they fool it, which is its part in the demonstration. Several of its "
            "sources are for research or non-commercial use."
        ),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=ROOT / "out/training/detector")
    parser.add_argument("--out", type=Path, default=ROOT / "models/patchwarden-nano")
    parser.add_argument("--keep", type=Path, help="file for the weights with their batch norms, to go on from with train.py --start")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    file = args.out / "model.onnx"
    detector = load(args.work)
    if args.keep:
        keep_weights(args.keep, detector.state_dict())
    deployed = Deployed(detector).eval()
    torch.onnx.export(
        deployed,
        torch.zeros(1, 3, SIDE, SIDE),
        str(file),
        dynamo=False,
        opset_version=17,
        input_names=["images"],
        output_names=["output"],
    )
    model = onnx.load(str(file))
    halve_weights(model)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, str(file))
    worst = check(file, deployed)
    if worst > 0.5:  # of x, y, w, h before the decoding; half precision moves them by hundredths
        raise SystemExit(f"ONNX differs from PyTorch by {worst:.4f}")
    measured = args.work / "metrics.json"
    metrics = json.loads(measured.read_text()) if measured.exists() else {}
    metrics["onnxAgainstPytorch"] = round(worst, 6)
    (args.out / "model.json").write_text(json.dumps(card(args.out, metrics), indent=2) + "\n")
    print(f"{file}: {file.stat().st_size} bytes, largest difference {worst:.2e}")


if __name__ == "__main__":
    main()
