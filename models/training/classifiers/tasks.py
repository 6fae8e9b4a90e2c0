"""What each shipped classifier learns from, how its pictures are changed in training, and what its card says."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from data import CIFAR10, DIGITS, Pictures, Split, load_cifar10, load_mnist
from model import BandNet, ImageNet2d
from smoothing import band_columns, levels_of, random_pixels, split, splitting_table

ONE, DOWN, HALF = (1, 1), (2, 1), (2, 2)


@dataclass
class Task:
    """A classifier to train. `smoothing` is what its card says of the method it was trained for."""

    name: str
    title: str
    source: str  # cifar10, mnist or crops
    smoothing: dict
    trunk: dict
    minutes: float
    flip: bool = True
    learning_rate: float = 0.1
    batch: int = 256
    weight_decay: float = 5e-4
    window: int = 0  # column ablation: neighbouring bands of each picture in a batch
    patch: int = 0  # column ablation: width of the patch that the last part of training is to withstand

    @property
    def method(self) -> str:
        return self.smoothing["method"]

    @property
    def is_banded(self) -> bool:
        return self.method == "derandomized-smoothing"

    @property
    def is_pair(self) -> bool:
        return self.is_banded or self.method == "randomized-ablation"

    def network(self, height: int, width: int, channels: int, classes: int) -> nn.Module:
        if self.is_banded:
            return BandNet(height, width, self.smoothing["band"], channels, classes, **self.trunk)
        return ImageNet2d(height, width, channels * (2 if self.is_pair else 1), classes, **self.trunk)


COLUMNS = {"method": "derandomized-smoothing", "ablation": "columns"}
IMAGE = dict(widths=(48, 64, 128, 256), depths=(1, 2, 2), strides=(ONE, HALF, HALF, HALF))

TASKS = {task.name: task for task in (
    Task("cifar10-columns", "CIFAR-10 through a band of four columns", "cifar10", {**COLUMNS, "band": 4},
         dict(widths=(64, 96, 192, 320, 384), depths=(2, 2, 2, 1), strides=(ONE, DOWN, DOWN, DOWN, DOWN), reaches=(2, 2, 2, 1, 1)),
         50, batch=96, window=10, patch=5),
    Task("crops-columns", "Box crops through a band of eight columns", "crops", {**COLUMNS, "band": 8},
         dict(widths=(48, 64, 128, 224, 320), depths=(1, 2, 2, 1), strides=(DOWN, DOWN, DOWN, DOWN, DOWN), reaches=(3, 3, 3, 2, 1)),
         20, batch=96, window=12, patch=8),
    Task("cifar10-splitting", "CIFAR-10 under splitting noise", "cifar10",
         {"method": "splitting-noise", "sigma": 0.5, "levels": levels_of(0.5)}, IMAGE, 20, batch=128),
    Task("cifar10-gaussian", "CIFAR-10 under Gaussian noise", "cifar10", {"method": "gaussian-smoothing", "sigma": 0.25}, IMAGE, 20, batch=128),
    Task("mnist-columns", "MNIST through a band of two columns", "mnist", {**COLUMNS, "band": 2},
         dict(widths=(32, 64, 96, 128), depths=(1, 1, 1), strides=(ONE, DOWN, DOWN, ONE), reaches=(2, 1, 1, 1)),
         6, flip=False, batch=96, window=14, patch=5),
    Task("mnist-ablation", "MNIST with 45 of 784 pixels kept", "mnist", {"method": "randomized-ablation", "retained": 45},
         dict(widths=(32, 64, 96, 128), depths=(1, 1, 1), strides=(ONE, HALF, HALF, ONE)), 12, flip=False, batch=128),
)}


def load(task: Task, data: Path, work: Path, limit: int = 0) -> tuple[Split, list[str], dict[str, np.ndarray]]:
    """Pictures, class names, and for crops the groups (photographs, scenes, cifar10) of training and test pictures."""
    if task.source == "cifar10":
        return load_cifar10(data, limit), CIFAR10, {}
    if task.source == "mnist":
        return load_mnist(data, limit), DIGITS, {}
    z = np.load(work / "crops.npz")
    parts = [Pictures(z[f"{part}_pixels"], z[f"{part}_labels"]) for part in ("train", "held", "test")]
    return Split(*parts), z["names"].tolist(), {"train": z["train_groups"], "test": z["test_groups"]}


def template_of(task: Task, shape: tuple[int, int, int]) -> np.ndarray:
    """The splitting noise's template (h, w, c): any will do, but it must be the same for ever, so the card keeps it."""
    return np.random.default_rng(0).integers(0, task.smoothing["levels"], shape)


