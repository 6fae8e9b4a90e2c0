"""Writes an 8-bit variant of an exported segmenter and compares both: size, time, IoU.

    python quantise.py --model ../../sac-lite/model.onnx --data DATA --bank runs/bank --out sac-lite-int8.onnx

Static quantisation with onnxruntime: weights 8 bits per channel, activations 8 bits with ranges seen on training
pictures (photographs with patches and decoys). Worth shipping only if it is clearly faster where it is used: the gain
depends on the processor's 8-bit dot products.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path

import numpy as np
import onnxruntime
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from data import load_sources, sample


class Pictures(CalibrationDataReader):
    def __init__(self, data: Path, bank: Path | None, count: int) -> None:
        sources = load_sources(data, bank, validation=False, limit=600)
        rng = np.random.default_rng(9)
        self.pictures = iter([sample(rng, sources, 384)[0][None] for _ in range(count)])

    def get_next(self) -> dict[str, np.ndarray] | None:
        picture = next(self.pictures, None)
        return None if picture is None else {"image": picture}


def open_model(path: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--model", type=Path, required=True, help="exported with bytes as input")
    p.add_argument("--data", type=Path, required=True)
    p.add_argument("--bank", type=Path)
    p.add_argument("--out", type=Path, required=True)
    p.add_argument("--calibrate", type=int, default=120, help="pictures to take the ranges from")
    p.add_argument("--pictures", type=int, default=200, help="pictures of the validation split to compare on")
    args = p.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        prepared = Path(folder) / "prepared.onnx"
        quant_pre_process(str(args.model), str(prepared), skip_symbolic_shape=True)
        quantize_static(
            str(prepared), str(args.out), Pictures(args.data, args.bank, args.calibrate), quant_format=QuantFormat.QDQ,
            activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8, per_channel=True,
        )
    held = load_sources(args.data, args.bank, validation=True, limit=200)
    rng = np.random.default_rng(51)
    pictures = [sample(rng, held, 384, clean_share=0.0) for _ in range(args.pictures)]
    frame = rng.integers(0, 256, (1, 512, 512, 3), dtype=np.uint8)
    sessions = {"float": open_model(args.model), "int8": open_model(args.out)}
    times: dict[str, list[float]] = {name: [] for name in sessions}
    for _ in range(15):  # in turns, so that a busy moment hits both
        for name, session in sessions.items():
            start = time.perf_counter()
            session.run(None, {"image": frame})
            times[name].append((time.perf_counter() - start) * 1e3)
    for name, session in sessions.items():
        ious = []
        for image, truth in pictures:
            if truth.any():
                found, wanted = session.run(None, {"image": image[None]})[0][0, 0] > 0, truth > 0
                ious.append((found & wanted).sum() / (found | wanted).sum())
        size = (args.model if name == "float" else args.out).stat().st_size
        print(json.dumps({"model": name, "bytes": size, "ms_at_512": round(float(np.median(times[name])), 2), "iou": round(float(np.mean(ious)), 4)}))


if __name__ == "__main__":
    main()
