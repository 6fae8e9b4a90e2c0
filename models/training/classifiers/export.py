"""Writes a trained classifier as ONNX with its card, and checks it against PyTorch.

    python export.py --checkpoint runs/cifar10-columns/last.pt --out ../../cifar10-columns

Classifiers of ablated pictures take the whole picture in the encoding `pair`, (n, 2C, H, W). The graph of a column
classifier finds the band in it and runs on the band alone. Weights are stored in half precision and computed with in
single: half the download, and the arithmetic is the same everywhere.
"""

from __future__ import annotations

import argparse
import copy
import hashlib
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from torch import Tensor, nn

sys.path.append(str(Path(__file__).resolve().parents[1]))

from card import card_of, write_card
from half_weights import SMALL, halve_weights, keep_weights
from layers import ConvNorm
from model import BandNet
from smoothing import ablate_columns, band_columns
from tasks import TASKS


def fold(net: nn.Module) -> nn.Module:
    """A copy in inference mode with every convolution and the batch norm after it in one."""
    net = copy.deepcopy(net).eval()
    for name, module in list(net.named_modules()):
        if isinstance(module, ConvNorm):
            parent = net.get_submodule(name.rpartition(".")[0])
            setattr(parent, name.rpartition(".")[2], nn.utils.fuse_conv_bn_eval(module[0], module[1]))
    return net


class ColumnGraph(nn.Module):
    """A column-ablated picture in the encoding `pair` to logits.

    The band is where x and 1 - x are not both 0. It starts where a kept column follows an ablated one, also around the
    edge. The answer can only depend on kept columns and on where they lie: nothing else is in the input.
    """

    def __init__(self, net: BandNet) -> None:
        super().__init__()
        self.width, self.channels = net.width, net.channels
        self.register_buffer("offsets", torch.arange(net.band))
        self.net = fold(net)

    def forward(self, image: Tensor) -> Tensor:
        kept = (image.sum((1, 2)) > 0.5).float()
        before = torch.cat([kept[:, -1:], kept[:, :-1]], 1)
        position = (kept * (1.0 - before)).argmax(1)
        columns = (position[:, None] + self.offsets) % self.width
        index = columns[:, None, None, :].expand(-1, self.channels, image.shape[2], -1)
        strip = image[:, : self.channels].gather(3, index)
        return self.net(strip, columns)[:, 0]


def check(session: onnxruntime.InferenceSession, graph: nn.Module, net: nn.Module, size: list[int], is_pair: bool) -> tuple[float, float]:
    """Largest differences of the logits to the rounded graph in PyTorch and to the network as trained.

    On bands at every position, or on noise; the network as trained gets the whole picture.
    """
    height, width, channels = size
    rng = np.random.default_rng(0)
    if isinstance(net, BandNet):
        position = np.arange(width)
        pictures = rng.random((width, height, width, channels)).astype(np.float32)
        pictures[: width // 2] = rng.integers(0, 2, pictures[: width // 2].shape)  # black and white: x or 1 - x is 0
        # The network as trained sees all bands of each picture at once, and must say the same of each.
        columns = torch.from_numpy(band_columns(np.zeros(width, np.int64), width + net.band - 1, width))
        whole = torch.from_numpy(pictures.transpose(0, 3, 1, 2).copy()).gather(3, columns[:, None, None].expand(-1, channels, height, -1))
        expected = net(whole, columns)[np.arange(width), position]
        feed = ablate_columns(pictures, position, net.band)
    else:
        feed = rng.random((9, channels * (2 if is_pair else 1), height, width)).astype(np.float32)
        expected = net(torch.from_numpy(feed))
    got = session.run(None, {"image": feed})[0]
    if got.shape != expected.shape:
        raise SystemExit(f"logits are {got.shape}, not {tuple(expected.shape)}")
    rounded = graph(torch.from_numpy(feed)).numpy()
    return float(np.abs(got - rounded).max()), float(np.abs(got - expected.numpy()).max())


@torch.no_grad()
def main() -> None:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--checkpoint", type=Path, required=True)
    p.add_argument("--out", type=Path, required=True, help="folder for model.onnx and model.json")
    p.add_argument("--keep", type=Path, help="file for the weights with their batch norms, to go on from with train.py --start")
    args = p.parse_args()
    saved = torch.load(args.checkpoint, map_location="cpu", weights_only=True)
    task = TASKS[saved["name"]]
    height, width, channels = saved["size"]
    net = task.network(height, width, channels, len(saved["names"])).eval()
    net.load_state_dict(saved["model"])
    if args.keep:
        earlier = saved["earlier"]
        keep_weights(args.keep, saved["model"], pictures=earlier["pictures"] + saved["pictures"], seconds=earlier["seconds"] + saved["seconds"])
    graph = ColumnGraph(net) if isinstance(net, BandNet) else fold(net)
    for parameter in graph.parameters():  # what will be stored
        if parameter.numel() >= SMALL:
            parameter.data = parameter.data.half().float()

    args.out.mkdir(parents=True, exist_ok=True)
    file = args.out / "model.onnx"
    planes = channels * (2 if task.is_pair else 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(graph, (torch.rand(2, planes, height, width),), str(file), input_names=["image"], output_names=["logits"],
                          dynamic_axes={"image": {0: "n"}, "logits": {0: "n"}}, opset_version=17, dynamo=False)
    model = onnx.load(str(file))
    halve_weights(model)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, str(file))

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    worst, rounding = check(session, graph, net, saved["size"], task.is_pair)
    if worst > 1e-3 or rounding > 0.1:
        raise SystemExit(f"{file} differs from PyTorch by {worst}, from the network as trained by {rounding}")
    feed = np.random.default_rng(1).random((width, planes, height, width)).astype(np.float32)
    times = []
    for _ in range(5):
        start = time.perf_counter()
        session.run(None, {"image": feed})
        times.append(time.perf_counter() - start)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    parameters = sum(q.numel() for q in net.parameters())
    write_card(args.out / "model.json", card_of(task, saved, digest, parameters))
    print(f"{file}: {file.stat().st_size} bytes, {parameters} parameters, largest difference to PyTorch {worst:.1e}, "
          f"to the unrounded network {rounding:.1e}; {min(times) / width * 1e3:.2f} ms a picture in batches of {width} on one thread")


if __name__ == "__main__":
    main()
