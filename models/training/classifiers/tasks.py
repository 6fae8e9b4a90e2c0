"""What each shipped classifier learns from, how its pictures are changed in training, and what its card says."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from data import CIFAR10, DIGITS, Pictures, Split, load_cifar10, load_mnist
from model import BandNet, ImageNet2d
from smoothing import levels_of, split, splitting_table

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
    warp: float = 0.0  # how far pictures are turned, zoomed, sheared and recoloured in training; 1: strongly
    mix: float = 0.0  # share of the pictures that another one is mixed into, until networks of bands see whole pictures

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
         dict(widths=(64, 96, 192, 320, 384), depths=(2, 2, 2, 1), strides=(ONE, ONE, DOWN, DOWN, DOWN), reaches=(2, 2, 2, 1, 1)),
         50, batch=96, window=10, patch=5, warp=0.7, mix=0.6),
    Task("crops-columns", "Box crops through a band of eight columns", "crops", {**COLUMNS, "band": 8},
         dict(widths=(48, 64, 128, 224, 320), depths=(1, 2, 2, 1), strides=(DOWN, DOWN, DOWN, DOWN, DOWN), reaches=(3, 3, 3, 2, 1)),
         20, batch=96, window=12, patch=8),
    Task("cifar10-splitting", "CIFAR-10 under splitting noise", "cifar10",
         {"method": "splitting-noise", "sigma": 0.5, "levels": levels_of(0.5)}, IMAGE, 20, batch=128),
    Task("cifar10-splitting-wide", "CIFAR-10 under wide splitting noise", "cifar10",
         {"method": "splitting-noise", "sigma": 2.0, "levels": levels_of(2.0)},
         dict(widths=(48, 48, 96, 176), depths=(1, 2, 2), strides=(ONE, HALF, HALF, HALF)), 20, batch=128),
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
    """Draws batches on `device`: inputs of the network and labels. With `augment` False pictures stay as they are, noise
    aside. All pictures lie in the memory of the device, and so does the arithmetic: a GPU never waits for the processor."""

    def __init__(self, task: Task, pictures: Pictures, groups: np.ndarray | None, classes: int, seed: int, augment: bool = True,
                 device: torch.device | str = "cpu") -> None:
        self.task, self.augment, self.device = task, augment, device
        self.warp = task.warp if augment else 0.0
        self.labels = torch.from_numpy(pictures.labels).to(device)
        self.certain = torch.eye(classes, device=device)
        shares = None if groups is None else crop_weights(pictures.labels, groups).cumsum()
        self.shares = None if shares is None else torch.from_numpy(shares / shares[-1]).float().to(device)
        self.margin = 0 if not augment else 8 if task.source == "crops" else 4 if task.flip else 2
        padded = pictures.pixels  # crops are cut with their margin
        if task.source != "crops":
            mode = "reflect" if task.flip else "constant"
            padded = np.pad(padded, ((0, 0), (self.margin,) * 2, (self.margin,) * 2, (0, 0)), mode=mode)
        self.padded = torch.from_numpy(padded).to(device)
        self.height, self.width = (side - 2 * self.margin for side in padded.shape[1:3])
        if task.method == "splitting-noise":
            self.template = torch.from_numpy(template_of(task, (self.height, self.width, padded.shape[3]))).to(device)
            self.table = torch.from_numpy(splitting_table(task.smoothing["levels"])).to(device)
        self.reseed(seed)

    def reseed(self, seed: int) -> None:
        self.random = torch.Generator(self.device).manual_seed(seed)

    def uniform(self, low: float, high: float, *shape: int) -> Tensor:
        return low + (high - low) * torch.rand(shape, generator=self.random, device=self.device)

    def integers(self, end: int, *shape: int) -> Tensor:
        return torch.randint(end, shape, generator=self.random, device=self.device)

    def batch(self, count: int, window: int = 0, mix: bool = False) -> tuple[tuple[Tensor, ...], Tensor, Tensor]:
        """Inputs of the network, labels (count,) and targets (count, classes), which differ from the labels where another
        picture was mixed in (`mix`). Networks of bands get `window` neighbouring bands a picture, or all of them (0)."""
        if self.shares is None:
            chosen = self.integers(len(self.labels), count)
        else:
            chosen = torch.searchsorted(self.shares, self.uniform(0, 1, count)).clamp_(max=len(self.labels) - 1)
        columns = torch.arange(self.width, device=self.device).expand(count, -1)
        inputs: tuple[Tensor, ...] = ()
        if self.task.is_banded:
            first = self.integers(self.width, count) if window else torch.zeros(count, dtype=torch.long, device=self.device)
            along = torch.arange((window or self.width) + self.task.smoothing["band"] - 1, device=self.device)
            columns = (first[:, None] + along) % self.width
            inputs = (columns,)
        x = self.perturb(self.cut(chosen, columns))
        labels = self.labels[chosen]
        targets = self.certain[labels]
        if mix and self.task.mix:
            other = chosen.roll(1)
            x, share = self.mixed(x, self.perturb(self.cut(other, columns)))
            targets = share * targets + (1.0 - share) * targets.roll(1, 0)
        return (x, *inputs), labels, targets

    def mixed(self, x: Tensor, other: Tensor) -> tuple[Tensor, Tensor]:
        """Each picture with a share of another: half of those that are mixed at all are the sum of both (mixup, Zhang et al.
        2018), in the other half some rows are the other's (CutMix, Yun et al. 2019, for bands: all columns of those rows).
        Also returns the share of the first (n, 1)."""
        n = len(x)
        share = self.uniform(0, 1, n, 1)
        share = torch.where(self.uniform(0, 1, n, 1) < self.task.mix, share, 1.0)
        first = self.uniform(0, 1, n, 1) * share  # where the rows of the other begin, as part of the height
        rows = (torch.arange(self.height, device=self.device) + 0.5) / self.height
        inside = (rows >= first) & (rows < first + 1.0 - share)
        is_sum = self.uniform(0, 1, n, 1) < 0.5
        kept = torch.where(is_sum, share, 1.0 - inside.float())
        share = kept.mean(1, keepdim=True)
        kept = kept[:, None, :, None]
        return x * kept + other * (1.0 - kept), share

    def cut(self, chosen: Tensor, columns: Tensor) -> Tensor:
        """The wanted columns of pictures moved by up to the margin, perhaps mirrored, crops also zoomed: (n, h, w, channels)
        bytes."""
        n = len(chosen)
        across, down = self.integers(2 * self.margin + 1, 2, n, 1)
        if self.task.flip and self.augment:
            columns = torch.where(self.uniform(0, 1, n, 1) < 0.5, self.width - 1 - columns, columns)
        rows = torch.arange(self.height, device=self.device).expand(n, -1)
        if self.task.source == "crops" and self.augment:
            # Zoom by picking nearest rows and columns: the box of a detector is never quite the box.
            zoom_x, zoom_y = self.uniform(0.8, 1.2, 2, n, 1)
            columns = ((columns - self.width / 2) * zoom_x + self.width / 2).round().long()
            rows = ((rows - self.height / 2) * zoom_y + self.height / 2).round().long()
        if self.warp:
            return self.warped(chosen, rows + down, columns + across)
        columns = (columns + across).clamp(0, self.padded.shape[2] - 1)
        rows = (rows + down).clamp(0, self.padded.shape[1] - 1)
        return self.padded[chosen[:, None, None], rows[:, :, None], columns[:, None, :]]

    def warped(self, chosen: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
        """The wanted rows (n, h) and columns (n, w) of padded pictures turned, zoomed and sheared about their middle, between
        pixels bilinear: (n, h, w, channels), 0..255."""
        n, most = len(chosen), self.warp
        tall, wide = self.padded.shape[1:3]
        log_zoom = self.uniform(-0.25, 0.25, n, 1, 1) * most
        down, across = ((log_zoom + self.uniform(-0.1, 0.1, n, 1, 1) * most).exp() for _ in range(2))
        turn, shear = self.uniform(-0.25, 0.25, n, 1, 1) * most, self.uniform(-0.15, 0.15, n, 1, 1) * most
        y = (rows - (tall - 1) / 2)[:, :, None] * down
        x = (columns - (wide - 1) / 2)[:, None, :] * across
        y, x = y + (turn + shear) * x + (tall - 1) / 2, x - turn * y + (wide - 1) / 2
        y, x = y.clamp(0, tall - 1.001), x.clamp(0, wide - 1.001)
        y0, x0 = y.long(), x.long()
        fy, fx = (y - y0)[..., None], (x - x0)[..., None]
        flat = self.padded.flatten(0, 2)
        at = (chosen[:, None, None] * tall + y0) * wide + x0
        top = torch.lerp(flat[at].float(), flat[at + 1].float(), fx)
        bottom = torch.lerp(flat[at + wide].float(), flat[at + wide + 1].float(), fx)
        return torch.lerp(top, bottom, fy)

    def recoloured(self, x: Tensor) -> Tensor:
        """Brightness, contrast, saturation and cast, the same over a picture (n, channels, h, w)."""
        n, most = len(x), self.warp

        def about(reach: float, channels: int = 1) -> Tensor:
            return 1.0 + most * self.uniform(-reach, reach, n, channels, 1, 1)

        grey = x.mean(1, keepdim=True)
        x = grey + (x - grey) * about(0.4)
        x = 0.5 + (x - 0.5) * about(0.3)
        return x * about(0.2) * about(0.06, 3) + most * self.uniform(-0.08, 0.08, n, 1, 1, 1)

    def perturb(self, pixels: Tensor) -> Tensor:
        """(n, h, w, channels) bytes to (n, channels', h, w) floats, as the network of the task takes them."""
        task, n = self.task, len(pixels)
        if task.method == "splitting-noise":
            shift = self.integers(task.smoothing["levels"], n)
            return split(pixels.long(), shift, self.template, self.table).permute(0, 3, 1, 2)
        x = pixels.permute(0, 3, 1, 2).float().div_(255.0)  # channels last in memory
        if task.source == "crops" and self.augment:
            # Light and colour, the same over a crop.
            gain = self.uniform(0.75, 1.3, n, 1, 1, 1) * self.uniform(0.93, 1.07, n, 3, 1, 1)
            x = (x * gain + self.uniform(-0.08, 0.08, n, 1, 1, 1)).clamp_(0.0, 1.0)
        if task.warp and self.augment:
            x = self.recoloured(x)
        if task.method == "gaussian-smoothing":
            noise = torch.randn(x.shape, generator=self.random, device=self.device)
            return x + task.smoothing["sigma"] * noise
        if task.method == "randomized-ablation":
            order = self.uniform(0, 1, n, self.height * self.width).topk(task.smoothing["retained"], 1).indices
            kept = torch.zeros(n, self.height * self.width, device=self.device).scatter_(1, order, 1.0)
            return torch.cat([x, 1.0 - x], 1) * kept.view(n, 1, self.height, self.width)
        return x


def crop_weights(labels: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Half of a batch from photographs, the rest from drawn scenes and CIFAR-10; within each, rare classes more often."""
    weights = np.zeros(len(labels))
    for group, share in enumerate((0.55, 0.2, 0.25)):
        inside = groups == group
        if inside.any():
            counts = np.bincount(labels[inside], minlength=labels.max() + 1)
            w = counts[labels[inside]] ** -0.6
            weights[inside] = share * w / w.sum()
    return weights / weights.sum()
