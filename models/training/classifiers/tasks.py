"""What each shipped classifier learns from, how its pictures are changed in training, and what its card says."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from data import CIFAR10, DIGITS, Pictures, Split, load_cifar10, load_mnist
from model import ImageNet2d, StripNet
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

    @property
    def method(self) -> str:
        return self.smoothing["method"]

    @property
    def is_pair(self) -> bool:
        return self.method in ("derandomized-smoothing", "randomized-ablation")

    def network(self, height: int, width: int, channels: int, classes: int) -> nn.Module:
        if self.method == "derandomized-smoothing":
            return StripNet(height, width, self.smoothing["band"], channels, classes, **self.trunk)
        return ImageNet2d(height, width, channels * (2 if self.is_pair else 1), classes, **self.trunk)


COLUMNS = {"method": "derandomized-smoothing", "ablation": "columns"}
IMAGE = dict(widths=(48, 96, 192), depths=(1, 2, 2), strides=(HALF, ONE, HALF, HALF))

TASKS = {task.name: task for task in (
    Task("cifar10-columns", "CIFAR-10 through a band of four columns", "cifar10", {**COLUMNS, "band": 4},
         dict(widths=(96, 160, 192), depths=(1, 2, 2), strides=(DOWN, ONE, DOWN, HALF)), 45),
    Task("crops-columns", "Box crops through a band of eight columns", "crops", {**COLUMNS, "band": 8},
         dict(widths=(64, 96, 160, 192), depths=(1, 1, 2, 2), strides=(HALF, ONE, DOWN, DOWN, HALF)), 12),
    Task("cifar10-splitting", "CIFAR-10 under splitting noise", "cifar10",
         {"method": "splitting-noise", "sigma": 0.5, "levels": levels_of(0.5)}, IMAGE, 12),
    Task("cifar10-gaussian", "CIFAR-10 under Gaussian noise", "cifar10", {"method": "gaussian-smoothing", "sigma": 0.25}, IMAGE, 12),
    Task("mnist-columns", "MNIST through a band of two columns", "mnist", {**COLUMNS, "band": 2},
         dict(widths=(32, 64, 96), depths=(1, 1, 1), strides=(ONE, DOWN, DOWN, ONE)), 5, flip=False),
    Task("mnist-ablation", "MNIST with 45 of 784 pixels kept", "mnist", {"method": "randomized-ablation", "retained": 45},
         dict(widths=(32, 64, 96), depths=(1, 1, 1), strides=(HALF, ONE, HALF, ONE)), 5, flip=False),
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

    def batch(self, count: int) -> tuple[tuple[Tensor, ...], Tensor]:
        r = self.rng
        if self.weights is None:
            chosen = r.integers(0, len(self.labels), count)
        else:
            chosen = r.choice(len(self.labels), count, p=self.weights)
        columns = np.tile(np.arange(self.width), (count, 1))
        inputs: tuple[Tensor, ...] = ()
        if self.task.method == "derandomized-smoothing":
            position = r.integers(0, self.width, count)
            columns = band_columns(position, self.task.smoothing["band"], self.width)
            inputs = (torch.from_numpy(position),)
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
        r, task = self.rng, self.task
        n = len(pixels)
        if task.method == "splitting-noise":
            return torch.from_numpy(split(pixels, r.integers(0, task.smoothing["levels"], n), self.template, self.table))
        x = torch.from_numpy(pixels).float().div_(255.0)
        if task.source == "crops" and self.augment:
            # Light and colour, the same over a strip.
            gain = torch.from_numpy(r.uniform(0.75, 1.3, (n, 1, 1, 1)) * r.uniform(0.93, 1.07, (n, 1, 1, 3))).float()
            x = (x * gain + torch.from_numpy(r.uniform(-0.08, 0.08, (n, 1, 1, 1))).float()).clamp_(0.0, 1.0)
        if task.method == "gaussian-smoothing":
            return x + task.smoothing["sigma"] * torch.randn(x.shape)
        if task.method == "randomized-ablation":
            kept = random_pixels(r, n, self.height * self.width, task.smoothing["retained"])
            kept = torch.from_numpy(kept.reshape(n, self.height, self.width, 1)).float()
            return torch.cat([x, 1.0 - x], 3) * kept
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
