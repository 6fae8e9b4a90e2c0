"""Writes a checkpoint as ONNX (batch norm folded, any height and width) and checks it against PyTorch.

    python export.py --checkpoint runs/lite/best.pt --out sac-lite.onnx

The input is `image`, n x h x w x 3 bytes as decoders give them: the network does the scaling itself, which is faster
than doing it outside and moves a quarter of the bytes. `--floats` keeps n x 3 x h x w float32, 0..1. `--half` stores the
weights in half precision and computes in single: half the file, the same arithmetic everywhere.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from torch import nn

sys.path.append(str(Path(__file__).resolve().parents[1]))

from calibrate import last_leg
from half_weights import SMALL, halve_weights, keep_weights
from model import build, fold_batch_norm

SIZES = [(16, 16), (17, 31), (75, 101), (160, 160), (240, 320), (333, 517), (512, 512)]


def multiply_adds(model: nn.Module, side: int) -> int:
    total = 0

    def count(conv: nn.Conv2d, _: object, out: torch.Tensor) -> None:
        nonlocal total
        total += out.numel() * conv.in_channels // conv.groups * conv.kernel_size[0] * conv.kernel_size[1]

    hooks = [m.register_forward_hook(count) for m in model.modules() if isinstance(m, nn.Conv2d)]
    with torch.no_grad():
        model(torch.rand(1, 3, side, side))
    for hook in hooks:
        hook.remove()
    return total


class FromBytes(nn.Module):
    """Takes the bytes of a decoded picture, n x h x w x 3, 0..255."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return self.model(image.permute(0, 3, 1, 2).float() / 255.0)


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--checkpoint", type=Path, required=True)
    p.add_argument("--out", type=Path, required=True)
    p.add_argument("--keep", type=Path, help="file for the weights with their batch norms, to go on from with train.py --start")
    p.add_argument("--floats", action="store_true", help="float32 input, n x 3 x h x w, 0..1")
    p.add_argument("--half", action="store_true", help="weights in half precision")
    args = p.parse_args()

    checkpoint = torch.load(args.checkpoint, map_location="cpu", weights_only=True)
    model = build(checkpoint["arch"])
    model.load_state_dict(checkpoint["model"])
    if args.keep:
        keep_weights(args.keep, checkpoint["model"], legs=[*checkpoint["legs"], last_leg(checkpoint)])
    folded = fold_batch_norm(model)
    if args.half:
        for weight in folded.parameters():
            if weight.numel() >= SMALL:
                weight.data = weight.data.half().float()
        model = folded  # what the file is checked against below
    graph = folded if args.floats else FromBytes(folded).eval()
    example = torch.rand(1, 3, 128, 160) if args.floats else torch.randint(0, 256, (1, 128, 160, 3), dtype=torch.uint8)
    output_axes = {0: "n", 2: "h", 3: "w"}
    input_axes = output_axes if args.floats else {0: "n", 1: "h", 2: "w"}
    with warnings.catch_warnings():
        # The TorchScript exporter: the newer one fixes sizes of the padding at export.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            graph, (example,), str(args.out), input_names=["image"], output_names=["logits"],
            dynamic_axes={"image": input_axes, "logits": output_axes}, opset_version=17, dynamo=False,
        )
    exported = onnx.load(str(args.out))
    if args.half:
        halve_weights(exported)
        onnx.save(exported, str(args.out))
    onnx.checker.check_model(exported)

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(args.out), options, providers=["CPUExecutionProvider"])
    worst, generator = 0.0, np.random.default_rng(0)
    for h, w in SIZES:
        bytes_in = generator.integers(0, 256, (1, h, w, 3), dtype=np.uint8)
        floats_in = np.ascontiguousarray(bytes_in.transpose(0, 3, 1, 2)).astype(np.float32) / 255.0
        with torch.no_grad():
            expected = model.eval()(torch.from_numpy(floats_in)).numpy()
        x = floats_in if args.floats else bytes_in
        got = session.run(None, {"image": x})[0]
        if got.shape != (1, 1, h, w):
            raise SystemExit(f"{args.out}: {h}x{w} in, {got.shape} out")
        worst = max(worst, float(np.abs(got - expected).max()))
    if worst > 1e-3:
        raise SystemExit(f"{args.out}: differs from PyTorch by {worst}")
    times = []
    for _ in range(15):
        start = time.perf_counter()
        session.run(None, {"image": x})
        times.append(time.perf_counter() - start)
    print(f"{args.out}: {args.out.stat().st_size} bytes, sha256 {hashlib.sha256(args.out.read_bytes()).hexdigest()}")
    print(f"{sum(q.numel() for q in folded.parameters())} parameters, {multiply_adds(folded, 512) / 1e9:.3f} G multiply-adds at 512x512")
    print(f"largest difference to PyTorch {worst:.1e}; {np.median(times) * 1e3:.1f} ms at 512x512 on one thread")
    print("operators: " + ", ".join(sorted({n.op_type for n in exported.graph.node})))


if __name__ == "__main__":
    main()