class Sampler:
    """Draws batches: inputs of the network and labels. With `augment` False pictures stay as they are, noise aside."""

    def __init__(self, task: Task, pictures: Pictures, groups: np.ndarray | None, seed: int, augment: bool = True) -> None:
        self.task, self.rng, self.augment = task, np.random.default_rng(seed), augment
        self.labels = pictures.labels
        self.weights = None if groups is None else crop_weights(pictures.labels, groups)
        self.margin = 0 if not augment else 8 if task.source == "crops" else 4 if task.flip else 2
        if task.source == "crops":
            self.padded = pictures.pixels  # cut with its margin
        else:
            mode = "reflect" if task.flip else "constant"
            self.padded = np.pad(pictures.pixels, ((0, 0), (self.margin,) * 2, (self.margin,) * 2, (0, 0)), mode=mode)
        self.height, self.width = (side - 2 * self.margin for side in self.padded.shape[1:3])
        if task.method == "splitting-noise":
            self.template = template_of(task, (self.height, self.width, pictures.pixels.shape[3]))
            self.table = splitting_table(task.smoothing["levels"])

    def batch(self, count: int, window: int = 0) -> tuple[tuple[Tensor, ...], Tensor]:
        """Inputs of the network and labels (count,). Networks of bands get `window` neighbouring bands a picture, or
        all of them (0)."""
        r = self.rng
        chosen = r.choice(len(self.labels), count, p=self.weights) if self.weights is not None else r.integers(0, len(self.labels), count)
        columns = np.tile(np.arange(self.width), (count, 1))
        inputs: tuple[Tensor, ...] = ()
        if self.task.is_banded:
            first = r.integers(0, self.width, count) if window else np.zeros(count, np.int64)
            columns = band_columns(first, (window or self.width) + self.task.smoothing["band"] - 1, self.width)
            inputs = (torch.from_numpy(columns),)
        pixels = self.cut(chosen, columns)
        return (self.perturb(pixels), *inputs), torch.from_numpy(self.labels[chosen])

    def cut(self, chosen: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """The wanted columns of pictures moved by up to the margin, perhaps mirrored, crops also zoomed."""
        r, n = self.rng, len(chosen)
        across, down = r.integers(0, 2 * self.margin + 1, (2, n))
        if self.task.flip and self.augment:
            mirrored = r.random(n) < 0.5
            columns = np.where(mirrored[:, None], self.width - 1 - columns, columns)
        rows = np.tile(np.arange(self.height), (n, 1))
        if self.task.source == "crops" and self.augment:
            # Zoom by picking nearest rows and columns: the box of a detector is never quite the box.
            zoom_x, zoom_y = r.uniform(0.8, 1.2, (2, n, 1))
            columns = np.rint((columns - self.width / 2) * zoom_x + self.width / 2).astype(int)
            rows = np.rint((rows - self.height / 2) * zoom_y + self.height / 2).astype(int)
        columns = (columns + across[:, None]).clip(0, self.padded.shape[2] - 1)
        rows = (rows + down[:, None]).clip(0, self.padded.shape[1] - 1)
        return self.padded[chosen[:, None, None], rows[:, :, None], columns[:, None, :]]

    def perturb(self, pixels: np.ndarray) -> Tensor:
        """(n, h, w, channels) bytes to (n, channels', h, w) floats, as the network of the task takes them."""
        r, task = self.rng, self.task
        n = len(pixels)
        if task.method == "splitting-noise":
            x = torch.from_numpy(split(pixels, r.integers(0, task.smoothing["levels"], n), self.template, self.table))
            return x.permute(0, 3, 1, 2)
        x = torch.from_numpy(pixels).permute(0, 3, 1, 2).float().div_(255.0)  # channels last in memory
        if task.source == "crops" and self.augment:
            # Light and colour, the same over a crop.
            gain = torch.from_numpy(r.uniform(0.75, 1.3, (n, 1, 1, 1)) * r.uniform(0.93, 1.07, (n, 3, 1, 1))).float()
            x = (x * gain + torch.from_numpy(r.uniform(-0.08, 0.08, (n, 1, 1, 1))).float()).clamp_(0.0, 1.0)
        if task.method == "gaussian-smoothing":
            return x + task.smoothing["sigma"] * torch.randn_like(x)
        if task.method == "randomized-ablation":
            kept = random_pixels(r, n, self.height * self.width, task.smoothing["retained"])
            kept = torch.from_numpy(kept.reshape(n, 1, self.height, self.width)).float()
            return torch.cat([x, 1.0 - x], 1) * kept
        return x


def crop_weights(labels: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Half of a batch from photographs, the rest from drawn scenes and CIFAR-10; within each, rare classes more often."""
    weights = np.zeros(len(labels))
    for group, share in enumerate((0.6, 0.25, 0.15)):
        inside = groups == group
        if inside.any():
            counts = np.bincount(labels[inside], minlength=labels.max() + 1)
            w = counts[labels[inside]] ** -0.6
            weights[inside] = share * w / w.sum()
    return weights / weights.sum()
