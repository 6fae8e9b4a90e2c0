"""The teacher: yolox-nano (Apache-2.0), run on the pictures of each step, with the maps between its stages.

Only what it answers is learnt from; none of its weights enter the student, which starts at random.
"""

import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import torch

sys.path.append(str(Path(__file__).resolve().parents[1]))

from onnx_network import OnnxNetwork
from precision import autocast

from classes import CLASSES, COCO80

# The student's maps (model.py) and the tensors of the teacher's file that they are to equal: after two
# stages of the backbone, the narrowed top, the two maps on the way down, and what the upper heads start from.
POINTS = {"c8": "781", "c16": "841", "c32": "890", "n16": "925", "p8": "956", "p16": "1070", "p32": "1112"}
HEADS = (("1062", "1063", "1045"), ("1104", "1105", "1087"), ("1146", "1147", "1129"))
COLUMNS = [COCO80.index(name) for name in CLASSES]
SHARE = 4  # pictures at a time: their maps stay in the processor's cache


class OnProcessor:
    """(n, 3, h, w) BGR 0..255 to the named values, by onnxruntime: on a processor twice as fast as PyTorch."""

    def __init__(self, path: Path, names: list[str], threads: int):
        model = onnx.load(str(path))
        for dimension, name in zip(model.graph.input[0].type.tensor_type.shape.dim, ("n", "", "h", "w")):
            if name:  # the published file is for one picture of 416x416; its convolutions fit any size
                dimension.ClearField("dim_value")
                dimension.dim_param = name
        self.names = names
        del model.graph.value_info[:], model.graph.output[:]
        model.graph.output.extend(onnx.helper.make_tensor_value_info(n, onnx.TensorProto.FLOAT, None) for n in self.names)
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        self.session = ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])

    def __call__(self, bgr: torch.Tensor) -> list[torch.Tensor]:
        pixels = np.ascontiguousarray(bgr.numpy(), np.float32)
        parts = [self.session.run(self.names, {"images": pixels[i : i + SHARE]}) for i in range(0, len(pixels), SHARE)]
        return [torch.from_numpy(np.concatenate(p)) for p in zip(*parts)]


class OnGpu:
    """The same in PyTorch."""

    def __init__(self, path: Path, names: list[str], device: torch.device):
        self.names, self.network = names, OnnxNetwork(path, device)

    @torch.no_grad()
    def __call__(self, bgr: torch.Tensor) -> list[torch.Tensor]:
        with autocast(bgr.device.type):
            values = self.network(bgr.contiguous(memory_format=torch.channels_last))
        return [values[name].float() for name in self.names]


class Teacher:
    def __init__(self, models: Path, threads: int = 1, device: torch.device = torch.device("cpu")):
        path, names = models / "yolox-nano/model.onnx", [*POINTS.values(), *(name for head in HEADS for name in head)]
        self.run = OnGpu(path, names, device) if device.type == "cuda" else OnProcessor(path, names, threads)
        self.mean: dict[str, torch.Tensor] = {}
        self.spread: dict[str, torch.Tensor] = {}

    def calibrate(self, batches: list[torch.Tensor]) -> None:
        """Learns mean and spread of each channel of its maps, by which maps are normalised from then on.

        In the teacher's own units a channel's mean and spread are anything; a student whose norms have to grow there by
        the steps of an optimiser spends most of its training on that. Normalised, the same time halves what is left to
        learn (residual variance of the first map 0.82 against 0.42, of the one that finds small objects 0.52 against 0.20).
        """
        seen = [self.answers(rgb)[0] for rgb in batches]
        for name in POINTS:
            self.mean[name] = torch.stack([m[name].mean((0, 2, 3)) for m in seen]).mean(0)[:, None, None]
            squares = torch.stack([m[name].square().mean((0, 2, 3)) for m in seen]).mean(0)[:, None, None]
            self.spread[name] = (squares - self.mean[name].square()).clamp(min=1e-4).sqrt()

    def __call__(self, rgb: torch.Tensor) -> tuple[dict[str, torch.Tensor], torch.Tensor]:
        """(n, 3, h, w) RGB 0..255 to its normalised maps by the student's names, and (n, cells, 5 + classes) raw answers
        as the student's: box, objectness logit, logits of the student's classes."""
        maps, raw = self.answers(rgb)
        return {name: (m - self.mean[name]) / self.spread[name] for name, m in maps.items()}, raw

    def answers(self, rgb: torch.Tensor) -> tuple[dict[str, torch.Tensor], torch.Tensor]:
        """As above, the maps in the teacher's own units."""
        tensors = self.run(rgb.flip(1))
        maps = {point: t.contiguous(memory_format=torch.channels_last) for point, t in zip(POINTS, tensors)}
        raw = []
        for i in range(len(POINTS), len(tensors), 3):
            box, objectness, classes = tensors[i : i + 3]
            raw.append(torch.cat([box, objectness, classes[:, COLUMNS]], 1).flatten(2))
        return maps, torch.cat(raw, 2).transpose(1, 2)
