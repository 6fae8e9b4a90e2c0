"""The network: dense convolutions on few channels, a light top-down/bottom-up neck, a decoupled head.

Dense rather than depthwise convolutions, because matrix units and onnxruntime's CPU kernels both run them at
several times the arithmetic rate, for training as for use. Seven of its feature maps have the channels and the stride
of maps inside the teacher (teacher.py), so that each stage can be taught on its own.
"""

import sys
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

sys.path.append(str(Path(__file__).resolve().parents[1]))

from classes import CLASSES

STRIDES = (8, 16, 32)


class Conv(nn.Sequential):
    def __init__(self, cin: int, cout: int, k: int = 1, stride: int = 1, act: type[nn.Module] | None = nn.ReLU):
        super().__init__(
            nn.Conv2d(cin, cout, k, stride, k // 2, bias=False),
            nn.BatchNorm2d(cout, eps=1e-3, momentum=0.03),
            *([act(inplace=True)] if act else []),
        )


class Residual(nn.Module):
    def __init__(self, c: int):
        super().__init__()
        self.a, self.b = Conv(c, c, 3), Conv(c, c, 3)

    def forward(self, x):
        return x + self.b(self.a(x))


class Stage(nn.Module):
    """A cross-stage partial block: every step's result reaches the output. What comes out is not rectified: batch norm
    gives each channel mean 0 and spread 1 from the start, as the teacher's maps have by the time they are compared."""

    def __init__(self, cin: int, cout: int, hidden: int, depth: int):
        super().__init__()
        self.hidden = hidden
        self.split = Conv(cin, 2 * hidden)
        self.steps = nn.ModuleList(Residual(hidden) for _ in range(depth))
        self.join = Conv((2 + depth) * hidden, cout, act=None)

    def forward(self, x):
        parts = list(self.split(x).split(self.hidden, 1))
        for step in self.steps:
            parts.append(step(parts[-1]))
        return self.join(torch.cat(parts, 1))


class PoolPyramid(nn.Module):
    """Three stacked 5x5 maxima (SPPF): context at no cost in parameters."""

    def __init__(self, c: int, hidden: int):
        super().__init__()
        self.inside, self.out = Conv(c, hidden), Conv(4 * hidden, c)

    def forward(self, x):
        parts = [self.inside(x)]
        for _ in range(3):
            parts.append(F.max_pool2d(parts[-1], 5, 1, 2))
        return self.out(torch.cat(parts, 1))


class Head(nn.Module):
    """One stride: (batch, 5 + classes, h, w) = x, y, w, h, objectness logit, class logits."""

    def __init__(self, c: int, classes: int):
        super().__init__()
        self.half = c
        self.tower = Conv(c, 2 * c, 3)
        self.box, self.classes = nn.Conv2d(c, 5, 1), nn.Conv2d(c, classes, 1)
        nn.init.zeros_(self.box.bias)
        nn.init.constant_(self.classes.bias, -4.6)  # everything starts as background with probability 0.99
        nn.init.constant_(self.box.bias[4:], -4.6)

    def forward(self, x):
        a, b = self.tower(x).split(self.half, 1)
        return torch.cat([self.box(a), self.classes(b)], 1)


class Isolated(dict):
    """Maps by name, read without their history."""

    def __getitem__(self, name: str) -> torch.Tensor:
        return super().__getitem__(name).detach()


class Detector(nn.Module):
    """(n, 3, h, w) RGB 0..255 to (n, cells, 5 + classes), cells of strides 8, 16, 32 row by row, logits."""

    def __init__(self, classes: int = len(CLASSES)):
        super().__init__()
        # Bare strided convolutions: at full resolution memory traffic, not arithmetic, costs the time.
        self.s4 = nn.Sequential(Conv(3, 16, 3, 2), Conv(16, 48, 3, 2))
        self.s8 = nn.Sequential(Conv(48, 64, 3, 2), Stage(64, 64, 48, 2))
        self.s16 = nn.Sequential(Conv(64, 128, 3, 2), Stage(128, 128, 48, 2))
        self.s32 = nn.Sequential(Conv(128, 192, 3, 2), PoolPyramid(192, 96), Stage(192, 128, 96, 2))
        self.up16, self.up8 = Stage(256, 64, 32, 1), Stage(128, 64, 32, 1)
        self.to16, self.to32 = Conv(64, 64, 3, 2), Conv(64, 64, 3, 2)
        self.down16, self.down32 = Stage(128, 64, 32, 1), Stage(192, 64, 32, 1)
        self.heads = nn.ModuleList(Head(64, classes) for _ in STRIDES)

    def features(self, x, given: dict[str, torch.Tensor] | None = None, isolated: bool = False) -> dict[str, torch.Tensor]:
        """The maps between the stages by name (teacher.POINTS). With `given`, the teacher's maps, each stage starts
        from the teacher's results instead of its predecessors': then all of them can learn at once. `isolated` stages
        start from their predecessors' results, but tell them nothing back."""
        f: dict[str, torch.Tensor] = Isolated() if isolated else {}
        g = f if given is None else given
        f["c8"] = self.s8(self.s4(x / 128 - 1))
        f["c16"] = self.s16(g["c8"])
        f["c32"] = self.s32(g["c16"])
        f["n16"] = self.up16(torch.cat([F.interpolate(g["c32"], scale_factor=2.0), g["c16"]], 1))
        f["p8"] = self.up8(torch.cat([F.interpolate(g["n16"], scale_factor=2.0), g["c8"]], 1))
        f["p16"] = self.down16(torch.cat([self.to16(g["p8"]), g["n16"]], 1))
        f["p32"] = self.down32(torch.cat([self.to32(g["p16"]), g["c32"]], 1))
        return f

    def answers(self, f: dict[str, torch.Tensor]) -> torch.Tensor:
        out = [head(f[p]).flatten(2) for head, p in zip(self.heads, ("p8", "p16", "p32"))]
        return torch.cat(out, 2).transpose(1, 2)

    def forward(self, x):
        return self.answers(self.features(x))


def grid(height: int, width: int):
    """(cells, 2) column and row, and (cells, 1) stride, for an input of `height` x `width` pixels."""
    cells, strides = [], []
    for s in STRIDES:
        y, x = torch.meshgrid(torch.arange(height // s), torch.arange(width // s), indexing="ij")
        cells.append(torch.stack([x.flatten(), y.flatten()], 1))
        strides.append(torch.full((x.numel(), 1), s))
    return torch.cat(cells).float(), torch.cat(strides).float()


def boxes_of(raw: torch.Tensor, cells: torch.Tensor, strides: torch.Tensor) -> torch.Tensor:
    """(…, cells, 4) raw x, y, w, h to x1, y1, x2, y2 in input pixels."""
    centre = (raw[..., :2] + cells) * strides
    half = raw[..., 2:4].clamp(max=8).exp() * strides / 2
    return torch.cat([centre - half, centre + half], -1)
