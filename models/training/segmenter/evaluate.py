"""Measures an exported segmenter on the validation split: plain photographs, and pictures with patches on them.

    python evaluate.py --model ../../sac-lite/model.onnx --data DATA [--bank runs/bank]

Without the bank the patches are the published ones, which the shipped weights were trained on: those figures are
kinder than the ones in the model card.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import onnxruntime

from data import is_validation, list_photos, load_sources, read_rgb, sample

LEVELS = (-1.0, 0.0, 1.0, 2.0)


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--model", type=Path, required=True, help="exported with bytes or with floats as input")
    p.add_argument("--data", type=Path, required=True, help="folder with images/ and patches/")
    p.add_argument("--bank", type=Path, help="folder of optimised patches; its validation part is used")
    p.add_argument("--pictures", type=int, default=250)
    p.add_argument("--size", type=int, default=384)
    p.add_argument("--photographs", type=int, default=0, help="at most so many plain photographs; 0: all of the split")
    args = p.parse_args()

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(args.model), options, providers=["CPUExecutionProvider"])
    takes_bytes = session.get_inputs()[0].type == "tensor(uint8)"

    def logits(image: np.ndarray) -> np.ndarray:
        feed = image[None] if takes_bytes else image.transpose(2, 0, 1)[None].astype(np.float32) / 255.0
        return session.run(None, {"image": np.ascontiguousarray(feed)})[0][0, 0]

    photos = [path for path in list_photos(args.data) if is_validation(path)]
    plain = [logits(read_rgb(path)) for path in photos[: args.photographs or None]]

    held = load_sources(args.data, args.bank, validation=True)
    rng = np.random.default_rng(51)
    pictures = []
    while len(pictures) < args.pictures:
        image, truth = sample(rng, held, args.size, clean_share=0.0)
        if truth.any():
            pictures.append((logits(image), truth > 0))

    for level in LEVELS:
        ious, coverage = [], []
        for answer, truth in pictures:
            found = answer > level
            both = (found & truth).sum()
            ious.append(both / (found | truth).sum())
            coverage.append(both / truth.sum())
        shares = [float((answer > level).mean()) for answer in plain]
        print(json.dumps({
            "level": level,
            "iou": round(float(np.mean(ious)), 4),
            "covered90": round(float(np.mean(np.array(coverage) >= 0.9)), 4),
            "coverage": round(float(np.mean(coverage)), 4),
            "photographs_marked": round(float(np.mean(np.array(shares) > 0.0005)), 4),
            "pixels_marked": round(float(np.mean(shares)), 6),
            "photographs": len(shares),
        }))


if __name__ == "__main__":
    main()
